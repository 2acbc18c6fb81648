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
    try await DriverConformance { SQLiteDriver(path: folder.appendingPathComponent("test.db").path) }.run(check)
  }
}
