import MartletCore
import MartletSQL

/// The rows of a ``ReadPlan`` a batch at a time, in constant memory.
package struct ReadBatches: Sendable {
  let plan: ReadPlan
  let db: Database
  let batchSize: Int
  let source: SourcePlace?

  /// Hands the rows over, a batch after the other; the next is read when the closure returns.
  ///
  /// Lists take one statement a batch, on a connection besides the one that streams: so not inside of a transaction.
  /// - Throws: ``DatabaseError``; ``ORMError``; what the closure throws; `CancellationError`.
  package func forEach(_ body: (JSONRows) async throws -> Void) async throws {
    let level = plan.top, plan = plan, dialect = db.dialect
    if !level.lists.isEmpty, db.isInTransaction || db.driver.poolMetrics?.maximum == 1 {
      throw ORMError(
        .invalidExpression, "a stream cannot load lists over its own connection, which is busy with the stream",
        hint: "stream without them, or outside of the transaction")
    }
    // Filled while a batch is decoded, taken before the next one is.
    let batch = Confined(ReadRows(lists: level.lists.count))
    let stream = RowStream(
      source.map { db.from($0) } ?? db, batchSize: batchSize, decode: { row in try batch.value.add(&row, level) }
    ) { try plan.statement(dialect) }
    try await stream.forEachBatch { _ in
      var rows = batch.value, read = 0
      batch.value = ReadRows(lists: level.lists.count)
      try await ReadPlan.load(&rows, level.lists, db, source, &read, .max)
      try await body(JSONRows(rows: rows))
    }
  }
}
