import MartletSQL
import MartletPostgres
import MartletTesting
import Testing

@Suite("PostgreSQL does what every driver must do")
struct ConformanceTests {
  @Test("the conformance suite", arguments: DriverConformance.checks)
  func conforms(check: DriverConformance.Check) async throws {
    try await DriverConformance { try TestServer.driver() }.run(check)
  }

  @Test("a primary is behind nobody")
  func lag() async throws {
    let driver = try TestServer.driver()
    #expect(try await driver.replicationLag() == .zero)
    await driver.shutdown()
  }
}
