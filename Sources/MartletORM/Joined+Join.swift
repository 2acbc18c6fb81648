public import MartletSQL

extension Joined {
  func adding<U: Sendable>(
    _ kind: ExplicitJoin.Kind, _ path: Path, _ condition: Expr<Bool>?, _ fields: U, isLateral: Bool = false
  ) -> Joined<U> {
    var plan = plan
    plan.joins.append(ExplicitJoin(kind: kind, path: path, condition: condition?.node, isLateral: isLateral))
    return Joined<U>(plan: plan, fields: fields, error: error)
  }

  /// With the rows of a model's table for which the condition holds.
  public func join<M: Model>(_ model: M.Type, on condition: (T, M.Fields) -> Expr<Bool>) -> Joined<(T, M.Fields)> {
    let path = Path(M.self), other = M.Fields(path)
    return adding(.inner, path, condition(fields, other), (fields, other))
  }
  /// With the rows of a model's table for which the condition holds, and once without where there is none.
  public func leftJoin<M: Model>(
    _ model: M.Type, on condition: (T, M.Fields) -> Expr<Bool>
  ) -> Joined<(T, Maybe<M.Fields>)> {
    let path = Path(M.self, source: nil, isOptional: true), other = M.Fields(path)
    return adding(.left, path, condition(fields, other), (fields, Maybe(other)))
  }
  /// With each row of a model's table.
  public func crossJoin<M: Model>(_ model: M.Type) -> Joined<(T, M.Fields)> {
    let path = Path(M.self)
    return adding(.cross, path, nil, (fields, M.Fields(path)))
  }
  /// With the rows of a table for which the condition holds.
  public func join<each V: ColumnValue>(
    _ table: QueryTable<repeat each V>, on condition: (T, TableColumns<repeat each V>) -> Expr<Bool>
  ) -> Joined<(T, TableColumns<repeat each V>)> {
    let path = table.path(), other = table.fields(path)
    return adding(.inner, path, condition(fields, other), (fields, other))
  }
  /// With the rows of a table for which the condition holds, and once with NULLs where there is none.
  public func leftJoin<each V: ColumnValue>(
    _ table: QueryTable<repeat each V>, on condition: (T, TableColumns<repeat (each V)?>) -> Expr<Bool>
  ) -> Joined<(T, TableColumns<repeat (each V)?>)> {
    let path = table.path(isOptional: true), other = table.optionalFields(path)
    return adding(.left, path, condition(fields, other), (fields, other))
  }
  /// With each row of a table.
  public func crossJoin<each V: ColumnValue>(_ table: QueryTable<repeat each V>) -> Joined<(T, TableColumns<repeat each V>)> {
    let path = table.path()
    return adding(.cross, path, nil, (fields, table.fields(path)))
  }
  /// With the rows of a subquery that uses the columns of what stands before it. PostgreSQL and MySQL 8 (capability
  /// `lateralJoins`); for the first rows of each group, ``Query/top(_:per:order:)`` works everywhere.
  ///
  /// ```swift
  /// Author.query.lateralJoin { author in
  ///   Post.filter { $0.author.id == author.id }.order { $0.views.desc }.limit(3).select { ($0.title, $0.views) }.rows
  /// }
  /// ```
  public func lateralJoin<each V: ColumnValue>(
    _ rows: (T) -> Rows<repeat each V>
  ) -> Joined<(T, TableColumns<repeat each V>)> {
    let table = rows(fields).table(), path = table.path()
    return adding(.cross, path, nil, (fields, table.fields(path)), isLateral: true)
  }
  /// The same, and once with NULLs where the subquery has no row.
  public func leftLateralJoin<each V: ColumnValue>(
    _ rows: (T) -> Rows<repeat each V>
  ) -> Joined<(T, TableColumns<repeat (each V)?>)> {
    let table = rows(fields).table(), path = table.path(isOptional: true)
    return adding(.left, path, nil, (fields, table.optionalFields(path)), isLateral: true)
  }
}

extension Query {
  /// With the rows of another model's table for which the condition holds. See ``Joined``.
  public func join<T: Model>(_ model: T.Type, on condition: (M.Fields, T.Fields) -> Expr<Bool>) -> Joined<(M.Fields, T.Fields)> {
    joined().join(model, on: condition)
  }
  /// With the rows of another model's table for which the condition holds, and once without where there is none.
  public func leftJoin<T: Model>(
    _ model: T.Type, on condition: (M.Fields, T.Fields) -> Expr<Bool>
  ) -> Joined<(M.Fields, Maybe<T.Fields>)> { joined().leftJoin(model, on: condition) }
  /// The rows of the other table with those of this one, and once without where there is none.
  public func rightJoin<T: Model>(
    _ model: T.Type, on condition: (M.Fields, T.Fields) -> Expr<Bool>
  ) -> Joined<(Maybe<M.Fields>, T.Fields)> {
    let (plan, mine, path) = outerStart(), other = Path(T.self), theirs = T.Fields(other)
    var joined = plan
    joined.joins = [ExplicitJoin(kind: .right, path: other, condition: condition(mine, theirs).node)]
    return Joined(plan: joined, fields: (Maybe(mine), theirs), error: outerError(path))
  }
  /// The rows of both tables, together where the condition holds. Not on MySQL and MariaDB (capability `fullJoins`).
  public func fullJoin<T: Model>(
    _ model: T.Type, on condition: (M.Fields, T.Fields) -> Expr<Bool>
  ) -> Joined<(Maybe<M.Fields>, Maybe<T.Fields>)> {
    let (plan, mine, path) = outerStart(), other = Path(T.self, source: nil, isOptional: true), theirs = T.Fields(other)
    var joined = plan
    joined.joins = [ExplicitJoin(kind: .full, path: other, condition: condition(mine, theirs).node)]
    return Joined(plan: joined, fields: (Maybe(mine), Maybe(theirs)), error: outerError(path))
  }
  /// With each row of another model's table.
  public func crossJoin<T: Model>(_ model: T.Type) -> Joined<(M.Fields, T.Fields)> { joined().crossJoin(model) }
  /// With the rows of a table for which the condition holds.
  public func join<each V: ColumnValue>(
    _ table: QueryTable<repeat each V>, on condition: (M.Fields, TableColumns<repeat each V>) -> Expr<Bool>
  ) -> Joined<(M.Fields, TableColumns<repeat each V>)> { joined().join(table, on: condition) }
  /// With the rows of a table for which the condition holds, and once with NULLs where there is none.
  public func leftJoin<each V: ColumnValue>(
    _ table: QueryTable<repeat each V>, on condition: (M.Fields, TableColumns<repeat (each V)?>) -> Expr<Bool>
  ) -> Joined<(M.Fields, TableColumns<repeat (each V)?>)> { joined().leftJoin(table, on: condition) }
  /// With each row of a table.
  public func crossJoin<each V: ColumnValue>(
    _ table: QueryTable<repeat each V>
  ) -> Joined<(M.Fields, TableColumns<repeat each V>)> { joined().crossJoin(table) }
  /// With the rows of a subquery that uses this one's columns. See ``Joined/lateralJoin(_:)``.
  public func lateralJoin<each V: ColumnValue>(
    _ rows: (M.Fields) -> Rows<repeat each V>
  ) -> Joined<(M.Fields, TableColumns<repeat each V>)> { joined().lateralJoin(rows) }
  /// The same, and once with NULLs where the subquery has no row.
  public func leftLateralJoin<each V: ColumnValue>(
    _ rows: (M.Fields) -> Rows<repeat each V>
  ) -> Joined<(M.Fields, TableColumns<repeat (each V)?>)> { joined().leftLateralJoin(rows) }

  private func outerStart() -> (SelectPlan, M.Fields, Path) {
    let path = Path(M.self, source: root.source, isOptional: true)
    return (SelectPlan(root: path, select: []), M.Fields(path), path)
  }
  private func outerError(_ path: Path) -> ORMError? {
    if let error = joined().error { return error }
    guard filter != nil || !orders.isEmpty else { return nil }
    return ORMError(
      .invalidExpression, "a query with a filter or an order was the optional side of a right or full join",
      hint: "start with \(M.self).query, and filter and order after the join")
  }
}
