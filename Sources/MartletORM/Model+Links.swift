package import MartletSQL

// Links of many rows at once, by their keys: for surfaces that write lists. Unlike `add` and `set`, without a look at the rows.
extension Model {
  /// Ties pairs of rows together by one statement. Those that are tied already stay tied once.
  package static func tie<T: Model>(
    _ pairs: [(owner: SQLValue, target: SQLValue)], by relation: Related<Self, T>, _ db: Database
  ) async throws {
    let link = try linkTable { _ in relation }
    for chunk in pairs.chunks(of: db.dialect.maxBindings / 2) {
      let builder = SQLBuilder(db.dialect)
      builder.writeLinks(link, Array(chunk))
      try await db.run(builder.statement(.write), source: SourcePlace(fileID: #fileID, line: #line))
    }
  }

  /// Unties rows from this one.
  package func untie<T: Model>(_ targets: [SQLValue], by relation: Related<Self, T>, _ db: Database) async throws {
    guard !targets.isEmpty else { return }
    let link = try Self.linkTable { _ in relation }
    try await removeLinks(link, id.sqlValue, targets, db, SourcePlace(fileID: #fileID, line: #line))
  }

  /// The keys of the rows that are tied to each of the owners.
  package static func links<T: Model>(
    of owners: [Self], by relation: Related<Self, T>, _ db: Database
  ) async throws -> [ID: [T.ID]] {
    let link = try linkTable { _ in relation }
    var found: [ID: [T.ID]] = [:]
    for chunk in owners.chunks(of: db.dialect.maxBindings) {
      let builder = SQLBuilder(db.dialect), quote = db.dialect.quote
      builder.write("SELECT \(quote(link.owner)), \(quote(link.target)) FROM \(quote(link.table)) WHERE \(quote(link.owner))")
      builder.writeMembership(chunk.map(\.id.sqlValue), negated: false)
      let source = SourcePlace(fileID: #fileID, line: #line)
      for (owner, target) in try await db.query(
        builder.statement(.read), source: source,
        decode: { row in
          (try ID.read(&row), try T.ID.read(&row))
        })
      { found[owner, default: []].append(target) }
    }
    return found
  }
}
