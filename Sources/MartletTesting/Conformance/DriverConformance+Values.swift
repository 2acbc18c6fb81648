import Foundation
import MartletCore
import MartletSQL

extension DriverConformance {
  static var valueChecks: [Check] {
    [
      Check(name: "every kind of value comes back as it was bound") { try await $0.roundTrips() },
      Check(name: "NULL comes back as NULL from every kind of column") { try await $0.nulls() },
      Check(name: "rows arrive in order, with all their columns") { subject in
        let rows = Collected<[Int64]>()
        try await subject.driver.run(subject.numbers(900)) { row in
          try require(row.count == 1, "a row has \(row.count) columns instead of 1")
          rows.add([try row.int()])
        }
        try require(
          rows.values.flatMap(\.self) == Array(1...900), "900 rows arrived as \(rows.values.count), or in another order")
      },
      Check(name: "an error thrown by the row closure ends the statement and comes out as it is") { subject in
        struct Stop: Error {}
        do {
          try await subject.driver.run(subject.numbers(900)) { _ in throw Stop() }
          throw Failure(description: "the closure's error was swallowed")
        } catch is Stop {}
        try require(try await subject.read(Int.self, "SELECT 7") == [7], "the connection is of no use after the closure's error")
      },
      Check(name: "what a statement changed is counted") { subject in
        let table = try await subject.table("n \(subject.type(.int)) NOT NULL")
        let inserted = try await subject.write("INSERT INTO \(table) (n) VALUES (1), (2), (3)")
        let updated = try await subject.write("UPDATE \(table) SET n = n + 10 WHERE n > 1")
        let deleted = try await subject.write("DELETE FROM \(table) WHERE n = 99")
        let counts = [inserted, updated, deleted].map(\.rowsAffected)
        try require(counts == [3, 2, 0], "3 inserted, 2 updated and 0 deleted rows were counted as \(counts)")
      },
      Check(name: "a blob and a text of 16 MB come back whole") { subject in
        let table = try await subject.table(
          "id \(subject.type(.int)) NOT NULL, b \(subject.type(.blob)), t \(subject.type(.text))")
        // Below the 16 MiB that MariaDB takes in one packet unless it is told otherwise.
        let blob = (0..<16_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        let text = String(repeating: "naïve 🦜 ", count: 1_300_000)
        let (first, second) = (subject.placeholder(1), subject.placeholder(1))
        try await subject.write("INSERT INTO \(table) (id, b) VALUES (1, \(first))", [.blob(blob)])
        try await subject.write("INSERT INTO \(table) (id, t) VALUES (2, \(second))", [.text(text)])
        try require(try await subject.read([UInt8].self, "SELECT b FROM \(table) WHERE id = 1") == [blob], "the blob has changed")
        try require(try await subject.read(String.self, "SELECT t FROM \(table) WHERE id = 2") == [text], "the text has changed")
      },
    ]
  }
}

extension Subject {
  /// Columns with values at their edges.
  private static var samples: [(ColumnType, [SQLValue])] {
    let day: Int64 = 86_400_000_000
    let uuid = UUID(uuid: (0, 255, 2, 3, 4, 5, 0x46, 7, 0x88, 9, 10, 11, 12, 13, 14, 0))
    return [
      (.smallInt, [.int(-32768), .int(0), .int(32767)]),
      (.int, [.int(-2_147_483_648), .int(2_147_483_647)]),
      (.bigInt, [.int(.min), .int(-1), .int(.max)]),
      (.bool, [.bool(true), .bool(false)]),
      (.double, [.double(0), .double(-1.5), .double(1e300), .double(.pi), .double(5e-324)]),
      (.decimal(precision: 12, scale: 2), [.decimal(Decimal(string: "9999999999.99") ?? 0), .decimal(-1), .decimal(0)]),
      (.varchar(40), [.text(""), .text("it's \"q\" \\ % _"), .text("naïve 🦜 \u{10FFFD}")]),
      (.text, [.text(""), .text("line\nline\ttab"), .text(String(repeating: "x", count: 100_000))]),
      (.blob, [.blob([]), .blob([0, 255, 0, 39, 92]), .blob(Array(repeating: 7, count: 100_000))]),
      (.uuid, [.uuid(uuid)]),
      (.timestamp, [.timestamp(0), .timestamp(1_700_000_000_123_456), .timestamp(-62_135_596_800_000_000 + day)]),
      // 0001-01-01 and 9999-12-31.
      (.date, [-719_162, 2_932_896].map { .date(CalendarDate(daysSince1970: $0)) }),
      (.time, [0, 86_399_000_000].compactMap { TimeOfDay(microseconds: $0).map(SQLValue.time) }),
      (.interval, [.interval(0), .interval(-5), .interval(90 * day + 1)]),
      (.unsignedBigInt, [.uint(0), .uint(UInt64(Int64.max) + 1), .uint(.max)]),
      (.json, [.json("null"), .json(#"{"a": [1, "x"]}"#)]),
    ]
  }

  func roundTrips() async throws {
    for (column, values) in Self.samples {
      let table = try await table("id \(type(.int)) NOT NULL, v \(type(column))")
      for (id, value) in values.enumerated() {
        let bound = dialect.bound(value, placeholder: placeholder(1))
        try await write("INSERT INTO \(table) (id, v) VALUES (\(id), \(bound))", [value])
        let found = try await again(value, "SELECT v FROM \(table) WHERE id = \(id)")
        try require(found == value, "the column type \(column) gave \(found) for \(value)")
      }
    }
  }

  /// The value as the column has it now.
  private func again(_ value: SQLValue, _ text: String) async throws -> SQLValue {
    func one<V: ColumnValue>(_ type: V.Type) async throws -> V {
      let found = try await read(type, text)
      guard let first = found.first, found.count == 1 else {
        throw DriverConformance.Failure(description: "\(found.count) rows instead of one")
      }
      return first
    }
    switch value {
    case .int: return .int(try await one(Int64.self))
    case .bool: return .bool(try await one(Bool.self))
    case .double: return .double(try await one(Double.self))
    case .decimal: return .decimal(try await one(Decimal.self))
    case .text: return .text(try await one(String.self))
    case .blob: return .blob(try await one([UInt8].self))
    case .uuid: return .uuid(try await one(UUID.self))
    case .date: return .date(try await one(CalendarDate.self))
    case .time: return .time(try await one(TimeOfDay.self))
    case .timestamp:
      return .timestamp(Int64((try await one(Date.self).timeIntervalSince1970 * 1_000_000).rounded()))
    case .interval: return .interval(Int64(try await one(Duration.self) / .microseconds(1)))
    case .uint: return .uint(UInt64(try await digits(text)) ?? 0)
    case .json(let expected):
      // Databases write JSON in their own way: the same blanks are not asked for.
      let found = try await one(String.self)
      return found.filter { $0 != " " } == expected.filter { $0 != " " } ? value : .json(found)
    default: return .null
    }
  }

  /// An unsigned number, in whichever cell it comes.
  private func digits(_ text: String) async throws -> String {
    let found = try await db.query(SQLStatement(text, effect: .read)) { row -> String in
      switch try row.next() {
      case .int(let value): return String(value)
      case .text(let bytes): return String(String(decoding: bytes, as: UTF8.self).drop { $0 == "0" })
      default: throw row.mismatch("an unsigned number")
      }
    }
    return found.first ?? ""
  }

  func nulls() async throws {
    for (column, _) in Self.samples {
      let table = try await table("v \(type(column))")
      try await write("INSERT INTO \(table) (v) VALUES (\(placeholder(1)))", [.null])
      let isNull = try await db.query(SQLStatement("SELECT v FROM \(table)", effect: .read)) { $0.nextIsNull }
      try require(isNull == [true], "NULL in a column of type \(column) came back as something else")
    }
  }
}
