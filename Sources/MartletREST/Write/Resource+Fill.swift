public import MartletORM
public import MartletSQL
import MartletCore

/// A column that the server gives its value when a row is created.
struct ColumnFill<M: Model>: Sendable {
  var column: @Sendable (M.Fields) -> Node
  var value: @Sendable (ResourceContext) async throws -> SQLValue
}

extension Resource {
  /// Gives a column its value when a row is created: clients need not send it, and may not.
  ///
  /// ```swift
  /// .fill { $0.source } with: { context in context.request.headers["User-Agent"] ?? "unknown" }
  /// ```
  /// The closure runs inside the transaction, before the input is read. The field is read-only from then on.
  public func fill<V: ColumnValue>(
    _ column: @escaping @Sendable (M.Fields) -> Expr<V>, with value: @escaping @Sendable (ResourceContext) async throws -> V
  ) -> Self {
    filling({ column($0).node }) { try await value($0).sqlValue }
  }
  /// Gives a reference its key when a row is created.
  public func fill<F: ModelFields>(
    _ relation: @escaping @Sendable (M.Fields) -> F, with value: @escaping @Sendable (ResourceContext) async throws -> F.M.ID
  ) -> Self {
    filling({ relation($0).joinPath.keyColumn }) { try await value($0).sqlValue }
  }
  /// Gives a nullable reference its key, or none, when a row is created.
  public func fill<F: ModelFields>(
    _ relation: @escaping @Sendable (M.Fields) -> Maybe<F>,
    with value: @escaping @Sendable (ResourceContext) async throws -> F.M.ID?
  ) -> Self {
    filling({ relation($0).base.joinPath.keyColumn }) { try await value($0)?.sqlValue ?? .null }
  }

  /// Whoever creates a row is what this reference points to: `.owner { $0.author }`.
  ///
  /// An anonymous caller is answered with 401.
  public func owner<F: ModelFields>(_ relation: @escaping @Sendable (M.Fields) -> F) -> Self {
    filling({ relation($0).joinPath.keyColumn }) { try $0.viewerKey() }
  }
  /// Whoever creates a row is what this reference points to; nobody for an anonymous caller.
  public func owner<F: ModelFields>(_ relation: @escaping @Sendable (M.Fields) -> Maybe<F>) -> Self {
    filling({ relation($0).base.joinPath.keyColumn }) { $0.viewer.isAuthenticated ? try $0.viewerKey() : .null }
  }

  private func filling(
    _ column: @escaping @Sendable (M.Fields) -> Node, _ value: @escaping @Sendable (ResourceContext) async throws -> SQLValue
  ) -> Self {
    var copy = self
    copy.writing.fills.append(ColumnFill(column: column, value: value))
    return copy
  }
}

extension ResourceContext {
  /// - Throws: ``ORMError`` of kind `forbidden` for an anonymous caller.
  fileprivate func viewerKey() throws -> SQLValue {
    guard let id = viewer.id else { throw ORMError(.forbidden, "an anonymous viewer owns nothing") }
    return SQLValue(id)
  }
}

extension Path {
  /// The key of the row at the path's end.
  fileprivate var keyColumn: Node { .column(ColumnReference(path: self, index: schema.primaryKeyIndex)) }
}

extension Resource {
  /// The places of the columns that the server fills, with what is wrong with the others.
  var filledColumns: (indexes: Set<Int>, mistakes: [CheckMessage]) {
    let members = M.Fields(Path(M.self))
    var indexes: Set<Int> = [], mistakes: [CheckMessage] = []
    for fill in writing.fills {
      if let index = M.schema.ownColumn(of: fill.column(members)) {
        indexes.insert(index)
      } else {
        mistakes.append(
          CheckMessage(
            "rest.E001", .error, "A field in .fill of the resource “\(path)” is left out: it is no column of \(M.self).",
            hint: "Fill columns of the model itself, such as $0.author or $0.source.", object: "\(source.file):\(source.line)"))
      }
    }
    return (indexes, mistakes)
  }
}
