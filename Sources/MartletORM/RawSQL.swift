public import MartletSQL

/// SQL by interpolation: expressions become columns, values become bound parameters, and nothing is ever pasted.
///
/// ```swift
/// Post.filter { sql("length(\($0.title)) > \(limit)") }
/// ```
public struct SQLText: ExpressibleByStringInterpolation, Sendable {
  let pieces: [RawPiece]
  /// SQL without values.
  public init(stringLiteral text: String) { pieces = [.sql(text)] }
  /// SQL with values.
  public init(stringInterpolation interpolation: StringInterpolation) { pieces = interpolation.pieces }

  /// Collects the pieces.
  public struct StringInterpolation: StringInterpolationProtocol {
    var pieces: [RawPiece] = []
    public init(literalCapacity: Int, interpolationCount: Int) {}
    /// SQL as written in the source.
    public mutating func appendLiteral(_ text: String) { pieces.append(.sql(text)) }
    /// A column or a computed expression.
    public mutating func appendInterpolation<V>(_ expression: Expr<V>) { pieces.append(.node(expression.node)) }
    /// A value, which is bound.
    public mutating func appendInterpolation<V: ColumnValue>(_ value: V) { pieces.append(.node(.constant(value))) }
    /// A model's table, quoted.
    public mutating func appendInterpolation<M: Model>(_ model: M.Type) { pieces.append(.name(M.table)) }
    /// Text that goes into the SQL as it is: never pass what came from outside.
    public mutating func appendInterpolation(unsafe text: String) { pieces.append(.sql(text)) }
  }
}

/// A piece of SQL as an expression. Its type is what you say it is.
public func sql<V: ColumnValue>(_ text: SQLText, as type: V.Type = V.self) -> Expr<V> { .init(.raw(text.pieces, V.columnType)) }

extension Database {
  /// Runs SQL that returns no rows.
  ///
  /// ```swift
  /// try await db.execute("DELETE FROM \(Post.self) WHERE views < \(10)")
  /// ```
  /// - Returns: How many rows were written.
  /// - Throws: ``DatabaseError``.
  @discardableResult
  public func execute(_ text: SQLText, fileID: String = #fileID, line: UInt = #line) async throws -> Int {
    try await run(statement(text, .write), source: SourcePlace(fileID: fileID, line: line)).rowsAffected
  }

  /// Runs SQL and reads its rows as tuples.
  ///
  /// ```swift
  /// for (title, n) in try await db.rows("SELECT title, count(*) FROM \(Post.self) GROUP BY title", as: (String, Int).self) { … }
  /// ```
  /// - Throws: ``DatabaseError``, of kind `decoding` where a row does not fit.
  public func rows<each V: ColumnValue>(
    _ text: SQLText, as types: (repeat each V).Type, fileID: String = #fileID, line: UInt = #line
  ) async throws -> [(repeat each V)] {
    try await query(statement(text, .write), source: SourcePlace(fileID: fileID, line: line)) { row in
      (repeat try (each V).read(&row))
    }
  }

  private func statement(_ text: SQLText, _ effect: SQLStatement.Effect) throws -> SQLStatement {
    let builder = SQLBuilder(dialect)
    try builder.writeRaw(text.pieces)
    return try builder.statement(effect)
  }
}
