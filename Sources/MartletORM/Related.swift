import MartletSQL

/// A to-many relation in a query: countable, testable, loadable. It never multiplies the outer rows.
public struct Related<O: Model, T: Model>: Sendable {
  package let parent: Path
  package let relation: ToMany<O, T>
  package var inner = Query<T>()

  /// The relation at a place of the query; called by the code that `@Model` writes.
  public init(_ parent: Path, _ relation: ToMany<O, T>) {
    self.parent = parent
    self.relation = relation
  }

  /// Only the rows for which the condition holds.
  public func filter(_ condition: (T.Fields) -> Expr<Bool>) -> Self { with { $0.inner = inner.filter(condition) } }
  /// In this order, when loaded.
  public func order(_ keys: ((T.Fields) -> Ordering)...) -> Self {
    with { copy in for key in keys { copy.inner.orders.append(key(inner.fields)) } }
  }
  /// At most so many for each owner, when loaded.
  public func limit(_ count: Int) -> Self { with { $0.inner.limit = count } }
  /// With a relation of the rows, when loaded.
  public func with<F: ModelFields>(_ relation: (T.Fields) -> F) -> Self { with { $0.inner = inner.with(relation) } }
  /// With a nullable relation of the rows, when loaded.
  public func with<F: ModelFields>(_ relation: (T.Fields) -> Maybe<F>) -> Self { with { $0.inner = inner.with(relation) } }
  /// With rows related to the rows, when loaded.
  public func with<P, U>(_ relation: (T.Fields) -> Related<P, U>) -> Self { with { $0.inner = inner.with(relation) } }

  /// How many there are.
  public var count: Expr<Int> { .init(.related(plan, .aggregate(.count, []))) }
  /// Whether there is none.
  public var isEmpty: Expr<Bool> { .init(.not(.related(plan, .exists))) }
  /// Whether there is at least one.
  public var isNotEmpty: Expr<Bool> { .init(.related(plan, .exists)) }
  /// Whether the condition holds for at least one.
  public func any(_ condition: (T.Fields) -> Expr<Bool>) -> Expr<Bool> { filter(condition).isNotEmpty }
  /// Whether the condition holds for every one; true where there is none.
  public func all(_ condition: (T.Fields) -> Expr<Bool>) -> Expr<Bool> { filter { !condition($0) }.isEmpty }
  /// The largest value; NULL where there is none.
  public func max<V>(_ value: (T.Fields) -> Expr<V>) -> Expr<V?> { aggregate(.max, value(inner.fields).node) }
  /// The smallest value; NULL where there is none.
  public func min<V>(_ value: (T.Fields) -> Expr<V>) -> Expr<V?> { aggregate(.min, value(inner.fields).node) }
  /// The sum; NULL where there is none.
  public func sum<V>(_ value: (T.Fields) -> Expr<V>) -> Expr<V?> { aggregate(.sum, value(inner.fields).node) }
  /// The mean; NULL where there is none.
  public func average<V>(_ value: (T.Fields) -> Expr<V>) -> Expr<Double?> {
    .init(.related(plan, .aggregate(.average, [value(inner.fields).node])))
  }

  private func aggregate<V>(_ function: SQLAggregate, _ node: Node) -> Expr<V?> {
    .init(.related(plan, .aggregate(function, [node])))
  }
  func with(_ change: (inout Self) -> Void) -> Self {
    var copy = self
    change(&copy)
    return copy
  }
  /// Which rows, for many owners.
  package var childRows: ChildRows {
    var rows = ChildRows(root: inner.root, link: relation.link(), filter: inner.filter)
    rows.orders = inner.orders
    rows.limit = inner.limit
    return rows
  }
  package var plan: RelatedPlan {
    RelatedPlan(parent: parent, target: inner.root, link: relation.link(), filter: inner.filter)
  }
}
