import CMariaDB
import Foundation
import MartletSQL
import Synchronization

/// A session with the server, and its prepared statements.
///
/// Confined to the thread of its ``MySQLConnection``, but for the atomics and ``interrupt()``, which reads nothing else.
final class MySQLSession: @unchecked Sendable {
  let configuration: MySQLConfiguration
  let isUsable = Atomic(true)
  /// Whether a borrower left a transaction open, or may have changed settings.
  let needsReset = Atomic(false)
  /// The server's number of the session, for `KILL QUERY`.
  private let serverID = Atomic<UInt>(0)
  /// A second descriptor of the socket: to cut it while the C library waits for it, without racing its `close`.
  private let spareSocket = Atomic<Int32>(-1)

  private(set) var handle: UnsafeMutablePointer<MYSQL>?
  private(set) var dialect: MySQLDialect
  private(set) var maxPacket = 1 << 24
  var statements: StatementCache
  let reader = RowReader()
  var hasCursor = false
  /// Settings, locks or temporary tables of a borrower.
  var isDirty = false
  /// Set where the server rolled a transaction back on its own: what failed.
  var aborted: String?
  /// Whether the thread is at work, maybe waiting for the server.
  let isBusy = Atomic(false)

  init(_ configuration: MySQLConfiguration) {
    self.configuration = configuration
    dialect = MySQLDialect(configuration.expectedFlavor)
    statements = StatementCache(capacity: configuration.statementCacheSize)
  }

  // MARK: Opening and closing

  /// Connects and prepares the session.
  func open() throws {
    let opened = try Self.connect(configuration)
    do {
      handle = opened
      serverID.store(UInt(mysql_thread_id(opened)), ordering: .releasing)
      spareSocket.store(dup(mysql_get_socket(opened)), ordering: .releasing)
      dialect = MySQLDialect(Self.flavor(String(cString: mysql_get_server_info(opened))))
      try applySettings()
      maxPacket = try readMaxPacket()
    } catch {
      close()
      throw error
    }
  }

  func close() {
    isUsable.store(false, ordering: .releasing)
    statements.removeAll()
    if let handle { mysql_close(handle) }
    handle = nil
    let spare = spareSocket.exchange(-1, ordering: .acquiringAndReleasing)
    if spare >= 0 { Glibc.close(spare) }
  }

  /// The open session.
  /// - Throws: `DatabaseError` of kind `connection` where it has been lost.
  func opened(sql: String?) throws -> UnsafeMutablePointer<MYSQL> {
    guard let handle, isUsable.load(ordering: .acquiring) else {
      throw DatabaseError(.connection, "the connection to \(configuration.displayName) has been lost", sql: sql)
    }
    return handle
  }

  /// `MariaDB` is in the version of every MariaDB server.
  static func flavor(_ version: String) -> MySQLDialect.Flavor {
    version.range(of: "mariadb", options: .caseInsensitive) == nil ? .mySQL : .mariaDB
  }

  private func applySettings() throws {
    for text in SessionSettings.statements(configuration, dialect) { try execute(text) }
  }

  private func readMaxPacket() throws -> Int {
    var found = maxPacket
    try executeText("SELECT @@max_allowed_packet") { row in
      if case .text(let bytes) = try row.next(), let value = Int(String(decoding: bytes, as: UTF8.self)) { found = value }
    }
    return max(1024, found)
  }

  /// Undoes what the borrower left behind.
  func reset() throws {
    let handle = try opened(sql: nil)
    if isDirty {
      guard mysql_reset_connection(handle) == 0 else { throw lost(MySQLFailure(handle), sql: nil) }
      // The server has forgotten them.
      statements.removeAll()
      try applySettings()
    } else if isInTransaction {
      try execute("ROLLBACK")
    }
    isDirty = false
    aborted = nil
    needsReset.store(false, ordering: .releasing)
  }

  func ping() throws {
    let handle = try opened(sql: nil)
    guard mysql_ping(handle) == 0 else { throw lost(MySQLFailure(handle), sql: nil) }
  }

  var isInTransaction: Bool { (handle?.pointee.server_status ?? 0) & 1 != 0 }

  /// To be called after each statement.
  func noteState() { needsReset.store(isDirty || aborted != nil || isInTransaction, ordering: .releasing) }

  /// The error for a failure, after which the session may be of no use any more.
  func lost(_ failure: MySQLFailure, sql: String?) -> DatabaseError {
    if failure.losesConnection { isUsable.store(false, ordering: .releasing) }
    return failure.error(sql: sql)
  }

  // MARK: Interrupting

  /// Stops what the session runs, from another thread: asks the server to, and where that cannot be had, cuts the socket.
  func interrupt() {
    if (try? Self.kill(configuration, query: serverID.load(ordering: .acquiring))) == nil { cut() }
  }

  /// Ends the transport, from any thread; who waits for the server gets an error at once.
  func cut() {
    isUsable.store(false, ordering: .releasing)
    let spare = spareSocket.load(ordering: .acquiring)
    if spare >= 0 { shutdown(spare, Int32(SHUT_RDWR)) }
  }

  /// Asks the server, over a connection of its own, to stop what a session runs.
  private static func kill(_ configuration: MySQLConfiguration, query id: UInt) throws {
    var configuration = configuration
    configuration.connectTimeout = min(configuration.connectTimeout, .seconds(3))
    configuration.readTimeout = .seconds(3)
    configuration.writeTimeout = .seconds(3)
    let handle = try connect(configuration)
    defer { mysql_close(handle) }
    let text = "KILL QUERY \(id)"
    // 1094: the session has gone, and with it the statement.
    guard mysql_real_query(handle, text, UInt(text.utf8.count)) == 0 || mysql_errno(handle) == 1094 else {
      throw MySQLFailure(handle).error(sql: text)
    }
  }

  /// A statement for the kill to hit that may have come too late for its own.
  func absorbKill() {
    guard let handle, isUsable.load(ordering: .acquiring) else { return }
    let text = "DO 0"
    if mysql_real_query(handle, text, UInt(text.utf8.count)) != 0, mysql_errno(handle) != 1317 {
      isUsable.store(false, ordering: .releasing)
    }
  }
}

/// What each session is set to.
enum SessionSettings {
  /// The statements, in order; every one also works in a session that is set already.
  static func statements(_ configuration: MySQLConfiguration, _ dialect: MySQLDialect) -> [String] {
    var settings = [
      "NAMES utf8mb4 COLLATE \(dialect.collation)", "time_zone = '+00:00'", "sql_mode = '\(sqlMode(dialect.flavor))'",
      "group_concat_max_len = 4294967295", "autocommit = 1",
    ]
    if let timeout = configuration.statementTimeout {
      let milliseconds = max(1, Int64(timeout / .milliseconds(1)))
      switch dialect.flavor {
      case .mariaDB:
        settings.append("max_statement_time = \(milliseconds / 1000).\(String(milliseconds % 1000 + 1000).dropFirst())")
      case .mySQL: settings.append("max_execution_time = \(milliseconds)")
      }
    }
    if let timeout = configuration.lockWaitTimeout {
      let seconds = wholeSeconds(timeout)
      settings += ["innodb_lock_wait_timeout = \(seconds)", "lock_wait_timeout = \(seconds)"]
    }
    return [
      "SET " + settings.joined(separator: ", "),
      "SET SESSION TRANSACTION ISOLATION LEVEL \(configuration.isolation.rawValue)",
    ]
  }

  /// Strict, but for a division by zero, which is NULL as on SQLite. Zero is a key like any other, not a wish for a new one.
  /// On MariaDB, `SET a = b, b = a` swaps, as on other databases.
  static func sqlMode(_ flavor: MySQLDialect.Flavor) -> String {
    let modes = "STRICT_ALL_TABLES,STRICT_TRANS_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,NO_ENGINE_SUBSTITUTION,NO_AUTO_VALUE_ON_ZERO"
    return flavor == .mariaDB ? modes + ",SIMULTANEOUS_ASSIGNMENT" : modes
  }

  static func wholeSeconds(_ duration: Duration) -> UInt32 { UInt32(max(1, (duration / .seconds(1)).rounded(.up))) }
}
