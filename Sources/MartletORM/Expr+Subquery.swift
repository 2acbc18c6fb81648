public import MartletSQL

// Subqueries as values. They may use the columns of the query around them: write its closure's argument by a name.

/// The one value of a subquery, or NULL where it has no row.
///
/// ```swift
/// Author.query.annotate { author in
///   scalar(Post.filter { $0.author.id == author.id }.order { $0.id.desc }.limit(1).select { $0.title })
/// }
/// ```
public func scalar<M, V: ColumnValue>(_ selection: Selection<M, V>) -> Expr<V?> { .init(.scalarSelect(selection.plan)) }
/// The one value of a subquery over nullable values, or NULL where it has no row.
public func scalar<M, V: ColumnValue>(_ selection: Selection<M, V?>) -> Expr<V?> { .init(.scalarSelect(selection.plan)) }
/// The one value of rows, or NULL where there is none.
public func scalar<V: ColumnValue>(_ rows: Rows<V>) -> Expr<V?> { .init(.scalarSelect(rows.plan)) }
/// Whether a query has a row.
///
/// ```swift
/// Author.filter { author in exists(Post.filter { $0.author.id == author.id && $0.views > 100 }) }
/// ```
public func exists<M>(_ query: Query<M>) -> Expr<Bool> {
  var plan = query.plan([.raw([.sql("1")], .int)])
  plan.orders = []
  return .init(.exists(plan))
}
/// Whether there is a row.
public func exists<each V: ColumnValue>(_ rows: Rows<repeat each V>) -> Expr<Bool> { .init(.exists(rows.plan)) }

extension Expr where V: ColumnValue {
  /// Whether the value is one of the rows'. A NULL among them matches nothing and hides nothing.
  public func `in`(_ rows: Rows<V>) -> Expr<Bool> { .init(.inSelect(node, rows.plan)) }
}
