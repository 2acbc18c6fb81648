import MartletSQL

/// How a query waits for rows that another transaction has locked.
public enum LockWaiting: Sendable, Hashable {
  /// Until they are free, or the lock time-out is over.
  case wait
  /// Not at all: ``DatabaseError/Kind/busy``.
  case noWait
  /// It leaves them out: for queues, where several workers take what no other has.
  case skipLocked
}

/// Which rows a query locks.
public enum LockedRows: Sendable, Hashable {
  /// Those of the query's own table, and not those that are joined to it.
  case own
  /// Those that are joined to it too.
  case joined
}

/// The lock that a query takes on its rows.
package struct RowLock: Sendable, Hashable {
  package enum Strength: Sendable { case update, noKeyUpdate, share, keyShare }
  package var strength: Strength
  package var waiting: LockWaiting
  package var rows: LockedRows?
}

extension Query {
  /// Locks the rows until the transaction ends, against other locks and against changes: Django's `select_for_update`.
  ///
  /// ```swift
  /// try await db.transaction { tx in
  ///   guard var job = try await Job.filter { $0.state == .waiting }.order { $0.id.asc }
  ///     .forUpdate(.skipLocked).first(tx) else { return }
  ///   try await job.save(tx) { $0.state = .running }
  /// }
  /// ```
  /// On SQLite a transaction that may write is the only one that does: nothing more is locked, and `noWait` and `skipLocked`
  /// are errors.
  /// - Parameters:
  ///   - waiting: What to do about rows that are locked already.
  ///   - of: Whose rows. Where nothing is said, those of the query's own table; on MariaDB, which cannot choose, those of
  ///     joined tables too.
  ///   - noKey: PostgreSQL's weaker lock, which lets others insert rows that refer to these.
  /// - Note: Runs inside of a transaction alone, and never on a replica. A ``DatabaseError`` of kind `unsupported` names what
  ///   a database cannot do.
  public func forUpdate(_ waiting: LockWaiting = .wait, of rows: LockedRows? = nil, noKey: Bool = false) -> Self {
    with { $0.lock = RowLock(strength: noKey ? .noKeyUpdate : .update, waiting: waiting, rows: rows) }
  }

  /// Locks the rows against changes, though not against other such locks, until the transaction ends.
  ///
  /// - Parameter noKey: PostgreSQL's weaker lock, which lets others change what is no key.
  /// - Note: As ``forUpdate(_:of:noKey:)``.
  public func forShare(_ waiting: LockWaiting = .wait, of rows: LockedRows? = nil, noKey: Bool = false) -> Self {
    with { $0.lock = RowLock(strength: noKey ? .keyShare : .share, waiting: waiting, rows: rows) }
  }

  /// - Throws: ``DatabaseError`` of kind `transaction` where the lock would end with the statement.
  func checkLock(_ db: Database) throws {
    guard lock != nil else { return }
    try RowLock.check(db)
  }
}

extension RowLock {
  static func check(_ db: Database) throws {
    guard !db.isInTransaction else { return }
    throw DatabaseError(
      .transaction, "rows are locked until their transaction ends, and there is none",
      hint: "run the query inside of db.transaction { tx in … }, on 'tx'")
  }
}

extension SQLBuilder {
  /// `FOR UPDATE …`, at the end of a SELECT.
  func writeLock(_ lock: RowLock, _ scope: Scope) throws {
    try checkCapabilities(lock, hasJoins: scope.hasJoins)
    switch dialect.family {
    // BEGIN IMMEDIATE made this transaction the only one that writes.
    case .sqlite: return
    case .postgres:
      switch lock.strength {
      case .update: write(" FOR UPDATE")
      case .noKeyUpdate: write(" FOR NO KEY UPDATE")
      case .share: write(" FOR SHARE")
      case .keyShare: write(" FOR KEY SHARE")
      }
    case .mysql:
      let share = dialect.capabilities.contains(.lockOf) ? " FOR SHARE" : " LOCK IN SHARE MODE"
      write(lock.strength == .update ? " FOR UPDATE" : share)
    }
    if lock.rows != .joined, scope.hasJoins, dialect.capabilities.contains(.lockOf) { write(" OF \(scope.alias)") }
    switch lock.waiting {
    case .wait: break
    case .noWait: write(" NOWAIT")
    case .skipLocked: write(" SKIP LOCKED")
    }
  }

  private func checkCapabilities(_ lock: RowLock, hasJoins: Bool) throws {
    func need(_ capability: SQLCapabilities, _ name: String, _ message: String, _ hint: String) throws {
      if !dialect.capabilities.contains(capability) {
        throw DatabaseError(.unsupported(capability: name), "\(dialect.name) \(message)", hint: hint)
      }
    }
    switch lock.waiting {
    case .wait: break
    case .noWait: try need(.lockNoWait, "lockNoWait", "cannot give up on a locked row at once", "use forUpdate()")
    case .skipLocked: try need(.skipLocked, "skipLocked", "cannot skip locked rows", "use forUpdate()")
    }
    if lock.strength == .noKeyUpdate || lock.strength == .keyShare {
      try need(.noKeyLocks, "noKeyLocks", "has no locks that spare the key", "leave out noKey")
    }
    if lock.rows == .own, hasJoins, dialect.family != .sqlite {
      try need(.lockOf, "lockOf", "locks the rows of joined tables too", "leave out of: .own")
    }
  }
}
