import Foundation
import MartletSQL
import Testing

@testable import MartletPostgres

@Suite("PostgreSQL codec")
struct CodecTests {
  /// The events of the bytes, as text, and the violation that ended them, if one did.
  static func events(_ machine: inout PostgresStateMachine, _ bytes: [UInt8]) -> (events: [String], violation: String?, used: Int)
  {
    var events: [String] = [], offset = 0
    return bytes.withUnsafeBytes { all in
      while true {
        switch machine.next(UnsafeRawBufferPointer(rebasing: all[offset...])) {
        case .needsMore: return (events, nil, offset)
        case .violation(let violation): return (events, violation.message, offset)
        case .event(let event, let consumed):
          offset += consumed
          if case .row(let body) = event { events.append("row of \(body.count)") } else { events.append("\(event)") }
        }
      }
    }
  }

  static func running() -> PostgresStateMachine {
    var machine = PostgresStateMachine()
    _ = events(&machine, ServerStream.login.bytes)
    return machine
  }

  @Test("a session's messages become events, however they are cut")
  func chunks() {
    var whole = Self.running()
    whole.sendTwoStatements()
    let bytes = ServerStream.answers.bytes
    let expected = Self.events(&whole, bytes)
    #expect(expected.violation == nil)
    #expect(expected.used == bytes.count)
    #expect(expected.events.count == 13)
    #expect(whole.outstanding == 0)
    for size in [1, 2, 3, 7, 64] {
      var machine = Self.running()
      machine.sendTwoStatements()
      var events: [String] = [], pending: [UInt8] = []
      for start in stride(from: 0, to: bytes.count, by: size) {
        pending += bytes[start..<min(start + size, bytes.count)]
        let step = Self.events(&machine, pending)
        events += step.events
        pending.removeFirst(step.used)
      }
      #expect(events == expected.events)
    }
  }

  @Test("after an error everything up to the next Sync is skipped, and nothing beyond")
  func skipping() {
    var machine = Self.running()
    for expectation in [.parse, .bind, .execute, .parse, .bind, .execute, .sync, .bind, .execute, .sync]
      as [PostgresStateMachine.Expectation]
    {
      machine.sent(expectation)
    }
    var stream = ServerStream()
    stream.add("1")
    stream.report("E", [("S", "ERROR"), ("C", "42P01"), ("M", "no table")])
    stream.ready()
    stream.add("2")
    stream.add("C", ServerStream.text("INSERT 0 3"))
    stream.ready()
    let result = Self.events(&machine, stream.bytes)
    #expect(result.violation == nil)
    #expect(result.events.count == 6)
    #expect(machine.outstanding == 0)
  }

  @Test("what has no place in the protocol is refused, as are lengths that cannot be")
  func violations() {
    func refused(_ expectations: [PostgresStateMachine.Expectation], _ build: (inout ServerStream) -> Void) -> Bool {
      var machine = Self.running()
      for expectation in expectations { machine.sent(expectation) }
      var stream = ServerStream()
      build(&stream)
      let first = Self.events(&machine, stream.bytes).violation
      // It stays refused.
      return first != nil && Self.events(&machine, [0x5A, 0, 0, 0, 5, 0x49]).violation == first
    }
    #expect(refused([]) { $0.ready() })
    #expect(refused([.bind, .sync]) { $0.ready() })
    #expect(refused([.execute, .sync]) { $0.add("2") })
    #expect(refused([.execute, .sync]) { $0.add("C", [65]) })
    #expect(refused([.sync]) { $0.add("Z", [1]) })
    #expect(refused([.sync]) { $0.bytes += [0x5A, 0, 0, 0, 3] })
    #expect(refused([.execute]) { $0.bytes += [0x44, 0x7F, 0xFF, 0xFF, 0xFF] })
    #expect(refused([.execute]) { $0.bytes += [0x44, 0xFF, 0xFF, 0xFF, 0xFF] })
    #expect(refused([.execute]) { $0.bytes += [0x43, 0, 1, 0, 5] })
    #expect(refused([.execute]) { $0.bytes += [0] })
    #expect(refused([.parse]) { $0.add("1", [0]) })
    #expect(refused([.rowTypes]) { $0.add("T", [0, 2, 0]) })
    #expect(refused([.execute]) { $0.add("d", [1]) })
    #expect(refused([.execute]) { $0.add("W", [0, 0, 0]) })
    var fresh = PostgresStateMachine()
    var early = ServerStream()
    early.row([nil])
    #expect(Self.events(&fresh, early.bytes).violation != nil)
  }

  static func decode(_ body: [UInt8], _ types: [UInt32], isBinary: Bool) throws -> [String] {
    let decoder = RowDecoder()
    return try body.withUnsafeBytes { bytes in
      var row = try decoder.decode(bytes, kinds: types.map { CellKind($0) }, isBinary: isBinary)
      var cells: [String] = []
      while row.index < row.count { cells.append(cellText(try row.next())) }
      return cells
    }
  }

  @Test("binary rows become cells")
  func binaryCells() throws {
    var stream = ServerStream()
    stream.row(ServerStream.cells)
    let cells = try Self.decode(Array(stream.bytes[5...]), ServerStream.types, isBinary: true)
    #expect(
      cells == [
        "int 1", "blob 00ff", "int -9223372036854775808", "int -2", "int 2147483647", "text téxt", "double 1.5", "double 2.5",
        "int 10964", "int 1", "int 946684800000005", "text P-1Y-1M2DT0.000001S", "text -12.34",
        "blob 07070707070707070707070707070707", "text {}", "text {1,2}",
      ])
  }

  @Test("rows that are not well formed are refused")
  func badRows() {
    for body: [UInt8] in [
      [], [0], [0, 1], [0, 1, 0, 0, 0, 9], [0, 1, 255, 255, 255, 254], [0, 1, 0, 0, 0, 1, 7], [0, 2, 255, 255, 255, 255],
      [0, 1, 0, 0, 0, 4, 0, 0, 0, 1, 9],
    ] { #expect(throws: ProtocolViolation.self) { try Self.decode(body, [23], isBinary: true) } }
  }

  @Test("SCRAM salts the password as in RFC 7677's example, and refuses messages and proofs that are wrong")
  func scram() throws {
    // The example has the user name "user", PostgreSQL's exchange none: so the salted password can be compared, not the proof.
    let exchange = SCRAMExchange(password: "pencil", binding: .none, nonce: "rOprNGfwEbeRWgbNEkqO")
    #expect(String(decoding: exchange.firstMessage, as: UTF8.self) == "n,,n=,r=rOprNGfwEbeRWgbNEkqO")
    let challenge = try exchange.challenge(
      Array("r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096".utf8))
    let salted = try challenge.saltedPassword()
    #expect(salted.map { String($0, radix: 16) }.joined().hasPrefix("c4a49510323ab4f952cac1fa99441939"))
    for bad in [
      "r=other,s=QUJD,i=4096", "r=rOprNGfwEbeRWgbNEkqO,s=QUJD,i=4096", "r=rOprNGfwEbeRWgbNEkqOx,s=QUJD,i=0", "",
      "r=rOprNGfwEbeRWgbNEkqOx,s=,i=4096",
      "r=rOprNGfwEbeRWgbNEkqOx,s=QUJD,i=999999999",
    ] {
      #expect(throws: DatabaseError.self) { try exchange.challenge(Array(bad.utf8)) }
    }
    var other = exchange
    _ = other.finalMessage(challenge, saltedPassword: salted)
    #expect(throws: DatabaseError.self) { try other.verify(Array("v=QUJD".utf8)) }
    #expect(throws: DatabaseError.self) { try other.verify(Array("e=invalid-proof".utf8)) }
    #expect(!other.isServerVerified)
  }

  @Test("a certificate's name stands for one host, or for those of one domain")
  func certificateNames() {
    #expect(CertificateName.matches("DB.example.com", pattern: "db.Example.com"))
    #expect(CertificateName.matches("db.example.com.", pattern: "*.example.com"))
    for (host, pattern) in [
      ("a.db.example.com", "*.example.com"), ("example.com", "*.example.com"), ("db.example.com", "d*.example.com"),
      ("example.com", "*.com"),
      (".example.com", "*.example.com"), ("db.example.com", "*"), ("db.example.com", "db.example.com\u{0}.evil.org"),
      ("db", "*."),
    ] { #expect(!CertificateName.matches(host, pattern: pattern), "\(host) \(pattern)") }
  }

  @Test("SASLprep maps spaces and compatibility forms, and leaves alone what it forbids")
  func saslprep() {
    #expect(SASLprep.prepare("user") == "user")
    #expect(SASLprep.prepare("I\u{AD}X") == "IX")
    #expect(SASLprep.prepare("\u{2168}") == "IX")
    #expect(SASLprep.prepare("\u{AA}") == "a")
    #expect(SASLprep.prepare("a\u{A0}b") == "a b")
    #expect(SASLprep.prepare("\u{7}") == "\u{7}")
    #expect(SASLprep.prepare("\u{627}\u{31}") == "\u{627}\u{31}")
    #expect(SASLprep.prepare("\u{627}\u{FB01}") == "\u{627}\u{FB01}")
  }

  @Test("demands for a password that would be unsafe are refused")
  func unsafeDemands() throws {
    func authenticator(_ change: (inout Authenticator.Circumstances) -> Void = { _ in }) -> Authenticator {
      var circumstances = Authenticator.Circumstances(
        user: "u", password: "p", isEncrypted: false, isLocal: false, channelBinding: .prefer, allowed: nil, certificateHash: nil)
      change(&circumstances)
      return Authenticator(circumstances)
    }
    func refused(_ request: AuthenticationRequest, _ change: (inout Authenticator.Circumstances) -> Void = { _ in }) -> Bool {
      var one = authenticator(change)
      do { _ = try one.answer(request) } catch { return error.kind == .authentication }
      return false
    }
    #expect(refused(.cleartext))
    #expect(!refused(.cleartext) { $0.isEncrypted = true })
    #expect(!refused(.cleartext) { $0.isLocal = true })
    #expect(refused(.cleartext) { ($0.isEncrypted, $0.channelBinding) = (true, .require) })
    #expect(refused(.md5(salt: [1, 2, 3, 4])) { $0.channelBinding = .require })
    #expect(refused(.md5(salt: [1, 2, 3, 4])) { $0.allowed = [.scramSHA256] })
    #expect(refused(.ok) { $0.channelBinding = .require })
    #expect(refused(.ok) { $0.allowed = [.scramSHA256] })
    #expect(!refused(.ok))
    #expect(refused(.other("GSSAPI")))
    #expect(refused(.sasl(mechanisms: ["SCRAM-SHA-256"])) { ($0.isEncrypted, $0.channelBinding) = (true, .require) })
    #expect(refused(.sasl(mechanisms: ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"])))
    #expect(refused(.sasl(mechanisms: ["MAGIC"])))
    #expect(refused(.saslFinal([])))
    #expect(refused(.cleartext) { ($0.isEncrypted, $0.password) = (true, nil) })
    var early = authenticator()
    _ = try early.answer(.sasl(mechanisms: ["SCRAM-SHA-256"]))
    #expect(throws: DatabaseError.self) { _ = try early.answer(.ok) }
    var bound = authenticator { ($0.isEncrypted, $0.certificateHash) = (true, [1, 2]) }
    guard
      case .saslInitial("SCRAM-SHA-256-PLUS", let first) = try bound.answer(
        .sasl(mechanisms: ["SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"]))
    else {
      Issue.record("channel binding was not chosen")
      return
    }
    #expect(String(decoding: first, as: UTF8.self).hasPrefix("p=tls-server-end-point,,n=,r="))
    var stripped = authenticator { ($0.isEncrypted, $0.certificateHash) = (true, [1, 2]) }
    guard case .saslInitial("SCRAM-SHA-256", let second) = try stripped.answer(.sasl(mechanisms: ["SCRAM-SHA-256"])) else {
      return
    }
    #expect(String(decoding: second, as: UTF8.self).hasPrefix("y,,"))
  }
}
