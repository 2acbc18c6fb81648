import Foundation
import Logging
import Martlet
import Synchronization
import Testing

@Suite("The log")
struct LogOutputTests {
  private func lines(_ format: LogFormat, level: Logger.Level = .info, _ use: (inout Logger) -> Void) -> [String] {
    let lines = LineSink()
    let clock = TimeSource.fixed(Date(timeIntervalSince1970: 1_795_465_260))
    var logger = Logger(label: "shop") { label in
      LogOutput(label: label, format: format, level: level, timeSource: clock) { line in lines.add(line) }
    }
    use(&logger)
    return lines.all
  }

  @Test("text lines have time, level, logger, message and sorted facts")
  func text() {
    let lines = lines(.text) { logger in
      logger[metadataKey: "request_id"] = "abc"
      logger.warning("slow", metadata: ["ms": "12"])
      logger.debug("hidden")
    }
    #expect(lines == ["2026-11-23T20:21:00Z warning  shop: slow ms=12 request_id=abc"])
  }

  @Test("JSON lines are one object each, whatever the message holds")
  func json() throws {
    let lines = lines(.json) { logger in
      logger.error("a \"quoted\"\nline", metadata: ["list": ["1", "2"], "map": ["k": "v"]])
    }
    #expect(
      lines == [
        #"{"time":"2026-11-23T20:21:00Z","level":"error","logger":"shop","message":"a \"quoted\"\nline","list":["1","2"],"map":{"k":"v"}}"#
      ])
  }

  @Test("a message cannot begin a line of its own")
  func injection() {
    #expect(
      lines(.text) { $0.info("one\n2026 error fake: two", metadata: ["x": "3\r\n4"]) } == [
        "2026-11-23T20:21:00Z info     shop: one\\n2026 error fake: two x=3\\n4"
      ])
  }

  @Test("statements are in the log at debug, with their bindings and time, and secrets hidden")
  func statements() async throws {
    let lines = LineSink()
    let logger = Logger(label: "shop") { label in
      LogOutput(label: label, format: .text, level: .debug) { line in lines.add(line) }
    }
    let application = try Application(
      name: "shop",
      settings: Settings.load(variables: ["ENVIRONMENT": "development", "DATABASE_URL": "sqlite::memory:"], directory: nil),
      logger: logger)
    try await application.database.run(SQLStatement("SELECT ?, ?", [.int(7), .text("hush")], secretBindings: [1], effect: .read))
    let line = try #require(lines.all.first)
    #expect(line.contains(" debug    shop: SELECT ?, ? ["))
    #expect(line.contains("•••] "))
    #expect(line.hasSuffix(" ms, 1 row"))
    #expect(!line.contains("hush"))
  }
}

@Suite("The terminal")
struct ConsoleTests {
  @Test("tables align their columns")
  func table() {
    let recording = ConsoleRecording()
    recording.console.print(table: [["a", "long cell", "x"], ["wide", "b", "y"]], indent: 1)
    #expect(recording.output == " a     long cell  x\n wide  b          y\n")
  }

  @Test("styles are left out where there is no terminal")
  func styles() {
    var console = ConsoleRecording().console
    #expect(console.styled("x", .red) == "x")
    console.isTerminal = true
    #expect(console.styled("x", .red) == "\u{1B}[31mx\u{1B}[0m")
  }

  @Test("a progress bar redraws its line on a terminal and writes it once elsewhere")
  func progress() {
    let recording = ConsoleRecording()
    var console = recording.console
    let quiet = console.progress("rows", total: 4)
    for _ in 0..<6 { quiet.advance() }
    #expect(recording.output == "█████████████████████████ 100%  4/4 rows\n")
    console.isTerminal = true
    let bar = console.progress("rows", total: 2)
    bar.advance()
    #expect(recording.output.hasSuffix("\r\u{1B}[K████████████░░░░░░░░░░░░░  50%  1/2 rows"))
    let empty = ConsoleRecording()
    empty.console.progress("none", total: 0).advance()
    #expect(empty.output == "█████████████████████████ 100%  0/0 none\n")
  }
}

private final class LineSink: Sendable {
  private let lines = Mutex<[String]>([])
  func add(_ line: String) { lines.withLock { $0.append(line) } }
  var all: [String] { lines.withLock { $0 } }
}
