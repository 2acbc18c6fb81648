import Foundation
import MartletSQL
import Synchronization

/// A schema (PostgreSQL) or a database (MySQL) of one test.
struct ScratchSpace: Sendable {
  private static let count = Atomic(0)
  private static let isSwept = Mutex<Set<SQLFamily>>([])
  private static let prefix = "martlet_test_"
  /// `martlet_test_1795478400_4711_3`: when, by which process, which one.
  let name: String

  init() {
    let number = Self.count.wrappingAdd(1, ordering: .relaxed).newValue
    name = "\(Self.prefix)\(Int(Date().timeIntervalSince1970))_\(ProcessInfo.processInfo.processIdentifier)_\(number)"
  }

  /// Makes it; the first time in a process it also removes what processes have left an hour ago and before.
  func create(on server: any DatabaseDriver) async throws {
    do {
      if Self.isSwept.withLock({ $0.insert(server.dialect.family).inserted }) { await sweep(server) }
      try await run(
        server.dialect.family == .postgres ? "CREATE SCHEMA \(name)" : "CREATE DATABASE \(name) CHARACTER SET utf8mb4", server)
    } catch {
      await server.shutdown()
      throw error
    }
    await server.shutdown()
  }

  func drop(on server: any DatabaseDriver) async {
    _ = try? await run(Self.dropping(name, server), server)
    await server.shutdown()
  }

  private static func dropping(_ name: String, _ server: any DatabaseDriver) -> String {
    server.dialect.family == .postgres ? "DROP SCHEMA IF EXISTS \(name) CASCADE" : "DROP DATABASE IF EXISTS \(name)"
  }

  private func run(_ text: String, _ server: any DatabaseDriver) async throws {
    try await server.run(SQLStatement(text, effect: .definition)) { _ in }
  }

  private func sweep(_ server: any DatabaseDriver) async {
    let limit = Int(Date().timeIntervalSince1970) - 3600
    let names = try? await Database(server).query(
      SQLStatement("SELECT schema_name FROM information_schema.schemata", effect: .read)
    ) { try $0.text() }
    for name in names ?? [] where name.hasPrefix(Self.prefix) {
      guard let made = Int(name.dropFirst(Self.prefix.count).prefix { $0 != "_" }), made < limit else { continue }
      _ = try? await run(Self.dropping(name, server), server)
    }
  }
}

/// A driver whose database goes with it.
final class ScratchDriver: DatabaseDriver {
  private let inner: any DatabaseDriver
  private let scratch: ScratchSpace
  private let server: @Sendable () -> any DatabaseDriver
  private let isDropped = Atomic(false)

  init(_ inner: any DatabaseDriver, _ scratch: ScratchSpace, _ server: @escaping @Sendable () -> any DatabaseDriver) {
    self.inner = inner
    self.scratch = scratch
    self.server = server
  }
  deinit {
    guard !isDropped.load(ordering: .acquiring) else { return }
    let inner = inner, scratch = scratch, server = server
    Task {
      await inner.shutdown()
      await scratch.drop(on: server())
    }
  }

  var dialect: any SQLDialect { inner.dialect }
  var displayName: String { inner.displayName }
  var poolMetrics: PoolMetrics? { inner.poolMetrics }
  func connect() async throws { try await inner.connect() }
  @discardableResult
  func run(_ statement: SQLStatement, onRow: @escaping @Sendable (inout Row) throws -> Void) async throws -> StatementResult {
    try await inner.run(statement, onRow: onRow)
  }
  func run(reads: [SQLStatement], onRow: @escaping @Sendable (Int, inout Row) throws -> Void) async throws {
    try await inner.run(reads: reads, onRow: onRow)
  }
  func lease(_ access: DatabaseAccess, source: SourcePlace?) async throws -> ConnectionLease {
    try await inner.lease(access, source: source)
  }
  func session() -> any DatabaseDriver { inner.session() }
  func shutdown() async {
    guard !isDropped.exchange(true, ordering: .acquiringAndReleasing) else { return }
    await inner.shutdown()
    await scratch.drop(on: server())
  }
}
