import Foundation
import MartletTesting

/// The built `conduit` binary as a process of its own, on a database file of its own.
final class ConduitProcess {
  let port: Int
  let folder: URL
  private let environment: [String: String]
  private var server: Process?

  static let secret = String(repeating: "integration-tests-", count: 4)

  /// A fresh folder for the database; the tables and some rows are made by the binary's own commands.
  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("conduit-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    port = try Wire.freePort()
    environment = [
      "ENVIRONMENT": "development", "DATABASE_URL": "sqlite:///" + folder.path + "/conduit.sqlite3",
      "SECRET_KEY": ConduitProcess.secret, "ALLOWED_HOSTS": "127.0.0.1", "HOST": "127.0.0.1", "PORT": String(port),
      "LOG_LEVEL": "warning", "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "",
    ]
    try run("migrate")
    try run("seed", "--users", "2", "--articles", "1", "--comments", "0")
  }

  deinit {
    if let server, server.isRunning { kill(server.processIdentifier, SIGKILL) }
    try? FileManager.default.removeItem(at: folder)
  }

  var database: String { folder.path + "/conduit.sqlite3" }

  /// The binary beside the test bundle: `swift build --build-tests` puts both into one folder.
  static func binary() throws -> URL {
    let bundle = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    let besides = [bundle.deletingLastPathComponent(), Bundle.main.bundleURL, Bundle.main.bundleURL.deletingLastPathComponent()]
    for folder in besides {
      let candidate = folder.appendingPathComponent("conduit")
      if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
    }
    throw TestFailure(
      "the binary 'conduit' is not in \(besides.map(\.path)); build it first: swift build --product conduit, or swift build --build-tests"
    )
  }

  /// Runs one of the binary's commands to its end.
  func run(_ arguments: String...) throws {
    let process = try make(arguments), output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw TestFailure("conduit \(arguments) ended with \(process.terminationStatus): \(text)")
    }
  }

  /// Starts `conduit serve` and waits until it answers.
  func start() throws {
    let process = try make(["serve"])
    process.standardOutput = FileHandle.nullDevice
    let log = folder.appendingPathComponent("log")
    FileManager.default.createFile(atPath: log.path, contents: nil)
    process.standardError = try FileHandle(forWritingTo: log)
    try process.run()
    server = process
    let deadline = Date().addingTimeInterval(60)
    while Date() < deadline {
      guard process.isRunning else {
        throw TestFailure(
          "conduit serve ended with \(process.terminationStatus): \((try? String(contentsOf: log, encoding: .utf8)) ?? "")")
      }
      if let wire = try? Wire(port: port), (try? wire.request("GET", "/healthz"))?.status == 200 { return }
      usleep(5_000)
    }
    throw TestFailure("conduit serve did not answer within a minute")
  }

  /// Sends a signal to the server.
  func signal(_ signal: Int32) { if let server { kill(server.processIdentifier, signal) } }

  /// Waits for the server's end.
  /// - Returns: Its exit code, or the number of the signal that ended it.
  @discardableResult
  func wait() -> Int32 {
    server?.waitUntilExit()
    defer { server = nil }
    return server?.terminationStatus ?? 0
  }

  private func make(_ arguments: [String]) throws -> Process {
    let process = Process()
    process.executableURL = try ConduitProcess.binary()
    process.arguments = arguments
    process.environment = environment
    process.currentDirectoryURL = folder
    process.standardInput = FileHandle.nullDevice
    return process
  }
}
