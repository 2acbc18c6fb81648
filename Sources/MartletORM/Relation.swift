package import MartletCore
import MartletSQL

/// A to-one relation, as the SQL compiler sees it; ``ToOne`` knows the types.
public class AnyRelation: @unchecked Sendable {  // No lock: each stored property is a `let` of a Sendable type; in ToOne too.
  package let name: String
  package let isNullable: Bool
  package let target: @Sendable () -> ModelSchema
  /// The columns of the owner's table, where the owner holds the reference: one, or as many as the other key has.
  package let foreignKeyColumns: [String]
  /// The column of the owner's table, where it alone is the reference.
  package var foreignKeyColumn: String? { foreignKeyColumns.count == 1 ? foreignKeyColumns[0] : nil }

  init(name: String, isNullable: Bool, foreignKeyColumns: [String], target: @escaping @Sendable () -> ModelSchema) {
    self.name = name
    self.isNullable = isNullable
    self.foreignKeyColumns = foreignKeyColumns
    self.target = target
  }

  /// The columns that a join compares, in pairs.
  func joinColumns(owner: ModelSchema, target: ModelSchema) -> [(owner: String, target: String)] {
    foreignKeyColumns.isEmpty
      ? zip(owner.primaryKeyColumns.map(\.name), inverseColumns).map { ($0, $1) }
      : zip(foreignKeyColumns, target.primaryKeyColumns.map(\.name)).map { ($0, $1) }
  }
  /// The columns of the other table that refer to the owner, where the owner does not hold the reference.
  package var inverseColumns: [String] { [] }
  func joinNode(children: [IncludeTree]) throws -> AnyObject { throw Self.mismatch }
  /// Under which condition the viewer may read the row that `path` leads to; `nil` where its model declares no policy.
  package func readCondition(at path: Path, for viewer: Viewer) -> Node? { nil }
  package func loadedRow(of owner: any Model) throws -> LoadedRow<any Model> { throw Self.mismatch }
  func mutateLoaded(_ owner: inout any Model, _ body: (inout any Model) throws -> Void) throws { throw Self.mismatch }

  /// Cannot happen: the macro writes relations and rows of the same types.
  static let mismatch = ORMError(.invalidExpression, "a relation was used with a row of another model")
}

/// A to-one relation between two models: a foreign key, or a one-to-one relation seen from its far side.
public final class ToOne<O: Model, T: Model>: AnyRelation, @unchecked Sendable {  // No lock: three `let`s of Sendable closures.
  private let get: @Sendable (O) -> LoadedRow<T>
  private let set: @Sendable (inout O, T?) -> Void
  private let inverse: (@Sendable () -> [String])?

  /// The owner holds the reference.
  public init(
    _ name: String, column: String, isNullable: Bool, get: @escaping @Sendable (O) -> T?,
    set: @escaping @Sendable (inout O, T) -> Void
  ) {
    self.get = { owner in
      if let row = get(owner) { return .row(row) }
      let index = O.schema.columns.firstIndex { $0.name == column }
      return index.map { owner.columnValue(at: $0).isNull } == true ? .absent : .notLoaded
    }
    self.set = { owner, row in if let row { set(&owner, row) } }
    inverse = nil
    super.init(name: name, isNullable: isNullable, foreignKeyColumns: [column], target: { T.schema })
  }
  /// Several columns of the owner are the reference.
  /// - Parameter key: The other row's key by the owner's columns, in their order.
  public init(
    _ name: String, columns: [String], isNullable: Bool, key: @escaping @Sendable (O) -> T.ID?,
    get: @escaping @Sendable (O) -> LoadedRow<T>, set: @escaping @Sendable (inout O, T?) -> Void
  ) {
    self.get = { owner in
      if case .row(let row) = get(owner) { return .row(row) }
      return key(owner) == nil ? .absent : get(owner)
    }
    self.set = set
    inverse = nil
    super.init(name: name, isNullable: isNullable, foreignKeyColumns: columns, target: { T.schema })
  }
  /// The other side holds the reference.
  public convenience init(
    _ name: String, inverse: @escaping @Sendable (T.Fields) -> O.Fields, get: @escaping @Sendable (O) -> LoadedRow<T>,
    set: @escaping @Sendable (inout O, T?) -> Void
  ) {
    self.init(
      name, inverseColumns: { inverse(T.Fields(Path(T.self))).joinPath.relation?.foreignKeyColumns ?? [] }, get: get, set: set)
  }
  /// The other side holds a nullable reference.
  public convenience init(
    _ name: String, inverse: @escaping @Sendable (T.Fields) -> Maybe<O.Fields>, get: @escaping @Sendable (O) -> LoadedRow<T>,
    set: @escaping @Sendable (inout O, T?) -> Void
  ) {
    self.init(
      name, inverseColumns: { inverse(T.Fields(Path(T.self))).base.joinPath.relation?.foreignKeyColumns ?? [] }, get: get,
      set: set)
  }
  private init(
    _ name: String, inverseColumns: @escaping @Sendable () -> [String], get: @escaping @Sendable (O) -> LoadedRow<T>,
    set: @escaping @Sendable (inout O, T?) -> Void
  ) {
    self.get = get
    self.set = set
    inverse = inverseColumns
    super.init(name: name, isNullable: true, foreignKeyColumns: [], target: { T.schema })
  }

  override package var inverseColumns: [String] { inverse?() ?? [] }

  override func joinNode(children: [IncludeTree]) throws -> AnyObject {
    let kids = try children.map { child in
      guard let node = try child.relation.joinNode(children: child.children) as? JoinNode<T> else { throw Self.mismatch }
      return node
    }
    let width = T.schema.columns.count + kids.reduce(0) { $0 + $1.width }
    let keyIndex = T.schema.primaryKeyIndex, set = set, marksAbsence = foreignKeyColumn == nil
    return JoinNode<O>(width: width) { owner, row in
      if row.isNull(offset: keyIndex) {
        row.skip(width)
        if marksAbsence { set(&owner, nil) }
        return
      }
      var value = try T(row: &row)
      for kid in kids { try kid.apply(&value, &row) }
      set(&owner, value)
    }
  }
  override package func readCondition(at path: Path, for viewer: Viewer) -> Node? {
    T.policy.isDeclared ? T.policy.condition(.read, T.Fields(path), viewer) : nil
  }
  override package func loadedRow(of owner: any Model) throws -> LoadedRow<any Model> {
    guard let owner = owner as? O else { throw Self.mismatch }
    switch get(owner) {
    case .notLoaded: return .notLoaded
    case .absent: return .absent
    case .row(let row): return .row(row)
    }
  }
  override func mutateLoaded(_ owner: inout any Model, _ body: (inout any Model) throws -> Void) throws {
    guard var typed = owner as? O else { throw Self.mismatch }
    guard case .row(let row) = get(typed) else { return }
    var target: any Model = row
    try body(&target)
    guard let changed = target as? T else { throw Self.mismatch }
    set(&typed, changed)
    owner = typed
  }
}

/// Reads the joined columns of a relation into its owner.
final class JoinNode<O: Model>: Sendable {
  let width: Int
  let apply: @Sendable (inout O, inout Row) throws -> Void
  init(width: Int, apply: @escaping @Sendable (inout O, inout Row) throws -> Void) {
    self.width = width
    self.apply = apply
  }
}

/// The to-one relations that a query loads by joining.
struct IncludeTree: Sendable {
  var relation: AnyRelation
  var children: [IncludeTree]
}
