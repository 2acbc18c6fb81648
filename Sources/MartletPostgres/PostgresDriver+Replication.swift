public import MartletSQL

extension PostgresDriver {
  /// How far this server, a standby, is behind its primary: zero where it has replayed all that it received, or is none.
  ///
  /// A standby that receives nothing counts from the last transaction it replayed, so that one whose primary it lost is
  /// soon left out.
  /// - Throws: ``DatabaseError``, also where a standby has replayed nothing yet.
  public func replicationLag() async throws -> Duration? {
    let statement = SQLStatement(
      """
      SELECT CASE WHEN NOT pg_is_in_recovery() THEN 0
        WHEN EXISTS (SELECT 1 FROM pg_stat_wal_receiver) AND pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
        ELSE greatest(0, EXTRACT(EPOCH FROM clock_timestamp() - pg_last_xact_replay_timestamp())) END::float8
      """, effect: .read)
    let seconds = try await Database(self).query(statement) { row in
      row.nextIsNull ? nil : try row.double()
    }
    guard let first = seconds.first, let lag = first else {
      throw DatabaseError(.connection, "\(displayName) is a standby that has replayed nothing yet")
    }
    return .seconds(min(lag, 1e9))
  }
}
