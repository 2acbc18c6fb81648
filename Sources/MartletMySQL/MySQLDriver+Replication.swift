public import MartletSQL

extension MySQLDriver {
  /// How far this server, a replica, is behind its primary, in whole seconds: zero where it has applied all that it received,
  /// or is none; the most where it has several primaries.
  ///
  /// `nil` where the user may not ask: that takes `GRANT REPLICA MONITOR` on MariaDB, `GRANT REPLICATION CLIENT` on MySQL.
  /// - Throws: ``DatabaseError``, of kind `connection` where a thread of the replication has stopped or has lost the primary.
  public func replicationLag() async throws -> Duration? {
    try await connect()
    let isMariaDB = (dialect as? MySQLDialect)?.flavor == .mariaDB
    let sources: [ReplicationSource]
    do {
      sources = try await replicationSources(isMariaDB ? "SHOW ALL REPLICAS STATUS" : "SHOW REPLICA STATUS")
    } catch let error as DatabaseError where error.code?.hasPrefix("1227 ") == true { return nil }
    var lag = Duration.zero
    for source in sources {
      guard let seconds = source.secondsBehind else {
        let problem = source.lastError.isEmpty ? "" : ": \(source.lastError)"
        throw DatabaseError(
          .connection,
          "the replication to \(displayName) has stopped (receiving: \(source.receiver), applying: \(source.applier))\(problem)",
          hint: "see SHOW REPLICA STATUS there, and start it again with START REPLICA")
      }
      lag = max(lag, .seconds(seconds))
    }
    return lag
  }

  private func replicationSources(_ text: String) async throws -> [ReplicationSource] {
    let connection = try await pool.borrow(source: nil)
    do {
      let sources = try await connection.listing(text).map(ReplicationSource.init)
      await pool.giveBack(connection)
      return sources
    } catch {
      await pool.giveBack(connection)
      throw error
    }
  }
}

/// What a replica says of one of its primaries. The columns go by their names: versions differ in their number.
private struct ReplicationSource {
  var secondsBehind: Int64?
  var receiver: String
  var applier: String
  var lastError: String

  init(_ row: [String: String]) {
    func value(_ names: String...) -> String? { names.lazy.compactMap { row[$0] }.first }
    receiver = value("Slave_IO_Running", "Replica_IO_Running") ?? "unknown"
    applier = value("Slave_SQL_Running", "Replica_SQL_Running") ?? "unknown"
    // NULL where the applying thread has stopped, or the receiving one has no connection.
    secondsBehind = value("Seconds_Behind_Master", "Seconds_Behind_Source").flatMap { Int64($0) }
    lastError = ["Last_SQL_Error", "Last_IO_Error"].compactMap { row[$0] }.first { !$0.isEmpty } ?? ""
  }
}
