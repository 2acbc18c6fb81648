extension Database {
  /// Runs reads of which none needs another's answer: in one round trip where the driver can, else one after the other.
  ///
  /// - Parameter onRow: Gets the statement's place and the row.
  /// - Throws: ``DatabaseError``, of kind `decoding` where a row does not fit; what `onRow` throws.
  package func run(
    reads statements: [SQLStatement], source: SourcePlace? = nil, onRow: @escaping @Sendable (Int, inout Row) throws -> Void
  ) async throws {
    let decode: @Sendable (Int, inout Row) throws -> Void = { place, row in
      do { try onRow(place, &row) } catch let error as RowError {
        throw DatabaseError(.decoding, "column \(error.index): \(error.message)", sql: statements[place].text)
      }
    }
    // Who observes statements wants to know how long each of them took.
    guard statements.count > 1, observers.isEmpty else {
      for (place, statement) in statements.enumerated() {
        try await run(statement, source: source) { row in try decode(place, &row) }
      }
      return
    }
    let batch = statements.map { statement in
      var statement = statement
      statement.source = source ?? statement.source ?? defaultSource
      return statement
    }
    for statement in batch { try count(statement) }
    if let session {
      try await session.run(batch: batch, onRow: decode)
    } else {
      try await driver.run(reads: batch, onRow: decode)
    }
  }
}

extension TransactionSession {
  func run(batch: [SQLStatement], onRow: @escaping @Sendable (Int, inout Row) throws -> Void) async throws {
    try await prepare(for: batch[0].text)
    do { try await connection.run(batch: batch, onRow: onRow) } catch {
      noteFailure("\(error)")
      throw error
    }
  }
}
