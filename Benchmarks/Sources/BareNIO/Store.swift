import BareHTTP
import MartletSQL

/// The statements, and their rows as JSON.
struct Store {
  let db: Database

  init(_ db: Database) { self.db = db }

  func world() async throws -> [UInt8] {
    let json = Buffer(48)
    try await write(to: json)
    return json.value.bytes
  }

  /// Each by a statement of its own, one after the other: a task for each would send them in one packet, and costs twice the
  /// time (20 queries: 570 µs, and 300 so).
  func worlds(_ count: Int) async throws -> [UInt8] {
    let json = Buffer(count * 40)
    json.value.byte(UInt8(ascii: "["))
    for place in 0..<count {
      if place > 0 { json.value.byte(UInt8(ascii: ",")) }
      try await write(to: json)
    }
    json.value.byte(UInt8(ascii: "]"))
    return json.value.bytes
  }

  private func write(to json: Buffer) async throws {
    var statement = SQLStatement(
      "SELECT id, randomnumber FROM world WHERE id = $1", [.int(BarePath.anyKey)], effect: .read)
    statement.isLookup = true
    try await db.run(statement) { row in
      json.value.literal("{\"id\":")
      json.value.number(try row.int())
      json.value.literal(",\"randomNumber\":")
      json.value.number(try row.int())
      json.value.byte(UInt8(ascii: "}"))
    }
  }

  private static let items = SQLStatement(
    "SELECT id, title, quantity, price, active, created FROM item ORDER BY id LIMIT 100", effect: .read)

  func rows() async throws -> [UInt8] {
    let json = Buffer(16_384)
    json.value.byte(UInt8(ascii: "["))
    try await db.run(Store.items) { row in
      if json.value.bytes.count > 1 { json.value.byte(UInt8(ascii: ",")) }
      json.value.literal("{\"id\":")
      json.value.number(try row.int())
      json.value.literal(",\"title\":")
      guard case .text(let title) = try row.next() else { throw row.mismatch("text") }
      json.value.string(title)
      json.value.literal(",\"quantity\":")
      json.value.number(try row.int())
      json.value.literal(",\"price\":")
      json.value.number(try row.double())
      json.value.literal(",\"active\":")
      json.value.bool(try row.bool())
      json.value.literal(",\"created\":")
      try moment(&row, json)
      json.value.byte(UInt8(ascii: "}"))
    }
    json.value.byte(UInt8(ascii: "]"))
    return json.value.bytes
  }

  /// A statement's first run on a connection gives texts: `2025-01-01 00:37:00.101+00`.
  private func moment(_ row: inout Row, _ json: Buffer) throws {
    switch try row.next() {
    case .int(let microseconds): json.value.moment(microseconds)
    case .text(let text):
      let iso = Array(text.dropLast(3)).map { $0 == UInt8(ascii: " ") ? UInt8(ascii: "T") : $0 } + [UInt8(ascii: "Z")]
      iso.withUnsafeBytes { json.value.string($0) }
    default: throw row.mismatch("a moment")
    }
  }
}

/// Confined to one request: the driver calls back on its event loop while the request waits.
private final class Buffer: @unchecked Sendable {
  var value: JSONBytes

  init(_ capacity: Int) { value = JSONBytes(capacity: capacity) }
}
