import MartletSQL

extension Query {
  /// The first rows of each group: top n per group, by a window function, on every database.
  ///
  /// ```swift
  /// let latest = try await Post.query.top(3, per: { $0.author.id }, order: { $0.publishedAt.desc }, { $0.id.desc }).all(db)
  /// ```
  /// The result has no order of its own; add one.
  public func top<K>(_ count: Int, per key: (M.Fields) -> Expr<K>, order: ((M.Fields) -> Ordering)...) -> Query<M> {
    ranked(count, [key(fields).node], order.map { $0(fields) })
  }

  /// One row for each value of a key: the first in the order. `DISTINCT ON` on PostgreSQL, a window function elsewhere.
  ///
  /// The result has no order of its own; add one.
  public func distinct<K>(on key: (M.Fields) -> Expr<K>, order: ((M.Fields) -> Ordering)...) -> Query<M> {
    let keys = [key(fields).node], orders = order.map { $0(fields) }
    return reading(DistinctSource(query: (self, keys, orders)))
  }

  func ranked(_ count: Int, _ keys: [Node], _ orders: [Ordering]) -> Query<M> {
    let name = "martlet_place"
    let place = WindowNode(
      function: .call(WindowCall(name: "ROW_NUMBER", type: .bigInt)), partition: keys, orders: orders, frame: nil)
    var plan = ownPlan
    plan.select.append(.custom(place))
    plan.names?.append(name)
    let query = reading(SubquerySource(plan: plan))
    if limit != nil || offset != nil || isDistinct {
      return query.filter(
        node: .invalid(
          ORMError(.invalidExpression, "top(_:per:) after limit, offset or distinct", hint: "call top(_:per:) first")))
    }
    let column = Node.custom(NamedColumn(path: query.root, name: name, type: .bigInt))
    return query.filter(node: .binary(.lessOrEqual, column, .value(.int(Int64(max(0, count))))))
  }

  /// - Throws: ``ORMError`` where the rows come from a union, a recursion or another subquery, which no write can name.
  func refuseOtherSource(_ what: String) throws {
    guard root.source != nil else { return }
    throw ORMError(
      .invalidExpression, "the rows of a subquery cannot be \(what)",
      hint: "filter \(M.self) by $0.id.in(query.select { $0.id }) instead")
  }

  /// The rows as a table with a name, in the statement's WITH clause: computed once where it is used twice.
  public func cte(_ name: String, materialized: Bool? = nil) -> Query<M> {
    reading(CommonTable(name, columns: M.schema.columns.map(\.name), .plan(ownPlan), isMaterialized: materialized))
  }

  /// The rows and all that follow from them, step by step: a tree from its roots, a graph from a node. A row is found
  /// once, so circles come to an end.
  ///
  /// ```swift
  /// let thread = try await Comment.filter { $0.id == root }
  ///   .recursively { found, next in next.parent.id == found.id.optional }.order { $0.id.asc }.all(db)
  /// ```
  public func recursively(named name: String = "tree", _ next: @escaping @Sendable (M.Fields, M.Fields) -> Expr<Bool>) -> Query<M>
  {
    var first = ownPlan
    first.names = nil
    let body = CommonTable.Body.recursive(first: first, keepsDuplicates: false) { table in
      let found = Path(M.self, source: table), query = Query<M>()
      var plan = query.ownPlan
      plan.names = nil
      plan.joins = [ExplicitJoin(kind: .inner, path: found, condition: next(M.Fields(found), query.fields).node)]
      return plan
    }
    return reading(CommonTable(name, columns: M.schema.columns.map(\.name), body))
  }
}

/// One row of each group.
struct DistinctSource<M: Model>: TableSource {
  let query: (Query<M>, keys: [Node], orders: [Ordering])

  func write(in builder: SQLBuilder, outer: Scope?) throws {
    if builder.dialect.family == .postgres {
      var plan = query.0.ownPlan
      plan.distinctOn = query.keys
      plan.orders = query.keys.map { Ordering(node: $0, isDescending: false) } + query.orders
      if plan.limit != nil || plan.offset != nil || plan.isDistinct {
        // A limit of the query's own comes first.
        throw ORMError(
          .invalidExpression, "distinct(on:) after limit, offset or distinct", hint: "call distinct(on:) first")
      }
      return try SubquerySource(plan: plan).write(in: builder, outer: outer)
    }
    if query.0.limit != nil || query.0.offset != nil || query.0.isDistinct {
      throw ORMError(.invalidExpression, "distinct(on:) after limit, offset or distinct", hint: "call distinct(on:) first")
    }
    let ranked = query.0.ranked(1, query.keys, query.orders)
    try SubquerySource(plan: ranked.ownPlan).write(in: builder, outer: outer)
  }
}
