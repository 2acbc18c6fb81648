public import MartletCore
public import MartletORM

/// Collects what is wrong with a row, by its fields: see ``Resource/validate(_:)``.
public struct RowErrors<M: Model>: Sendable {
  private let resolver: FieldResolver
  /// What was added, in the API's naming.
  public private(set) var errors: [FieldError] = []

  init(_ resolver: FieldResolver) { self.resolver = resolver }

  /// Adds an error of a field: `errors.add(\.ends, code: "too_early", "It ends before it starts.")`.
  public mutating func add<V>(_ field: KeyPath<M.Fields, Expr<V>>, code: String, _ message: String) {
    append(M.Fields(Path(M.self))[keyPath: field].node, code, message)
  }
  /// Adds an error of a reference.
  public mutating func add<F: ModelFields>(_ field: KeyPath<M.Fields, F>, code: String, _ message: String) {
    append(.key(of: M.Fields(Path(M.self))[keyPath: field].joinPath), code, message)
  }
  /// Adds an error of a nullable reference.
  public mutating func add<F: ModelFields>(_ field: KeyPath<M.Fields, Maybe<F>>, code: String, _ message: String) {
    append(.key(of: M.Fields(Path(M.self))[keyPath: field].base.joinPath), code, message)
  }
  /// Adds an error of the row as a whole.
  public mutating func add(code: String, _ message: String) { errors.append(FieldError("", code: code, message)) }

  /// A field that the API does not show is not named either.
  private mutating func append(_ node: Node, _ code: String, _ message: String) {
    let name = resolver.schema.ownColumn(of: node).flatMap { resolver.field(at: $0)?.name }
    errors.append(FieldError(name ?? "", code: code, message))
  }
}
