import MartletCore
package import MartletSQL

/// How a query's rows become JSON: one statement for the rows with what is joined to them, one for each list of a level,
/// whatever the number of rows; the lists of a level go to the database together.
///
/// The JSON is written from the drivers' cells. No model is made, unless a member is written from it by the app.
package struct ReadPlan: Sendable {
  private let select: SelectPlan
  private let level: ReadLevel
  private let captures: [CellCodec]

  /// The plan of a query for rows of a shape, whose expressions begin at the query's root.
  ///
  /// - Parameter capturing: Expressions whose values are kept beside each row.
  package init<M: Model>(_ query: Query<M>, _ shape: RowShape, capturing: [(node: Node, codec: CellCodec)] = []) {
    level = ReadLevel(shape)
    captures = capturing.map(\.codec)
    var plan = query.plan(level.nodes + capturing.map(\.node))
    // SELECT DISTINCT can be ordered by what it selects alone; nobody reads these cells.
    if query.isDistinct { plan.select += query.orders.map(\.node) }
    select = plan
  }

  /// The rows, and how many there are in all where a statement that counts goes along.
  ///
  /// - Throws: ``DatabaseError``; ``ORMError``; what the app's own writers throw; `CancellationError`.
  package func run(_ db: Database, counting: SQLStatement? = nil, source: SourcePlace? = nil) async throws -> (JSONRows, Int?) {
    if select.lock != nil { try RowLock.check(db) }
    let collector = ReadCollector(level), level = level, captures = captures
    let statements = try [select.statement(db.dialect)] + (counting.map { [$0] } ?? [])
    try await db.run(reads: statements, source: source) { place, row in
      if place == 1 {
        collector.count = try Int.read(&row)
        return
      }
      try collector.rows.add(&row, level)
      if !captures.isEmpty { collector.rows.captured.append(try captures.map { try $0.read(&row) }) }
    }
    try await Self.load(&collector.rows, level.lists, db, source)
    return (JSONRows(rows: collector.rows), collector.count)
  }

  /// The rows a batch at a time, in constant memory: for exports. Lists take a statement a batch.
  package func stream(_ db: Database, batchSize: Int, source: SourcePlace? = nil) -> ReadBatches {
    ReadBatches(plan: self, db: db, batchSize: batchSize, source: source)
  }

  /// The plan as text: each statement, and what it is for.
  /// - Throws: ``ORMError`` where an expression cannot be compiled.
  package func description(_ dialect: any SQLDialect) throws -> String {
    var lines = ["1. the rows: " + (try select.statement(dialect).text)]
    try Self.describe(level.lists, "1", dialect, &lines)
    return lines.joined(separator: "\n")
  }
  private static func describe(
    _ lists: [ReadLevel.List], _ prefix: String, _ dialect: any SQLDialect, _ lines: inout [String]
  ) throws {
    for (index, list) in lists.enumerated() {
      let number = "\(prefix).\(index + 1)", owner = [Array(repeating: SQLValue.null, count: list.owner.count)]
      let statement = try list.rows.statement(list.level.nodes, owners: owner, dialect)
      lines.append("\(number) \(list.rows.root.schema.pluralLabel), for all rows of \(prefix): \(statement.text)")
      try describe(list.level.lists, number, dialect, &lines)
    }
  }

  func statement(_ dialect: any SQLDialect) throws -> SQLStatement { try select.statement(dialect) }
  var top: ReadLevel { level }

  // MARK: Lists

  /// Loads the rows of a level's lists, then theirs.
  static func load(_ rows: inout ReadRows, _ lists: [ReadLevel.List], _ db: Database, _ source: SourcePlace?) async throws {
    guard !lists.isEmpty, rows.count > 0 else { return }
    var statements: [SQLStatement] = [], places: [Int] = []
    for (place, list) in lists.enumerated() {
      // Leaves room for the bindings of filters.
      let size = db.dialect.maxBindings / 2 / max(1, list.owner.count)
      for chunk in rows.children[place].owners.chunks(of: size) {
        statements.append(try list.rows.statement(list.level.nodes, owners: chunk, db.dialect))
        places.append(place)
      }
      rows.children[place].rows = ReadRows(lists: list.level.lists.count)
    }
    let collector = ListCollector(rows.children), statementPlaces = places
    try await db.run(reads: statements, source: source) { statement, row in
      let place = statementPlaces[statement], list = lists[place]
      let owner = try list.owner.map { try $0.read(&row) }
      try collector.children[place].rows.add(&row, list.level)
      collector.children[place].link(to: owner)
    }
    for (place, list) in lists.enumerated() {
      try await load(&collector.children[place].rows, list.level.lists, db, source)
    }
    rows.children = collector.children
  }
}

/// Confined to one statement at a time: drivers call row closures one after the other and return after the last.
private final class ReadCollector: @unchecked Sendable {
  var rows: ReadRows
  var count: Int?
  init(_ level: ReadLevel) { rows = ReadRows(lists: level.lists.count) }
}
/// Confined to one batch, as above.
private final class ListCollector: @unchecked Sendable {
  var children: [ReadRows.Children]
  init(_ children: [ReadRows.Children]) { self.children = children }
}
