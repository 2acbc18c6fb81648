public import MartletORM

/// A rule over several fields of a row.
struct RowRule<M: Model>: Sendable {
  /// The fields that it looks at; `nil` for all of them.
  var fields: Resource<M>.FieldList?
  var body: @Sendable (M, inout RowErrors<M>, ResourceContext) async throws -> Void
}

extension Resource {
  /// A rule across fields, for rows that are created or changed.
  ///
  /// ```swift
  /// .validate { row, errors in
  ///   if row.ends < row.starts { errors.add(\.ends, code: "too_early", "It ends before it starts.") }
  /// }
  /// ```
  /// It runs where every field is valid by itself. Its errors are answered together with those of other rules, of
  /// references and of values that must be unique.
  public func validate(_ rule: @escaping @Sendable (_ row: M, _ errors: inout RowErrors<M>) throws -> Void) -> Self {
    ruling(nil) { row, errors, _ in try rule(row, &errors) }
  }
  /// A rule that asks the database, or looks at the request.
  public func validate(
    _ rule: @escaping @Sendable (_ row: M, _ errors: inout RowErrors<M>, _ context: ResourceContext) async throws -> Void
  ) -> Self { ruling(nil, rule) }

  /// A rule across these fields: it also runs where others are at fault, so that the client hears of everything at once.
  ///
  /// ```swift
  /// .validate(of: { $0.starts; $0.ends }) { row, errors in … }
  /// ```
  /// The other fields of the row may hold anything then.
  public func validate(
    @FieldListBuilder of fields: @escaping @Sendable (M.Fields) -> [FieldExpression],
    _ rule: @escaping @Sendable (_ row: M, _ errors: inout RowErrors<M>) throws -> Void
  ) -> Self { ruling(fields) { row, errors, _ in try rule(row, &errors) } }
  /// A rule across these fields that asks the database, or looks at the request.
  public func validate(
    @FieldListBuilder of fields: @escaping @Sendable (M.Fields) -> [FieldExpression],
    _ rule: @escaping @Sendable (_ row: M, _ errors: inout RowErrors<M>, _ context: ResourceContext) async throws -> Void
  ) -> Self { ruling(fields, rule) }

  private func ruling(
    _ fields: FieldList?,
    _ body: @escaping @Sendable (M, inout RowErrors<M>, ResourceContext) async throws -> Void
  ) -> Self {
    var copy = self
    copy.writing.rules.append(RowRule(fields: fields, body: body))
    return copy
  }
}
