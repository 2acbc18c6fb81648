import Foundation
import Logging
import MartletCore
import Synchronization

@testable import MartletHTTP

/// An application that logs nothing and serves any host.
func application(
  middleware: [any Middleware] = [], log: CapturedLog = CapturedLog(),
  configure: (inout HTTPServerConfiguration) -> Void = { _ in }, @RoutesBuilder _ routes: () -> RouteList
) throws -> HTTPApplication {
  var configuration = HTTPServerConfiguration()
  configuration.allowedHosts = ["*"]
  configuration.accessLog = .off
  configure(&configuration)
  return try HTTPApplication(
    router: Router(routes()), configuration: configuration, middleware: middleware, logger: log.logger)
}

/// A request with a host.
func request(
  _ method: HTTPMethod, _ target: String, headers: HeaderFields = HeaderFields(), body: String = ""
) -> Request {
  var headers = headers
  headers.setDefault("Host", "localhost")
  return Request(method, target, headers: headers, body: Array(body.utf8))
}

extension Response {
  /// The body as text.
  var text: String { get async throws { String(decoding: try await body.collect(), as: UTF8.self) } }
}

struct Article: Codable, Equatable {
  var slug: String
  var published: Date?
}

/// Keeps the lines of a logger and of the access log.
final class CapturedLog: Sendable {
  private let state = Mutex<[String]>([])
  var lines: [String] { state.withLock { $0 } }
  func append(_ line: String) { state.withLock { $0.append(line) } }
  var logger: Logger {
    var logger = Logger(label: "test") { _ in CapturingHandler(log: self) }
    logger.logLevel = .info
    return logger
  }
}

private struct CapturingHandler: LogHandler {
  let log: CapturedLog
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.trace
  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }
  func log(event: LogEvent) {
    log.append("\(event.level): \(event.message) \(metadata.map { "\($0)=\($1)" }.sorted().joined(separator: " "))")
  }
}

/// A problem document as a client reads it.
struct ReadProblem: Decodable, Equatable {
  struct Entry: Decodable, Equatable { var field: String, code: String, message: String }
  var type: String, title: String, status: Int, detail: String?, instance: String, errors: [Entry]?, requestId: String
}

extension Response {
  var problem: ReadProblem {
    get async throws { try JSONDecoder().decode(ReadProblem.self, from: Data(try await body.collect())) }
  }
}

/// A folder that is removed when the test is over.
final class TemporaryFolder: Sendable {
  let path: String
  init() throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("martlet-test-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }
  deinit { try? FileManager.default.removeItem(atPath: path) }
  func write(_ name: String, _ text: String) throws {
    let target = URL(fileURLWithPath: path).appendingPathComponent(name)
    try FileManager.default.createDirectory(at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: target)
  }
}
