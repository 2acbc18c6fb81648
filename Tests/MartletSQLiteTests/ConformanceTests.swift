import MartletSQL
import Foundation
import MartletSQLite
import MartletTesting
import Testing

@Suite("SQLite does what every driver must do")
struct ConformanceTests {
  @Test("the conformance suite", arguments: DriverConformance.checks)
  func conforms(check: DriverConformance.Check) async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("martlet-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var configuration = SQLiteConfiguration(path: folder.appendingPathComponent("test.db").path)
    // A machine that builds and tests beside it may hold 400 tasks up for longer than an app would wait.
    configuration.acquireTimeout = .seconds(120)
    let settings = configuration
    try await DriverConformance { SQLiteDriver(settings) }.run(check)
  }
}
