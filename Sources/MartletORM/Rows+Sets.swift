import MartletSQL

/// Set operations. Order and limit hold for the whole; what a side has of its own holds for that side.
extension Rows {
  /// The rows of both, equal ones once.
  public func union(_ other: Rows<repeat each V>) -> Self { combined(.union, other) }
  /// The rows of both, equal ones as often as they come.
  public func unionAll(_ other: Rows<repeat each V>) -> Self { combined(.unionAll, other) }
  /// The rows that are in both, once.
  public func intersect(_ other: Rows<repeat each V>) -> Self { combined(.intersect, other) }
  /// The rows that are in both, as often as in both. Not on SQLite (capability `bagOperations`).
  public func intersectAll(_ other: Rows<repeat each V>) -> Self { combined(.intersectAll, other) }
  /// The rows that are not in the other, once.
  public func except(_ other: Rows<repeat each V>) -> Self { combined(.except, other) }
  /// The rows less those of the other, counting equal ones. Not on SQLite (capability `bagOperations`).
  public func exceptAll(_ other: Rows<repeat each V>) -> Self { combined(.exceptAll, other) }

  private func combined(_ op: SetOperator, _ other: Rows<repeat each V>) -> Self {
    let source = CompoundSource(left: named, right: other.plan, op: op)
    let table = QueryTable<repeat each V>(source: source, columns: QueryTable<repeat each V>.columns(plan))
    return from(table).select { $0.columns }
  }
}

extension Selection {
  /// The rows of both, equal ones once.
  public func union<N>(_ other: Selection<N, repeat each V>) -> Rows<repeat each V> { rows.union(other.rows) }
  /// The rows of both, equal ones as often as they come.
  public func unionAll<N>(_ other: Selection<N, repeat each V>) -> Rows<repeat each V> { rows.unionAll(other.rows) }
  /// The rows that are in both, once.
  public func intersect<N>(_ other: Selection<N, repeat each V>) -> Rows<repeat each V> { rows.intersect(other.rows) }
  /// The rows that are not in the other, once.
  public func except<N>(_ other: Selection<N, repeat each V>) -> Rows<repeat each V> { rows.except(other.rows) }
}

/// Set operations of rows of one model. The result is a query like any other: it can be filtered, ordered, limited,
/// counted and loaded with relations.
extension Query {
  /// The rows of both, each once.
  ///
  /// ```swift
  /// let posts = try await drafts.union(popular).order { $0.id.asc }.limit(10).with { $0.author }.all(db)
  /// ```
  public func union(_ other: Query<M>) -> Query<M> { combined(.union, other) }
  /// The rows of both; a row that both have twice.
  public func unionAll(_ other: Query<M>) -> Query<M> { combined(.unionAll, other) }
  /// The rows that both have.
  public func intersect(_ other: Query<M>) -> Query<M> { combined(.intersect, other) }
  /// The rows that the other has not.
  public func except(_ other: Query<M>) -> Query<M> { combined(.except, other) }

  private func combined(_ op: SetOperator, _ other: Query<M>) -> Query<M> {
    reading(CompoundSource(left: ownPlan, right: other.ownPlan, op: op))
  }

  /// The query's rows with the columns of the model alone, by their names.
  var ownPlan: SelectPlan {
    var plan = plan(M.schema.columns.indices.map { .column(ColumnReference(path: root, index: $0)) })
    plan.names = M.schema.columns.map(\.name)
    return plan
  }
  /// A query of the same kind that reads its rows from elsewhere.
  func reading(_ source: any TableSource) -> Query<M> {
    var query = Query(root: Path(M.self, source: source))
    query.joins = joins
    query.prefetches = prefetches
    return query
  }
}
