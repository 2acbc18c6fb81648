public import MartletSQL

/// A third table.
extension Joined {
  /// With the rows of a model's table for which the condition holds.
  public func join<A, B, M: Model>(_ model: M.Type, on condition: (A, B, M.Fields) -> Expr<Bool>) -> Joined<(A, B, M.Fields)>
  where T == (A, B) {
    let path = Path(M.self), other = M.Fields(path)
    return adding(.inner, path, condition(fields.0, fields.1, other), (fields.0, fields.1, other))
  }
  /// With the rows of a model's table for which the condition holds, and once without where there is none.
  public func leftJoin<A, B, M: Model>(
    _ model: M.Type, on condition: (A, B, M.Fields) -> Expr<Bool>
  ) -> Joined<(A, B, Maybe<M.Fields>)> where T == (A, B) {
    let path = Path(M.self, source: nil, isOptional: true), other = M.Fields(path)
    return adding(.left, path, condition(fields.0, fields.1, other), (fields.0, fields.1, Maybe(other)))
  }
  /// With the rows of a table for which the condition holds.
  public func join<A, B, each V: ColumnValue>(
    _ table: QueryTable<repeat each V>, on condition: (A, B, TableColumns<repeat each V>) -> Expr<Bool>
  ) -> Joined<(A, B, TableColumns<repeat each V>)> where T == (A, B) {
    let path = table.path(), other = table.fields(path)
    return adding(.inner, path, condition(fields.0, fields.1, other), (fields.0, fields.1, other))
  }
  /// With the rows of a table for which the condition holds, and once with NULLs where there is none.
  public func leftJoin<A, B, each V: ColumnValue>(
    _ table: QueryTable<repeat each V>, on condition: (A, B, TableColumns<repeat (each V)?>) -> Expr<Bool>
  ) -> Joined<(A, B, TableColumns<repeat (each V)?>)> where T == (A, B) {
    let path = table.path(isOptional: true), other = table.optionalFields(path)
    return adding(.left, path, condition(fields.0, fields.1, other), (fields.0, fields.1, other))
  }
}

/// A fourth table.
extension Joined {
  /// With the rows of a model's table for which the condition holds.
  public func join<A, B, C, M: Model>(_ model: M.Type, on condition: (A, B, C, M.Fields) -> Expr<Bool>) -> Joined<
    (A, B, C, M.Fields)
  >
  where T == (A, B, C) {
    let path = Path(M.self), other = M.Fields(path)
    return adding(.inner, path, condition(fields.0, fields.1, fields.2, other), (fields.0, fields.1, fields.2, other))
  }
  /// With the rows of a model's table for which the condition holds, and once without where there is none.
  public func leftJoin<A, B, C, M: Model>(
    _ model: M.Type, on condition: (A, B, C, M.Fields) -> Expr<Bool>
  ) -> Joined<(A, B, C, Maybe<M.Fields>)> where T == (A, B, C) {
    let path = Path(M.self, source: nil, isOptional: true), other = M.Fields(path)
    return adding(.left, path, condition(fields.0, fields.1, fields.2, other), (fields.0, fields.1, fields.2, Maybe(other)))
  }
  /// With the rows of a table for which the condition holds.
  public func join<A, B, C, each V: ColumnValue>(
    _ table: QueryTable<repeat each V>, on condition: (A, B, C, TableColumns<repeat each V>) -> Expr<Bool>
  ) -> Joined<(A, B, C, TableColumns<repeat each V>)> where T == (A, B, C) {
    let path = table.path(), other = table.fields(path)
    return adding(.inner, path, condition(fields.0, fields.1, fields.2, other), (fields.0, fields.1, fields.2, other))
  }
  /// With the rows of a table for which the condition holds, and once with NULLs where there is none.
  public func leftJoin<A, B, C, each V: ColumnValue>(
    _ table: QueryTable<repeat each V>, on condition: (A, B, C, TableColumns<repeat (each V)?>) -> Expr<Bool>
  ) -> Joined<(A, B, C, TableColumns<repeat (each V)?>)> where T == (A, B, C) {
    let path = table.path(isOptional: true), other = table.optionalFields(path)
    return adding(.left, path, condition(fields.0, fields.1, fields.2, other), (fields.0, fields.1, fields.2, other))
  }
}
