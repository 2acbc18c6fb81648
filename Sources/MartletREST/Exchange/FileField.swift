public import MartletCore
import MartletHTTP
public import MartletORM

/// A file of a row, as a resource declares it.
struct FileDeclaration<M: Model>: Sendable {
  var column: @Sendable (M.Fields) -> FieldExpression
  var maxSize: ByteSize
  var types: [String]
}

/// The same without the model's type.
package struct FileField: Sendable {
  /// The column's place in the schema.
  var index: Int
  /// The field's name in JSON.
  package var name: String
  /// The last part of the path: `cover`.
  package var segment: String
  package var maxSize: ByteSize
  /// Media types or ranges; empty for all.
  package var types: [String]

  /// Whether a media type may be stored.
  func takes(_ essence: String) -> Bool {
    types.isEmpty || types.contains { MediaRange($0)?.precision(for: essence) != nil }
  }
}

extension Resource {
  /// The row has a file at a path of its own: `GET`, `PUT` and `DELETE /articles/{id}/cover`.
  ///
  /// ```swift
  /// Resource(Article.self).file(maxSize: .megabytes(5), types: "image/png", "image/jpeg") { $0.cover }
  /// ```
  /// PUT takes the bytes as they are and stores them without holding them in memory; who may update the row may do so, and
  /// who may read the row may read the file. In the row's JSON the field is that path, or null. Files are kept in the
  /// folder of the setting `MEDIA_ROOT`.
  ///
  /// - Parameters:
  ///   - maxSize: The most bytes to take; more is 413.
  ///   - types: The media types to take, also as ranges (`image/*`); others are 415. Without any, all.
  public func file(
    maxSize: ByteSize = .megabytes(10), types: String..., column: @escaping @Sendable (M.Fields) -> Expr<StoredFile?>
  ) -> Self {
    with {
      $0.exchange.files.append(
        FileDeclaration(
          column: { FieldExpression(node: column($0).node) }, maxSize: maxSize, types: types.map { $0.lowercased() }))
    }
  }
}

extension FileDeclaration {
  func field(of resource: Resource<M>, _ shape: inout ResourceShape) -> FileField? {
    guard case .column(let reference) = column(M.Fields(Path(M.self))).node, reference.path.parent == nil,
      case let found = shape.schema.columns[reference.index], found.isFile
    else {
      shape.mistakes.append(
        CheckMessage(
          "rest.E023", .error, "A file of the resource “\(resource.path)” is no column of \(M.self) for files.",
          hint: "Declare var cover: StoredFile? and write .file { $0.cover }.", object: shape.source.description))
      return nil
    }
    return FileField(
      index: reference.index, name: shape.resolver.name(at: reference.index),
      segment: Naming.snakeCase(found.property).split(separator: "_").joined(separator: "-"), maxSize: maxSize, types: types)
  }
}
