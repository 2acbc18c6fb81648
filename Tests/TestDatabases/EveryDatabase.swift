public import Testing

/// Runs each test of a suite once on every kind of database.
///
/// ```swift
/// @Suite("Logging in", .onEveryDatabase)
/// struct LoginTests {
///   @Test func login() async throws { let db = try await TestDatabases.make(EveryDatabase.kind) … }
/// }
/// ```
/// For suites whose tests do not care which database they have; where a test does, it takes the kind as its argument.
public struct EveryDatabase: TestTrait, SuiteTrait, TestScoping {
  /// The kind that the current test runs on.
  @TaskLocal public static var kind = TestDatabaseKind.sqlite

  public var isRecursive: Bool { true }

  public func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    for kind in TestDatabaseKind.allCases {
      try await Self.$kind.withValue(kind) {
        do { try await function() } catch { throw OnDatabase(kind: kind, error: error) }
      }
    }
  }
}

/// Says on which database a test failed.
struct OnDatabase: Error, CustomStringConvertible {
  var kind: TestDatabaseKind
  var error: any Error
  var description: String { "on \(kind.rawValue): \(error)" }
}

extension Trait where Self == EveryDatabase {
  /// Each test once on every kind of database.
  public static var onEveryDatabase: Self { EveryDatabase() }
}
