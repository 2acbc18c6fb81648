import CMariaDB
import Foundation
import MartletSQL
import Synchronization

extension MySQLSession {
  typealias RowHandler = (inout Row) throws -> Void

  /// Runs a statement to its end.
  func run(_ statement: SQLStatement, _ job: StatementJob, _ onRow: RowHandler) throws -> StatementResult {
    _ = try opened(sql: statement.text)
    guard !hasCursor else {
      throw DatabaseError(
        .transaction, "a cursor is open on this connection", hint: "close it before the next statement", sql: statement.text)
    }
    let traits = StatementTraits(statement.text)
    if let reason = aborted {
      guard traits.isRollback else {
        throw DatabaseError(
          .transaction, "the transaction has been rolled back, because a statement in it failed: \(reason)", sql: statement.text)
      }
      aborted = nil
    }
    return try guarded(job, statement) {
      if traits.changesSession { isDirty = true }
      if traits.goesAsText, statement.bindings.isEmpty {
        return try executeText(statement.text, onRow)
      }
      return try executePrepared(statement, onRow)
    }
  }

  /// Runs `body` as the job's statement; a failure that comes from its cancellation becomes `CancellationError`.
  /// - Parameter ifKilled: Ends what `body` has left open where the server was told to stop the statement.
  func guarded<T>(
    _ job: StatementJob, _ statement: SQLStatement, ifKilled: (() -> Void)? = nil, _ body: () throws -> T
  ) throws -> T {
    guard job.start() else { throw CancellationError() }
    let wasInTransaction = isInTransaction
    var result = Result { try body() }
    if job.finish() {
      if let ifKilled {
        ifKilled()
        if case .success = result { result = .failure(CancellationError()) }
      }
      absorbKill()
    }
    if case .failure(let error) = result, wasInTransaction { noteAborted(error) }
    noteState()
    guard case .failure(let error) = result else { return try result.get() }
    if let failure = error as? MySQLFailure {
      let described = lost(failure, sql: statement.text)
      if job.isCancelled, failure.isInterruption || failure.losesConnection { throw CancellationError() }
      throw resolved(described)
    }
    throw error
  }

  /// After a deadlock and the like the server has ended the whole transaction: what follows must not run as if it were still
  /// inside. An error says nothing of it; the answer to the next statement does.
  private func noteAborted(_ error: any Error) {
    guard !hasCursor, let handle, isUsable.load(ordering: .acquiring), (error as? MySQLFailure)?.losesConnection != true else {
      return
    }
    let text = "DO 0"
    if mysql_real_query(handle, text, UInt(text.utf8.count)) == 0, !isInTransaction {
      aborted = (error as? MySQLFailure)?.error(sql: nil).message ?? "\(error)"
    }
  }

  /// Runs one of the driver's own statements.
  func execute(_ text: String) throws {
    do { try executeText(text) { _ in } } catch let failure as MySQLFailure { throw lost(failure, sql: text) }
  }

  // MARK: Text protocol

  /// The rows of a `SHOW` statement by the names of their columns, without what is NULL.
  func listing(_ text: String, _ job: StatementJob) throws -> [[String: String]] {
    try guarded(job, SQLStatement(text, effect: .read)) {
      var names: [String] = [], rows: [[String: String]] = []
      try executeText(text, onColumns: { names = $0 }) { row in
        var values: [String: String] = [:]
        for name in names { values[name] = try String?.read(&row) }
        rows.append(values)
      }
      return rows
    }
  }

  /// Sends a statement as text; its rows, which only listings have, are all text.
  /// - Throws: ``MySQLFailure``; what `onRow` throws.
  @discardableResult
  func executeText(
    _ text: String, onColumns: ([String]) -> Void = { _ in }, _ onRow: RowHandler
  ) throws -> StatementResult {
    let handle = try opened(sql: text)
    try checkSize(text)
    let code = text.withCString { mysql_real_query(handle, $0, UInt(text.utf8.count)) }
    guard code == 0 else { throw MySQLFailure(handle) }
    guard mysql_field_count(handle) > 0 else {
      let result = counted(mysql_affected_rows(handle), mysql_insert_id(handle))
      try skipFurtherResults(handle)
      return result
    }
    guard let rows = mysql_use_result(handle) else { throw MySQLFailure(handle) }
    // Freeing reads what is left of the rows.
    defer { mysql_free_result(rows) }
    let count = Int(mysql_num_fields(rows))
    if let fields = mysql_fetch_fields(rows) { onColumns((0..<count).map { String(cString: fields[$0].name) }) }
    let cells = UnsafeMutablePointer<RowCell>.allocate(capacity: max(1, count))
    defer { cells.deallocate() }
    while let values = mysql_fetch_row(rows), let lengths = mysql_fetch_lengths(rows) {
      for i in 0..<count {
        let cell: RowCell = values[i].map { .text(UnsafeRawBufferPointer(start: $0, count: Int(lengths[i]))) } ?? .null
        (cells + i).initialize(to: cell)
      }
      var row = Row(cells: cells, count: count)
      try onRow(&row)
    }
    guard mysql_errno(handle) == 0 else { throw MySQLFailure(handle) }
    return StatementResult(rowsAffected: 0)
  }

  private func skipFurtherResults(_ handle: UnsafeMutablePointer<MYSQL>) throws {
    while mysql_more_results(handle) != 0 {
      guard mysql_next_result(handle) <= 0 else { throw MySQLFailure(handle) }
      if let rows = mysql_use_result(handle) { mysql_free_result(rows) }
    }
  }

  private func checkSize(_ text: String) throws {
    guard text.utf8.count + 64 <= maxPacket else {
      throw DatabaseError(
        .invalidStatement,
        "the statement's text takes \(text.utf8.count) bytes, and the server's max_allowed_packet is \(maxPacket)",
        hint: "bind the values, or raise the server's variable max_allowed_packet")
    }
  }

  // MARK: Prepared statements

  private func executePrepared(_ statement: SQLStatement, _ onRow: RowHandler) throws -> StatementResult {
    let prepared: PreparedStatement
    do { prepared = try start(statement) } catch let failure as MySQLFailure where failure.wantsText && statement.bindings.isEmpty
    {
      return try executeText(statement.text, onRow)
    }
    defer { prepared.parameters.release() }
    let rows = try fetchAll(prepared, sql: statement.text, onRow)
    guard rows == nil else { return StatementResult(rowsAffected: prepared.traits.writes ? rows ?? 0 : 0) }
    return counted(mysql_stmt_affected_rows(prepared.handle), mysql_stmt_insert_id(prepared.handle))
  }

  /// Prepares and executes; once more where the server has forgotten the statement or the schema has changed.
  func start(_ statement: SQLStatement) throws -> PreparedStatement {
    do { return try startOnce(statement) } catch let failure as MySQLFailure
      where failure.wantsPreparing || failure.hasOtherColumns && !StatementTraits(statement.text).writes
    {
      statements.remove(statement.text)
      return try startOnce(statement)
    }
  }

  private func startOnce(_ statement: SQLStatement) throws -> PreparedStatement {
    let handle = try opened(sql: statement.text)
    try checkSize(statement.text)
    let prepared = try statements.statement(for: statement, handle)
    guard prepared.parameterCount == statement.bindings.count else {
      throw DatabaseError(
        .invalidStatement,
        "the statement has \(prepared.parameterCount) placeholders and \(statement.bindings.count) values", sql: statement.text)
    }
    if prepared.parameterCount > 0 {
      try prepared.parameters.fill(statement.bindings, dialect, limit: maxPacket, sql: statement.text)
      guard mysql_stmt_bind_param(prepared.handle, prepared.parameters.binds) == 0 else { throw MySQLFailure(prepared.handle) }
      try sendLongValues(prepared)
    }
    guard mysql_stmt_execute(prepared.handle) == 0 else {
      let failure = MySQLFailure(prepared.handle)
      // What the server keeps of long values would be added to the next ones.
      if !prepared.parameters.long.isEmpty { statements.remove(statement.text) }
      throw failure
    }
    return prepared
  }

  private func sendLongValues(_ prepared: PreparedStatement) throws {
    for (index, bytes) in prepared.parameters.long {
      var rest = bytes[...]
      while !rest.isEmpty {
        let part = UnsafeRawBufferPointer(rebasing: rest.prefix(min(ParameterBinds.longValue, maxPacket / 2)))
        let code = part.withMemoryRebound(to: CChar.self) {
          mysql_stmt_send_long_data(prepared.handle, UInt32(index), $0.baseAddress, UInt($0.count))
        }
        guard code == 0 else { throw MySQLFailure(prepared.handle) }
        rest = rest.dropFirst(part.count)
      }
    }
  }

  /// Hands over all rows; `nil` where the statement has none to give.
  private func fetchAll(_ prepared: PreparedStatement, sql: String, _ onRow: RowHandler) throws -> Int? {
    guard beginRows(prepared) else { return nil }
    var count = 0
    do {
      while try fetchRow(prepared, sql: sql, onRow) { count += 1 }
    } catch {
      abandon(prepared)
      throw error
    }
    finishRows(prepared)
    return count
  }

  /// Learns the columns; `false` where there are none.
  func beginRows(_ prepared: PreparedStatement) -> Bool {
    let count = Int(mysql_stmt_field_count(prepared.handle))
    guard count > 0, let fields = prepared.handle.pointee.fields else { return false }
    reader.begin(fields, count: count)
    return true
  }

  /// Hands over the next row, unless there is none.
  func fetchRow(_ prepared: PreparedStatement, sql: String, _ onRow: RowHandler) throws -> Bool {
    switch mysql_stmt_fetch(prepared.handle) {
    case 0: break
    case MYSQL_NO_DATA: return false
    default:
      let failure = MySQLFailure(prepared.handle)
      throw failure.number == 0 ? MySQLFailure(prepared.handle.pointee.mysql) : failure
    }
    guard let binds = prepared.handle.pointee.bind else { return false }
    try reader.read(binds, sql: sql)
    var row = Row(cells: reader.cells, count: reader.count)
    try onRow(&row)
    return true
  }

  /// Frees the result, and the further ones that a procedure may have.
  func finishRows(_ prepared: PreparedStatement) {
    mysql_stmt_free_result(prepared.handle)
    while mysql_stmt_more_results(prepared.handle) != 0 {
      guard mysql_stmt_next_result(prepared.handle) == 0 else { break }
      mysql_stmt_free_result(prepared.handle)
    }
  }

  /// Ends a result before its last row. A few rows are read and dropped; the server is told to stop sending more.
  func abandon(_ prepared: PreparedStatement) {
    guard isUsable.load(ordering: .acquiring) else { return }
    let deadline = ContinuousClock.now + .milliseconds(20)
    var left = 10_000, code: Int32 = 0
    while left > 0, code == 0, ContinuousClock.now < deadline {
      code = mysql_stmt_fetch(prepared.handle)
      left -= 1
    }
    let mustKill = code == 0
    if mustKill { interrupt() }
    finishRows(prepared)
    if mustKill { absorbKill() }
  }

  private func counted(_ rows: UInt64, _ key: UInt64) -> StatementResult {
    StatementResult(rowsAffected: Int(exactly: rows) ?? 0, lastInsertID: key == 0 ? nil : Int64(exactly: key))
  }

  // MARK: Columns of keys

  /// The error with the columns of the unique key that it names.
  private func resolved(_ error: DatabaseError) -> DatabaseError {
    guard case .uniqueViolation(let key, _) = error.kind, let table = error.sql.flatMap(StatementTraits.table) else {
      return error
    }
    var columns: [String] = []
    let statement = SQLStatement(
      "SELECT COLUMN_NAME FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? "
        + "AND INDEX_NAME = ? ORDER BY SEQ_IN_INDEX", [.text(table), .text(key)], effect: .read)
    // Where this fails too, the key's name has to do.
    _ = try? executePrepared(statement) { columns.append(try $0.text()) }
    var error = error
    error.kind = .uniqueViolation(constraint: key, columns: columns)
    return error
  }
}

extension StatementTraits {
  /// The table that an INSERT, REPLACE or UPDATE names in backticks.
  static func table(_ text: String) -> String? {
    let head = text.drop(while: \.isWhitespace).prefix(8).uppercased()
    guard head.hasPrefix("INSERT") || head.hasPrefix("UPDATE") || head.hasPrefix("REPLACE") else { return nil }
    guard let open = text.firstIndex(of: "`") else { return nil }
    var name = "", rest = text[text.index(after: open)...]
    while let character = rest.popFirst() {
      if character == "`" {
        guard rest.first == "`" else { return name }
        rest = rest.dropFirst()
      }
      name.append(character)
    }
    return nil
  }
}
