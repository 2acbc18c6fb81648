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
  /// Counts the rows of the query without its page, where the total is asked for.
  private let counting: (@Sendable (Database) async throws -> Int)?

  /// The plan of a query for rows of a shape, whose expressions begin at the query's root.
  ///
  /// - Parameters:
  ///   - capturing: Expressions whose values are kept beside each row.
  ///   - counted: Whether to say how many rows the query has without its limit: a subquery beside the rows, that the database
  ///     evaluates once; a statement of its own where the page is empty and is not the first.
  package init<M: Model>(
    _ query: Query<M>, _ shape: RowShape, capturing: [(node: Node, codec: CellCodec)] = [], counted: Bool = false
  ) {
    level = ReadLevel(shape)
    captures = capturing.map(\.codec)
    var plan = query.plan(level.nodes + capturing.map(\.node))
    if counted {
      var all = query
      (all.limit, all.offset) = (nil, nil)
      counting = { [all] in try await all.count($0) }
      plan.select.append(.scalarSelect(all.countPlan))
    } else {
      counting = nil
    }
    // SELECT DISTINCT can be ordered by what it selects alone; nobody reads these cells.
    if query.isDistinct { plan.select += query.orders.map(\.node) }
    // Rows of no column are rows still.
    if plan.select.isEmpty { plan.select = [.raw([.sql("1")], .int)] }
    select = plan
  }

  /// The rows.
  /// - Parameter rowLimit: How many rows may be read on all levels together, and stand in the JSON.
  /// - Throws: ``TooManyRows``; ``DatabaseError``; ``ORMError``; what the app's own writers throw; `CancellationError`.
  package func run(_ db: Database, rowLimit: Int = .max, source: SourcePlace? = nil) async throws -> JSONRows {
    if select.lock != nil { try RowLock.check(db) }
    let rows = Confined(ReadRows(lists: level.lists.count)), counted = Confined<Int?>(nil), level = level, captures = captures,
      isCounted = counting != nil
    try await db.run(reads: [select.statement(db.dialect)], source: source) { _, row in
      try rows.value.add(&row, level)
      if rows.value.count > rowLimit { throw TooManyRows(limit: rowLimit) }
      if !captures.isEmpty { rows.value.captured.append(try captures.map { try $0.read(&row) }) }
      if isCounted, counted.value == nil { counted.value = try Int.read(&row) }
    }
    var read = rows.value.count
    try await Self.load(&rows.value, level.lists, db, source, &read, rowLimit)
    // Rows that stand in several lists are read once, and written each time.
    if rowLimit < .max, !level.lists.isEmpty,
      rows.value.weights().reduce(0, { $0.addingReportingOverflow($1).overflow ? .max : $0 + $1 }) > rowLimit
    {
      throw TooManyRows(limit: rowLimit)
    }
    var total = counted.value
    if let counting, total == nil { total = (select.offset ?? 0) == 0 && select.limit != 0 ? 0 : try await counting(db) }
    return JSONRows(rows: rows.value, total: total)
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
  /// Whether some rows come by statements of their own.
  package var hasLists: Bool { !level.lists.isEmpty }

  // MARK: Lists

  /// Loads the rows of a level's lists, then theirs.
  static func load(
    _ rows: inout ReadRows, _ lists: [ReadLevel.List], _ db: Database, _ source: SourcePlace?, _ read: inout Int, _ limit: Int
  ) async throws {
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
    // Taken out, so that filling them copies nothing.
    let children = Confined(rows.children), total = Confined(read), statementPlaces = places
    rows.children = []
    try await db.run(reads: statements, source: source) { statement, row in
      let place = statementPlaces[statement], list = lists[place]
      let owner = try list.owner.map { try $0.read(&row) }
      try children.value[place].rows.add(&row, list.level)
      children.value[place].link(to: owner)
      total.value += 1
      if total.value > limit { throw TooManyRows(limit: limit) }
    }
    read = total.value
    for (place, list) in lists.enumerated() {
      try await load(&children.value[place].rows, list.level.lists, db, source, &read, limit)
    }
    rows.children = children.value
  }
}

/// An answer would hold more rows than it may.
package struct TooManyRows: Error {
  package var limit: Int
}
