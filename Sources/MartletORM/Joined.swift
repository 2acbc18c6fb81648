public import MartletSQL

/// Several tables side by side: the closures get one argument for each.
///
/// ```swift
/// let rows = try await Post.query
///   .join(Author.self) { post, author in post.author.id == author.id && author.isStaff }
///   .order { post, _ in post.views.desc }
///   .select { post, author in (post.title, author.name) }.all(db)
/// ```
/// A relation needs no join like this: `$0.author.name` implies its own.
public struct Joined<T: Sendable>: Sendable {
  var plan: SelectPlan
  let fields: T
  /// What was wrong with the query before the join.
  var error: ORMError?

  init(plan: SelectPlan, fields: T, error: ORMError?) {
    self.plan = plan
    self.fields = fields
    self.error = error
  }
  private func with(_ change: (inout SelectPlan) -> Void) -> Self {
    var copy = self
    change(&copy.plan)
    return copy
  }

  /// Only the rows for which the condition holds; after the joins.
  public func filter(_ condition: (T) -> Expr<Bool>) -> Self {
    let node = condition(fields).node
    return with { $0.filter = $0.filter.map { .and($0, node) } ?? node }
  }
  /// In this order; a second call adds further keys.
  public func order(_ keys: ((T) -> Ordering)...) -> Self {
    with { plan in for key in keys { plan.orders.append(key(fields)) } }
  }
  /// At most so many rows.
  public func limit(_ count: Int, offset: Int? = nil) -> Self {
    with {
      $0.limit = max(0, count)
      if let offset { $0.offset = max(0, offset) }
    }
  }
  /// Grouped by these, whatever is selected.
  public func group<each K>(by keys: (T) -> (repeat Expr<each K>)) -> Self {
    var nodes: [Node] = []
    for key in repeat each keys(fields) { nodes.append(key.node) }
    return with { $0.groupBy = nodes }
  }
  /// Only the groups for which the condition holds.
  public func having(_ condition: (T) -> Expr<Bool>) -> Self {
    let node = condition(fields).node
    return with { $0.having = $0.having.map { .and($0, node) } ?? node }
  }
  /// This value of each row. Beside the form for several values, which swift 6.3 crashes on where there is one.
  public func select<V: ColumnValue>(_ value: (T) -> Expr<V>) -> Rows<V> {
    var plan = plan
    plan.select = [error.map { .invalid($0) } ?? value(fields).node]
    return Rows(plan: plan)
  }
  /// These values of each row. With an aggregate among them, the others are the groups.
  public func select<each V: ColumnValue>(_ values: (T) -> (repeat Expr<each V>)) -> Rows<repeat each V> {
    var plan = plan
    plan.select = []
    for value in repeat each values(fields) { plan.select.append(value.node) }
    if let error { plan.select = plan.select.map { _ in .invalid(error) } }
    return Rows(plan: plan)
  }
}

/// A query over a table that is no model's.
public func from<each V: ColumnValue>(_ table: QueryTable<repeat each V>) -> Joined<TableColumns<repeat each V>> {
  let root = table.path()
  return Joined(plan: SelectPlan(root: root, select: []), fields: table.fields(root), error: nil)
}

extension Query {
  /// The query as the start of a join: its filter stays, an order or a limit has no place here.
  func joined() -> Joined<M.Fields> {
    var error: ORMError?
    if limit != nil || offset != nil || isDistinct || !joins.isEmpty || !prefetches.isEmpty {
      error = ORMError(
        .invalidExpression, "a query with limit, offset, distinct or with was joined",
        hint: "call them after the join; for a limit before it, join with query.select { … }.table()")
    }
    return Joined(plan: plan([]), fields: fields, error: error)
  }
}
