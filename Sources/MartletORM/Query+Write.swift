import MartletCore
public import MartletSQL

/// A column and its new value, in an update.
public struct Assignment: Sendable {
  let column: ColumnReference?
  let value: Node
}

/// Assignments, one a line; `if` works too.
@resultBuilder
public enum AssignmentBuilder {
  public static func buildExpression(_ assignment: Assignment) -> [Assignment] { [assignment] }
  public static func buildBlock(_ assignments: [Assignment]...) -> [Assignment] { assignments.flatMap { $0 } }
  public static func buildOptional(_ assignments: [Assignment]?) -> [Assignment] { assignments ?? [] }
  public static func buildEither(first assignments: [Assignment]) -> [Assignment] { assignments }
  public static func buildEither(second assignments: [Assignment]) -> [Assignment] { assignments }
  public static func buildArray(_ assignments: [[Assignment]]) -> [Assignment] { assignments.flatMap { $0 } }
}

extension Expr where V: ColumnValue {
  /// The column becomes the value.
  public func set(to value: V) -> Assignment { set(to: Expr(value: value)) }
  /// The column becomes what the expression gives for each row: `$0.views.set(to: $0.views + 1)`.
  public func set(to value: Expr<V>) -> Assignment {
    if case .column(let column) = node { return Assignment(column: column, value: value.node) }
    return Assignment(column: nil, value: value.node)
  }
}

extension Assignment {
  /// The column of the updated table, by name.
  func columnSchema<M: Model>(of model: M.Type) throws -> ColumnSchema {
    if let column {
      if column.path.parent == nil, column.path.schema.table == M.table { return M.schema.columns[column.index] }
      // `$0.author.id.set(to:)` sets the foreign key.
      if column.isKey, column.path.parent?.parent == nil, let name = column.path.relation?.foreignKeyColumn,
        let schema = M.schema.columns.first(where: { $0.name == name })
      {
        return schema
      }
    }
    throw ORMError(.invalidExpression, "set(to:) goes on a column of \(M.self)", hint: "write $0.title.set(to: …)")
  }
}

extension ColumnSchema {
  /// - Throws: ``ORMError`` of kind `invalidExpression` for a column that the database computes.
  func requireWritable() throws {
    guard options.generated != nil else { return }
    throw ORMError(
      .invalidExpression, "'\(property)' is computed by the database and cannot be written",
      hint: "write the columns that it is computed from")
  }
}

extension Query {
  /// Changes all rows of the query by one statement. Does not touch `autoNow` fields, as Django's `update()`.
  ///
  /// ```swift
  /// try await Post.filter { $0.author.isStaff == false }.update(db) { $0.views.set(to: $0.views + 1) }
  /// ```
  /// - Returns: How many rows were changed.
  /// - Throws: ``ValidationError`` for a text that is too long; ``DatabaseError``; ``ORMError``.
  @discardableResult
  public func update(
    _ db: Database, fileID: String = #fileID, line: UInt = #line, @AssignmentBuilder _ assignments: (M.Fields) -> [Assignment]
  ) async throws -> Int {
    let list = assignments(fields)
    guard !list.isEmpty else { return 0 }
    try refuseOtherSource("updated")
    let columns = try columnAssignments(list, db.dialect)
    let builder = SQLBuilder(db.dialect), scope = Scope(root, builder)
    try builder.writeUpdate(columns, scope)
    try builder.writeKeyFilter(plan([keyNode]), scope)
    return try await db.run(builder.statement(.write), source: SourcePlace(fileID: fileID, line: line)).rowsAffected
  }

  /// Deletes all rows of the query by one statement; the database cascades.
  /// - Returns: How many rows of this table were deleted.
  /// - Throws: ``DatabaseError`` of kind `foreignKeyViolation` where a row is still referred to.
  @discardableResult
  public func delete(_ db: Database, fileID: String = #fileID, line: UInt = #line) async throws -> Int {
    try refuseOtherSource("deleted")
    let builder = SQLBuilder(db.dialect), scope = Scope(root, builder, namesTable: db.dialect.family == .mysql)
    builder.writeDelete(scope)
    try builder.writeKeyFilter(plan([keyNode]), scope)
    return try await db.run(builder.statement(.write), source: SourcePlace(fileID: fileID, line: line)).rowsAffected
  }
}
