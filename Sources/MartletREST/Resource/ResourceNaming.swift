import MartletCore
import MartletHTTP
public import MartletORM

/// What a resource calls its fields, and which of them it takes and never shows.
struct ResourceNaming<M: Model>: Sendable {
  var writeOnly: [Resource<M>.FieldList] = []
  var renamed: [(name: String, field: Resource<M>.FieldList)] = []
}

extension Resource {
  /// These fields are taken as input and never shown: not in rows, filters, orders or exports. Also columns that are `hidden` or
  /// `secret` may be listed.
  ///
  /// ```swift
  /// Resource(Card.self).writeOnly { $0.pin }
  /// ```
  public func writeOnly(@FieldListBuilder _ fields: @escaping @Sendable (M.Fields) -> [FieldExpression]) -> Self {
    naming { $0.writeOnly.append(fields) }
  }
  /// A field has this name in the API: in rows, input, filters, orders, errors and the API's document alike. The
  /// path of a file keeps the property's.
  ///
  /// ```swift
  /// Resource(Article.self).renamed("writer") { $0.author }   // {"writer": 1}, ?writer.name=ann, ?expand=writer
  /// ```
  public func renamed(_ name: String, @FieldListBuilder _ field: @escaping @Sendable (M.Fields) -> [FieldExpression]) -> Self {
    naming { $0.renamed.append((name, field)) }
  }

  private func naming(_ change: (inout ResourceNaming<M>) -> Void) -> Self {
    var copy = self
    change(&copy.naming)
    return copy
  }

  /// The resolver of the names that the resource has chosen.
  func resolver(_ style: FieldNaming) -> FieldResolver {
    var resolver = FieldResolver(M.schema, naming: style)
    let members = M.Fields(Path(M.self))
    for list in naming.writeOnly {
      resolver.writeOnly.formUnion(list(members).compactMap { M.schema.ownColumn(of: $0.node) })
    }
    for (name, list) in naming.renamed {
      for expression in list(members) where expression.related == nil {
        if let index = M.schema.ownColumn(of: expression.node) { resolver.names[index] = name }
      }
    }
    return resolver
  }

  /// What is wrong with the names of the resource, now that its fields are known.
  func addNamingMistakes(_ shape: inout ResourceShape) {
    let members = M.Fields(Path(M.self))
    func isOwn(_ expression: FieldExpression) -> Bool {
      expression.related == nil && M.schema.ownColumn(of: expression.node) != nil
    }
    var mistakes: [(id: String, text: String, hint: String)] = []
    for (modifier, lists) in [("writeOnly", naming.writeOnly), ("renamed", naming.renamed.map(\.field))] {
      for expression in lists.flatMap({ $0(members) }) where !isOwn(expression) {
        mistakes.append(
          (
            "rest.E001", "A field in .\(modifier) of the resource “\(path)” is left out: it is no column of \(M.self).",
            "List columns of the model itself, such as $0.title or $0.author."
          ))
      }
    }
    for (name, list) in naming.renamed where list(members).count != 1 || !FieldResolver.isName(name) {
      mistakes.append(
        (
          "rest.E031", "“\(name.prefix(40))” in .renamed of the resource “\(path)” is no name for one field.",
          "Write letters, digits and underscores, and list one field."
        ))
    }
    for field in readOnlyFields.flatMap({ $0(members) }) {
      if let index = M.schema.ownColumn(of: field.node), shape.resolver.writeOnly.contains(index) {
        mistakes.append(
          (
            "rest.E032", "\(M.self).\(M.schema.columns[index].property) is read-only and write-only in the resource “\(path)”.",
            "Leave it out of one of the two, or use .hidden."
          ))
      }
    }
    let names = shape.fields.map(\.name)
    for name in Set(names).sorted() where names.count(where: { $0 == name }) > 1 {
      mistakes.append(
        ("rest.E033", "Two fields of the resource “\(path)” are called “\(name)”.", "Rename or hide one of them."))
    }
    shape.mistakes += mistakes.map { CheckMessage($0.id, .error, $0.text, hint: $0.hint, object: shape.source.description) }
  }
}

extension FieldResolver {
  /// Whether a name can stand in a query string without meaning something else: dots and brackets do.
  static func isName(_ name: String) -> Bool {
    !name.isEmpty
      && name.unicodeScalars.allSatisfy { $0.properties.isAlphabetic || $0.properties.numericType != nil || $0 == "_" }
  }
}
