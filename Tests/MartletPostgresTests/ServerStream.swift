@testable import MartletPostgres

/// Writes what a server says.
struct ServerStream {
  var bytes: [UInt8] = []

  mutating func add(_ kind: Character, _ body: [UInt8] = []) {
    bytes.append(kind.asciiValue ?? 0)
    bytes += Self.big(UInt32(body.count + 4))
    bytes += body
  }
  static func big<T: FixedWidthInteger>(_ value: T) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }
  static func text(_ text: String) -> [UInt8] { Array(text.utf8) + [0] }

  mutating func ready(_ status: Character = "I") { add("Z", [status.asciiValue ?? 0]) }
  mutating func columns(_ types: [UInt32]) {
    add(
      "T",
      types.enumerated().reduce(into: Self.big(UInt16(types.count))) { body, column in
        body += Self.text("c\(column.offset)") + Self.big(UInt32(0)) + Self.big(UInt16(0)) + Self.big(column.element)
        body += Self.big(UInt16(8)) + Self.big(UInt32(0)) + Self.big(UInt16(0))
      })
  }
  mutating func row(_ values: [[UInt8]?]) {
    add(
      "D",
      values.reduce(into: Self.big(UInt16(values.count))) { body, value in
        body += value.map { Self.big(Int32($0.count)) + $0 } ?? Self.big(Int32(-1))
      })
  }
  mutating func report(_ kind: Character, _ fields: [(Character, String)]) {
    add(kind, fields.flatMap { [$0.0.asciiValue ?? 0] + Self.text($0.1) } + [0])
  }

  /// The login of a session.
  static var login: ServerStream {
    var stream = ServerStream()
    stream.add("R", big(UInt32(10)) + text("SCRAM-SHA-256") + [0])
    stream.add("R", big(UInt32(11)) + Array("r=abc,s=QUJD,i=4096".utf8))
    stream.add("R", big(UInt32(12)) + Array("v=QUJD".utf8))
    stream.add("R", big(UInt32(0)))
    stream.add("S", text("server_version") + text("15.0"))
    stream.add("K", big(UInt32(77)) + big(UInt32(99)))
    stream.ready()
    return stream
  }

  /// All kinds of cells, of the types in ``types``.
  static let types: [UInt32] = [16, 17, 20, 21, 23, 25, 700, 701, 1082, 1083, 1184, 1186, 1700, 2950, 3802, 1007]
  static var cells: [[UInt8]?] {
    [
      [1], [0, 255], big(Int64.min), big(Int16(-2)), big(Int32.max), Array("téxt".utf8), big(Float(1.5).bitPattern),
      big(2.5.bitPattern), big(Int32(7)), big(Int64(1)), big(Int64(5)), big(Int64(1)) + big(Int32(2)) + big(Int32(-13)),
      big(UInt16(2)) + big(Int16(0)) + big(UInt16(0x4000)) + big(UInt16(2)) + big(UInt16(12)) + big(UInt16(3400)),
      Array(repeating: 7, count: 16), [1] + Array("{}".utf8), Array("{1,2}".utf8),
    ]
  }

  /// Two statements: one described and run in text, with a notice and a notification between; one that fails.
  static var answers: ServerStream {
    var stream = ServerStream()
    stream.add("1")
    stream.add("t", big(UInt16(2)) + big(UInt32(23)) + big(UInt32(25)))
    stream.columns([23, 25])
    stream.add("2")
    stream.row([Array("12".utf8), nil])
    stream.report("N", [("S", "NOTICE"), ("V", "NOTICE"), ("C", "00000"), ("M", "note")])
    stream.row([Array("-7".utf8), Array("x".utf8)])
    stream.add("A", big(UInt32(5)) + text("channel") + text("payload"))
    stream.add("C", text("SELECT 2"))
    stream.ready()
    stream.add("2")
    stream.report(
      "E",
      [
        ("S", "ERROR"), ("V", "ERROR"), ("C", "23505"), ("M", "duplicate"), ("D", "Key (a, b)=(1, 2) already exists."),
        ("n", "k"),
      ])
    stream.ready("E")
    return stream
  }
}

extension PostgresStateMachine {
  /// Notes what ``ServerStream/answers`` answers to.
  mutating func sendTwoStatements() {
    for expectation in [.parse, .parameterTypes, .rowTypes, .bind, .execute, .sync, .bind, .execute, .sync] as [Expectation] {
      sent(expectation)
    }
  }
}
