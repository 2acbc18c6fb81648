import MartletCore
package import MartletSQL

extension Model {
  /// Writes the columns in which each row differs from its original, and sets `autoNow` fields: one statement for the rows
  /// that differ in the same columns.
  ///
  /// The same as `save(_:changedFrom:)` of each row, which it uses for one row and where the database computes columns.
  /// - Throws: As `save(_:changedFrom:)`.
  package static func save(_ rows: [Self], changedFrom originals: [Self], _ db: Database) async throws -> [Self] {
    var saved = rows
    guard rows.count > 1, schema.generatedIndexes.isEmpty, !schema.hasCompositeKey else {
      for index in saved.indices { try await saved[index].save(db, changedFrom: originals[index]) }
      return saved
    }
    let source = SourcePlace(fileID: #fileID, line: #line)
    var groups: [(columns: [Int], rows: [Int])] = []
    for index in saved.indices {
      guard let columns = try saved[index].prepareSave(from: originals[index], db) else { continue }
      if let found = groups.firstIndex(where: { $0.columns == columns }) {
        groups[found].rows.append(index)
      } else {
        groups.append((columns, [index]))
      }
    }
    for group in groups {
      for part in group.rows.chunks(of: max(1, min(1000, db.dialect.maxBindings / (group.columns.count + 1)))) {
        let count = try await bulkUpdate(part.map { saved[$0] }, group.columns, db, source)
        if count < part.count, let first = part.first { throw gone(saved[first].id) }
      }
    }
    return saved
  }

  /// Sets the times, and checks the values.
  ///
  /// - Returns: The columns to write, in order; `nil` where nothing differs.
  private mutating func prepareSave(from original: Self, _ db: Database) throws -> [Int]? {
    let columns = Self.schema.columns
    var changed = columns.indices.filter { !SQLValue.unchanged(columnValue(at: $0), original.columnValue(at: $0)) }
    guard !changed.isEmpty else { return nil }
    for (index, column) in columns.enumerated() where column.options.autoNow && !changed.contains(index) {
      try setColumn(index, Self.now(db, column))
      changed.append(index)
    }
    try ValueRules.check(self, changed: changed, db.dialect)
    return changed.sorted()
  }
}
