import MartletCore
import MartletHTTP
public import MartletORM

/// What a resource declares of the HTTP around its rows: conditions, idempotency, files.
struct ResourceExchange<M: Model>: Sendable {
  var version: (@Sendable (M.Fields) -> FieldExpression)?
  var isMatchRequired = false
  var idempotency: IdempotencyOptions?
  var files: [FileDeclaration<M>] = []
}

extension Resource {
  /// The column that changes with every write of the row, from which its `ETag` is made; without this, all columns.
  ///
  /// ```swift
  /// Resource(Post.self).version { $0.updatedAt }
  /// ```
  /// Everything that writes rows must change the column then, or lost updates are not seen. Columns that change without
  /// anybody's doing, as a counter of views, are a reason to name one.
  public func version<V>(_ column: @escaping @Sendable (M.Fields) -> Expr<V>) -> Self {
    with { $0.exchange.version = { FieldExpression(node: column($0).node) } }
  }
  /// Refuses PUT, PATCH and DELETE without `If-Match` or `If-None-Match` with 428 (RFC 6585), so that nobody overwrites what
  /// they have not seen. So it does with writes of files and with actions on one row; changing and deleting many rows at once
  /// is always refused.
  public func requireMatch() -> Self { with { $0.exchange.isMatchRequired = true } }
  /// POST takes an `Idempotency-Key`: the same key sent again gets the first answer again, and creates nothing.
  ///
  /// ```swift
  /// Resource(Order.self).idempotent(required: true, lifetime: .seconds(7 * 86_400))
  /// ```
  /// The answers are kept in the table of ``IdempotencyRecord``, which must be among the app's models (``RESTModels``).
  ///
  /// - Parameters:
  ///   - required: Whether a POST without a key is refused with 400.
  ///   - lifetime: How long an answer is kept.
  public func idempotent(required: Bool = false, lifetime: Duration = .seconds(86_400)) -> Self {
    with { $0.exchange.idempotency = IdempotencyOptions(isRequired: required, lifetime: lifetime) }
  }
}

/// The same without the model's type: read by handlers, OpenAPI and checks.
package struct ExchangeShape: Sendable {
  /// The places of the columns that make up the state of a row.
  var stateIndexes: [Int] = []
  package var isMatchRequired = false
  package var idempotency: IdempotencyOptions?
  package var files: [FileField] = []
}

extension Resource {
  /// Resolves what was declared to columns.
  func exchangeShape(_ shape: inout ResourceShape) {
    shape.exchange.isMatchRequired = exchange.isMatchRequired
    shape.exchange.idempotency = exchange.idempotency
    let columns = shape.schema.columns
    // That a secret changed is nobody's business, but where the resource takes it, no change may be lost.
    shape.exchange.stateIndexes = columns.indices.filter {
      !columns[$0].options.secret || shape.resolver.writeOnly.contains($0)
    }
    shape.exchange.files = exchange.files.compactMap { $0.field(of: self, &shape) }
    guard let version = exchange.version else { return }
    if case .column(let column) = version(M.Fields(Path(M.self))).node, column.path.parent == nil {
      shape.exchange.stateIndexes = [shape.schema.primaryKeyIndex, column.index]
    } else {
      shape.mistakes.append(
        CheckMessage(
          "rest.E020", .error, "The version of the resource “\(path)” is no column of \(M.self), so all its columns count.",
          hint: "Name a column that every write changes: .version { $0.updatedAt }.", object: shape.source.description))
    }
  }
}
