import MartletCore
public import MartletSQL

/// A query over a model's table: a value. Nothing runs until a method gets a database.
///
/// ```swift
/// let posts = try await Post
///   .filter { $0.status == .published && $0.author.name.contains("n") }
///   .order { $0.publishedAt.desc }.limit(10)
///   .with { $0.author }
///   .all(db)
/// ```
public struct Query<M: Model>: Sendable {
  package let root: Path
  package var filter: Node?
  package var orders: [Ordering] = []
  package var limit: Int?
  package var offset: Int?
  package var isDistinct = false
  package var lock: RowLock?
  var joins: [IncludeTree] = []
  var prefetches: [Prefetch<M>] = []

  /// All rows.
  public init() { root = Path(M.self) }
  /// All rows, for expressions that were made with this root.
  package init(root: Path) { self.root = root }

  package var fields: M.Fields { M.Fields(root) }

  /// Only the rows for which the condition holds; several filters must all hold.
  public func filter(_ condition: (M.Fields) -> Expr<Bool>) -> Self { filter(node: condition(fields).node) }
  package func filter(node: Node) -> Self { with { $0.filter = filter.map { .and($0, node) } ?? node } }
  /// Only the rows for which the condition does not hold.
  public func exclude(_ condition: (M.Fields) -> Expr<Bool>) -> Self { filter { !condition($0) } }
  /// In this order; a second call adds further keys.
  public func order(_ keys: ((M.Fields) -> Ordering)...) -> Self { with { $0.orders += keys.map { $0(fields) } } }
  package func order(by keys: [Ordering]) -> Self { with { $0.orders += keys } }
  /// In no order: drops the keys set so far.
  public func unordered() -> Self { with { $0.orders = [] } }
  /// At most so many rows, after the first `offset`. Negative numbers count as 0.
  public func limit(_ count: Int, offset: Int? = nil) -> Self {
    with {
      $0.limit = max(0, count)
      if let offset { $0.offset = max(0, offset) }
    }
  }
  /// Without the first rows.
  public func offset(_ count: Int) -> Self { with { $0.offset = max(0, count) } }
  /// Without rows that are equal in every selected column.
  public func distinct() -> Self { with { $0.isDistinct = true } }

  /// With the row that a foreign key refers to, joined.
  public func with<F: ModelFields>(_ relation: (M.Fields) -> F) -> Self { include(relation(fields).joinPath) }
  /// With the row that a nullable foreign key refers to, joined.
  public func with<F: ModelFields>(_ relation: (M.Fields) -> Maybe<F>) -> Self { include(relation(fields).base.joinPath) }
  /// With the rows of a to-many relation, by one more statement for all of them.
  ///
  /// ```swift
  /// .with { $0.comments.filter { $0.approved }.order { $0.id.desc }.limit(2) }
  /// ```
  public func with<O, T>(_ relation: (M.Fields) -> Related<O, T>) -> Self {
    let related = relation(fields)
    return with { $0.prefetches.append(related.prefetch(for: M.self)) }
  }

  package func with(_ change: (inout Self) -> Void) -> Self {
    var copy = self
    change(&copy)
    return copy
  }
  private func include(_ path: Path) -> Self {
    func add(_ hops: ArraySlice<AnyRelation>, _ tree: inout [IncludeTree]) {
      guard let hop = hops.first else { return }
      let found = tree.firstIndex { $0.relation === hop }
      if found == nil { tree.append(IncludeTree(relation: hop, children: [])) }
      add(hops.dropFirst(), &tree[found ?? tree.count - 1].children)
    }
    return with { add(path.hops[...], &$0.joins) }
  }

  package func plan(_ select: [Node]) -> SelectPlan {
    var plan = SelectPlan(root: root, select: select, filter: filter)
    plan.orders = orders
    plan.limit = limit
    plan.offset = offset
    plan.isDistinct = isDistinct
    plan.lock = lock
    return plan
  }
  /// The columns of the root and of what is joined to it.
  var allNodes: [Node] { Self.columns(root, M.schema, joins) }
  private static func columns(_ path: Path, _ schema: ModelSchema, _ children: [IncludeTree]) -> [Node] {
    schema.columns.indices.map { index in
      .column(
        ColumnReference(
          path: path, name: schema.columns[index].name, index: index, isNullable: schema.columns[index].isNullable, isKey: false))
    } + children.flatMap { columns(path.to($0.relation), $0.relation.target(), $0.children) }
  }
  func decoder() throws -> @Sendable (inout Row) throws -> M {
    if joins.isEmpty { return { row in try M(row: &row) } }
    let nodes = try joins.map { join in
      guard let node = try join.relation.joinNode(children: join.children) as? JoinNode<M> else { throw AnyRelation.mismatch }
      return node
    }
    return { row in
      var model = try M(row: &row)
      for node in nodes { try node.apply(&model, &row) }
      return model
    }
  }
  /// The key's column, or its columns as a row.
  package var keyNode: Node { .key(of: root) }

  /// The statement that ``all(_:fileID:line:)`` runs first.
  /// - Throws: ``ORMError`` where an expression cannot be compiled.
  public func statement(_ dialect: any SQLDialect) throws -> SQLStatement { try rowPlan().statement(dialect) }

  /// The SELECT of whole rows and of what stands beside them.
  func rowPlan(_ extra: [Node] = []) -> SelectPlan {
    var plan = plan(allNodes + extra)
    // SELECT DISTINCT can be ordered by what it selects alone; decoders do not look at cells past their own.
    if isDistinct { plan.select += orders.map(\.node) }
    return plan
  }
}

extension SelectPlan {
  package func statement(_ dialect: any SQLDialect) throws -> SQLStatement {
    let builder = SQLBuilder(dialect)
    try builder.write(self)
    // A lock is a write: no reader and no replica can take it.
    return try builder.statement(lock == nil ? .read : .write)
  }
}
