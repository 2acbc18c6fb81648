import Foundation
import Logging
import MartletSQL
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import MartletPostgres

@Suite("PostgreSQL codec properties")
struct CodecPropertyTests {
  /// Numbers that are the same in each run (SplitMix64).
  struct Generator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
  }

  static let rounds = ProcessInfo.processInfo.environment["MARTLET_SOAK"] == "1" ? 1_000_000 : 20_000

  static var corpus: [[UInt8]] {
    var rows = ServerStream()
    rows.add("1")
    rows.add("t", [0, 0])
    rows.columns(ServerStream.types)
    rows.add("2")
    rows.row(ServerStream.cells)
    rows.row(ServerStream.types.map { _ in nil })
    rows.add("C", ServerStream.text("SELECT 2"))
    rows.ready()
    var text = ServerStream()
    text.add("1")
    text.add("t", [0, 0])
    text.columns([17, 20, 700, 1082, 1083, 1114, 1184, 1186, 16])
    text.add("2")
    text.row(
      [
        "\\x00ff", "-9223372036854775808", "1.5e-3", "0044-03-15 BC", "24:00:00", "infinity",
        "2024-02-29 23:59:59.123456+05:30:20", "PT-1H2M-3.5S", "t",
      ]
      .map { Array($0.utf8) })
    text.row(
      ["a\\\\b\\001", "9", "NaN", "infinity", "00:00:00.1", "-infinity", "294276-12-31 23:59:59+00", "P1Y2M", "f"].map {
        Array($0.utf8)
      })
    text.add("C", ServerStream.text("SELECT 2"))
    text.ready()
    var copy = ServerStream()
    for kind in "12" { copy.add(kind) }
    copy.add("H", [0, 0, 1, 0, 0])
    copy.add("d", Array("1\tx\n".utf8))
    copy.add("c")
    copy.add("C", ServerStream.text("COPY 1"))
    copy.ready()
    return [ServerStream.login.bytes, ServerStream.answers.bytes, rows.bytes, text.bytes, copy.bytes]
  }

  static func mutate(_ bytes: [UInt8], _ generator: inout Generator) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
      let place = Int.random(in: 0..<bytes.count, using: &generator)
      switch Int.random(in: 0..<7, using: &generator) {
      case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      case 1: bytes[place] = [0, 1, 0x7F, 0x80, 0xFF, 0x44, 0x5A].randomElement(using: &generator) ?? 0
      case 2: bytes.remove(at: place)
      case 3: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: place)
      case 4: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...40, using: &generator)))
      case 5:
        let end = min(bytes.count, place + Int.random(in: 1...60, using: &generator))
        bytes.insert(contentsOf: bytes[place..<end], at: Int.random(in: 0...bytes.count, using: &generator))
      default:
        let number = [Int32.max, .min, -1, 0, 65_536, 1 << 24, 4].randomElement(using: &generator) ?? 0
        for (offset, byte) in ServerStream.big(number).enumerated() where place + offset < bytes.count {
          bytes[place + offset] = byte
        }
      }
    }
    return bytes
  }

  /// Says how many outcomes each work had, which must be one.
  private final class Outcomes: Sendable {
    let count = Atomic(0)
  }

  @Test("whatever a server sends, a session ends each statement once: with a result or an error")
  func mutations() async throws {
    // A loop of its own: it is busy for seconds.
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    defer { group.shutdownGracefully { _ in } }
    let loop = group.any()
    let corpus = Self.corpus
    var generator = Generator(state: 0x6D61_7274_6C65_7400)
    var events = 0, violations = 0, rest = Self.rounds
    while rest > 0 {
      let part = min(rest, 100)
      rest -= part
      let streams = (0..<part).map { _ -> (login: [UInt8], answers: [UInt8], cut: Int) in
        let stream = corpus.randomElement(using: &generator) ?? []
        let isLogin = stream == corpus[0]
        return (
          isLogin ? Self.mutate(stream, &generator) : corpus[0], isLogin ? corpus[1] : Self.mutate(stream, &generator),
          Int.random(in: 1...80, using: &generator)
        )
      }
      let counts = try await loop.submit { streams.map { Self.serve($0.login, $0.answers, cut: $0.cut, loop) } }.get()
      // Other tests share the threads.
      await Task.yield()
      for count in counts {
        events += count.events
        violations += count.isViolated ? 1 : 0
        #expect(count.outcomes == 2)
      }
    }
    // The generator must reach both: a fuzz that is refused at the first byte, or never, would prove nothing.
    #expect(events > Self.rounds)
    #expect(violations > Self.rounds / 10)
  }

  private static func serve(_ login: [UInt8], _ answers: [UInt8], cut: Int, _ loop: any EventLoop) -> (
    events: Int, isViolated: Bool, outcomes: Int
  ) {
    var configuration = PostgresConfiguration()
    configuration.statementCacheSize = 4
    var logger = Logger(label: "fuzz")
    logger.logLevel = .critical
    let session = PostgresSession(eventLoop: loop, configuration: configuration, place: "the fuzz", logger: logger)
    let outcomes = Outcomes()
    var events = 0, isViolated = false

    var authenticator = Authenticator(
      Authenticator.Circumstances(
        user: "u", password: "p", isEncrypted: false, isLocal: true, channelBinding: .prefer, allowed: nil, certificateHash: nil))
    let isRunning = feed(login, cut: cut) { bytes in
      let step = session.machine.next(bytes)
      if case .event(.authentication(let request), _) = step {
        if case .compute(let challenge)? = try? authenticator.answer(request) {
          _ = authenticator.respond(challenge, saltedPassword: Array(repeating: 1, count: 32))
        }
      }
      return step
    } handle: { _ in
      events += 1
    }
    for _ in 0..<2 {
      guard let request = try? StatementRequest(SQLStatement("SELECT")) else { break }
      let work = BatchWork([request]) { _, row in while row.index < row.count { _ = try row.next() } }
      work.completion = { _ in outcomes.count.add(1, ordering: .relaxed) }
      session.enqueue(work)
    }
    let isSound =
      isRunning
      && feed(answers, cut: cut) {
        session.machine.next($0)
      } handle: {
        events += 1
        try session.handle($0)
      }
    isViolated = !isSound
    session.closedByServer()
    return (events, isViolated, outcomes.count.load(ordering: .relaxed))
  }

  /// Feeds bytes in pieces; `false` after a violation.
  private static func feed(
    _ bytes: [UInt8], cut: Int, _ next: (UnsafeRawBufferPointer) -> PostgresStateMachine.Step,
    handle: (BackendEvent) throws -> Void
  ) -> Bool {
    var offset = 0, end = 0
    while end < bytes.count {
      end = min(bytes.count, end + cut)
      let isSound = bytes.withUnsafeBytes { all -> Bool in
        while true {
          switch next(UnsafeRawBufferPointer(rebasing: all[offset..<end])) {
          case .needsMore: return true
          case .violation: return false
          case .event(let event, let consumed):
            offset += consumed
            do { try handle(event) } catch { return false }
          }
        }
      }
      if !isSound { return false }
    }
    return true
  }

  @Test("any bytes as any type's value give a cell or an error")
  func cells() async {
    var generator = Generator(state: 7)
    let decoder = RowDecoder()
    var decoded = 0
    for round in 0..<Self.rounds {
      if round % 100 == 0 { await Task.yield() }
      let type = ServerStream.types.randomElement(using: &generator) ?? 25
      let isBinary = Bool.random(using: &generator)
      let alphabet: [UInt8] = Array("0123456789-+:. PTHMSDYBC\\xinfatyNe".utf8)
      let value = (0..<Int.random(in: 0...24, using: &generator)).map { _ in
        isBinary ? UInt8.random(in: 0...255, using: &generator) : alphabet.randomElement(using: &generator) ?? 0
      }
      let body = [0, 1] + ServerStream.big(Int32(value.count)) + value
      body.withUnsafeBytes { bytes in
        if (try? decoder.decode(bytes, kinds: [CellKind(type)], isBinary: isBinary)) != nil { decoded += 1 }
      }
    }
    #expect(decoded > Self.rounds / 20)
  }
}
