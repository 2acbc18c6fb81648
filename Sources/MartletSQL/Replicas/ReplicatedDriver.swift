/// A primary server and its replicas: what only reads may go to a replica.
///
/// ```swift
/// let driver = ReplicatedDriver(primary: primary, replicas: [east, west])
/// let db = Database(driver)
/// try await db.run(statement)               // a read goes to a replica, anything else to the primary
/// let request = db.forRequest()             // reads what was written through it: from the primary after a write
/// ```
/// Statements whose effect is ``SQLStatement/Effect/read``, and connections lent for reading, go to the replicas in turn;
/// writes, `SELECT … FOR UPDATE` and writing transactions go to the primary. A replica that cannot be reached, or lags more
/// than allowed, is left out and looked at again later, with growing pauses; with none left, the primary reads. A replica
/// serves nobody before it has been looked at once, which ``connect()`` does for all of them.
public final class ReplicatedDriver: DatabaseDriver {
  /// What counts as fit to serve.
  public struct Limits: Sendable, Hashable {
    /// A replica that is further behind is left out.
    public var maximumLag: Duration = .seconds(10)
    /// How often a replica in use is asked how far it is behind.
    public var checkInterval: Duration = .seconds(5)
    /// The pause before a replica that was left out is looked at again; doubles up to ``maximumBackoff``.
    public var initialBackoff: Duration = .seconds(1)
    /// The longest of these pauses.
    public var maximumBackoff: Duration = .seconds(60)
    /// How long the reads of a session go to the primary after a write; `nil` for all that follow.
    public var pinnedAfterWrite: Duration?
    /// The limits above.
    public init() {}
  }

  public let primary: any DatabaseDriver
  /// What counts as fit to serve.
  public let limits: Limits
  private let replicas: ReplicaSet

  /// A driver for a primary and its replicas. Each has its own pool.
  public init(primary: any DatabaseDriver, replicas: [any DatabaseDriver], limits: Limits = Limits()) {
    self.primary = primary
    self.limits = limits
    self.replicas = ReplicaSet(replicas, limits)
  }

  public var dialect: any SQLDialect { primary.dialect }
  public var displayName: String {
    replicas.members.isEmpty
      ? primary.displayName
      : primary.displayName + " with replicas " + replicas.members.map(\.displayName).joined(separator: ", ")
  }
  public var poolMetrics: PoolMetrics? { primary.poolMetrics }
  /// The replicas that serve at the moment, by their addresses.
  public var healthyReplicas: [String] { replicas.healthy }

  /// Reaches the primary, and looks at every replica. A replica that is away is no error.
  /// - Throws: ``DatabaseError`` of the primary.
  public func connect() async throws {
    try await primary.connect()
    await replicas.checkAll()
  }

  @discardableResult
  public func run(_ statement: SQLStatement, onRow: @escaping @Sendable (inout Row) throws -> Void) async throws
    -> StatementResult
  {
    guard statement.effect == .read else { return try await primary.run(statement, onRow: onRow) }
    return try await reading { driver, hasRows in
      try await driver.run(statement) { row in
        hasRows.set()
        try onRow(&row)
      }
    }
  }

  public func run(reads: [SQLStatement], onRow: @escaping @Sendable (Int, inout Row) throws -> Void) async throws {
    try await reading { driver, hasRows in
      try await driver.run(reads: reads) { place, row in
        hasRows.set()
        try onRow(place, &row)
      }
    }
  }

  /// Reads on the first replica that can be reached, or on the primary.
  private func reading<Result>(_ body: (any DatabaseDriver, _ hasRows: Flag) async throws -> Result) async throws -> Result {
    while let replica = replicas.next() {
      let hasRows = Flag()
      do { return try await body(replica.driver, hasRows) } catch let error as DatabaseError where error.isAbsence {
        replicas.leaveOut(replica, error)
        // What was handed over cannot be taken back.
        if hasRows.isSet { throw error }
      }
    }
    return try await body(primary, Flag())
  }

  public func lease(_ access: DatabaseAccess, source: SourcePlace?) async throws -> ConnectionLease {
    guard access == .read else { return try await primary.lease(access, source: source) }
    while let replica = replicas.next() {
      do { return try await replica.driver.lease(access, source: source) } catch let error as DatabaseError where error.isAbsence
      {
        replicas.leaveOut(replica, error)
      }
    }
    return try await primary.lease(access, source: source)
  }

  public func session() -> any DatabaseDriver { ReplicatedSession(self) }

  public func shutdown() async {
    for replica in replicas.members { await replica.shutdown() }
    await primary.shutdown()
  }
}

extension DatabaseError {
  /// Whether another server may serve better.
  fileprivate var isAbsence: Bool {
    switch kind {
    case .connection, .poolTimeout, .authentication: true
    default: false
    }
  }
}
