import Synchronization

/// A replicated database for one request: after a write through it, its reads go to the primary.
final class ReplicatedSession: DatabaseDriver {
  private let driver: ReplicatedDriver
  private let lastWrite = Mutex<ContinuousClock.Instant?>(nil)

  init(_ driver: ReplicatedDriver) { self.driver = driver }

  var dialect: any SQLDialect { driver.dialect }
  var displayName: String { driver.displayName }
  var poolMetrics: PoolMetrics? { driver.poolMetrics }
  var primary: any DatabaseDriver { driver.primary }
  func connect() async throws { try await driver.connect() }
  func session() -> any DatabaseDriver { ReplicatedSession(driver) }
  func shutdown() async { await driver.shutdown() }

  @discardableResult
  func run(_ statement: SQLStatement, onRow: @escaping @Sendable (inout Row) throws -> Void) async throws -> StatementResult {
    guard statement.effect == .read else {
      return try await writing { try await driver.primary.run(statement, onRow: onRow) }
    }
    return try await (isPinned ? driver.primary : driver).run(statement, onRow: onRow)
  }

  func run(reads: [SQLStatement], onRow: @escaping @Sendable (Int, inout Row) throws -> Void) async throws {
    try await (isPinned ? driver.primary : driver).run(reads: reads, onRow: onRow)
  }

  func lease(_ access: DatabaseAccess, source: SourcePlace?) async throws -> ConnectionLease {
    guard access == .write else { return try await (isPinned ? driver.primary : driver).lease(access, source: source) }
    let lease = try await driver.primary.lease(access, source: source)
    noteWrite()
    return ConnectionLease(lease.connection) { [self] in
      await lease.end()
      noteWrite()
    }
  }

  /// Noted before, for reads beside it, and after, because the time counts from the commit.
  private func writing<Result>(_ body: () async throws -> Result) async throws -> Result {
    noteWrite()
    defer { noteWrite() }
    return try await body()
  }
  private func noteWrite() { lastWrite.withLock { $0 = .now } }
  private var isPinned: Bool {
    guard let last = lastWrite.withLock({ $0 }) else { return false }
    guard let window = driver.limits.pinnedAfterWrite else { return true }
    return ContinuousClock.now - last < window
  }
}

/// Set once.
final class Flag: Sendable {
  private let value = Atomic(false)
  var isSet: Bool { value.load(ordering: .acquiring) }
  func set() { value.store(true, ordering: .releasing) }
}
