import MartletSQL
import MartletMySQL
import MartletTesting
import Testing

@Suite("MariaDB does what every driver must do")
struct ConformanceTests {
  @Test("the conformance suite", arguments: DriverConformance.checks)
  func conforms(check: DriverConformance.Check) async throws {
    var configuration = try TestServer.configuration()
    configuration.pool.maximumConnections = 4
    // A machine that builds and tests beside it may hold 400 tasks up for longer than an app would wait.
    configuration.pool.acquireTimeout = .seconds(120)
    let settings = configuration
    try await DriverConformance { MySQLDriver(settings) }.run(check)
  }
}
