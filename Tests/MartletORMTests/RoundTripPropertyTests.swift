import Foundation
import MartletCore
import MartletORM
import MartletSQL
import TestDatabases
import Testing

/// Rows whose columns hold extremes, and mixtures of them.
private func extremes() throws -> [Everything] {
  let texts = [
    "", " ", "a", "\u{1F469}\u{1F3FD}\u{200D}\u{1F680}", "e\u{301}", "\u{e9}", "\u{10FFFF}", "'\"\\%_`$1?", "\u{1}\u{7f}\u{85}",
    "\r\n\t", "مرحبا", String(repeating: "𝒳", count: 4000), "NULL", "\u{feff}x",
  ]
  let doubles: [Double] = [
    0, -0.0, 0.1 + 0.2, 1 / 3, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, .leastNormalMagnitude, .ulpOfOne, 1e15 + 0.3,
    9_007_199_254_740_993, 1e-300, .pi,
  ]
  let decimals = ["0", "99999999.9999", "-99999999.9999", "0.0001", "-0.0001", "12345678.1", "1.5"].compactMap {
    Decimal(string: $0)
  }
  let moments = try [
    "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z", "2024-02-29T12:00:00.000001Z",
  ]
  .map { Date(microsecondsSince1970: try #require(TimestampText.parse($0))) }
  let days = try [(1, 1, 1), (9999, 12, 31), (1970, 1, 1), (2000, 2, 29)].map {
    try #require(CalendarDate(year: $0.0, month: $0.1, day: $0.2))
  }
  let clocks = try [0, 1, 86_399_999_999, 43_200_000_000].map { try #require(TimeOfDay(microseconds: $0)) }
  let lengths: [Duration] = [
    .zero, .microseconds(1), .microseconds(-1), .seconds(90_000), .seconds(-400_000), .seconds(3_000_000_000),
  ]
  let blobs: [[UInt8]] = [[], [0], [255, 0, 10, 13, 92, 39], Array(0...255)]
  let ids = [
    UUID(uuidString: "00000000-0000-0000-0000-000000000000"), UUID(uuidString: "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF"), UUID(),
    nil,
  ]
  let smalls: [Int16] = [.min, .max, 0, -1], mediums: [Int32] = [.min, .max, 0, -1]
  let larges: [Int64] = [.min, .max, 0, -1, 9_007_199_254_740_993]
  let sizes: [Int] = [.min, .max, 0]
  let count = 60
  return (0..<count).map { i in
    Everything(
      small: smalls[i % 4], medium: mediums[i % 4], large: larges[i % 5],
      flag: i % 2 == 0, ratio: doubles[i % doubles.count], price: decimals[i % decimals.count], text: texts[i % texts.count],
      bytes: blobs[i % 4], token: ids[i % 4], moment: i % 5 == 4 ? nil : moments[i % 4], day: i % 5 == 3 ? nil : days[i % 4],
      clock: i % 5 == 2 ? nil : clocks[i % 4], length: lengths[i % lengths.count],
      settings: i % 3 == 0 ? nil : JSON(.init(theme: texts[i % texts.count], sizes: sizes)),
      priority: i % 2 == 0 ? .low : .high, filled: texts[(i + 1) % texts.count])
  }
}

@Suite("Round trips") struct RoundTripPropertyTests {
  @Test("extremes of every type come back bit for bit", arguments: TestDatabaseKind.allCases)
  func extremeValues(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    for row in try await Everything.insert(try extremes(), db) {
      let read = try await Everything.get(row.id, db)
      for (index, column) in Everything.schema.columns.enumerated() {
        let (wanted, found) = (row.columnValue(at: index), read.columnValue(at: index))
        // MySQL and PostgreSQL keep the sign of a zero, SQLite does not.
        if case .double(let l) = wanted, case .double(let r) = found, kind != .sqlite || l != 0 {
          #expect(l.bitPattern == r.bitPattern, "\(column.name): \(l)")
        } else if case .text(let l) = wanted, case .text(let r) = found {
          #expect(Array(l.utf8) == Array(r.utf8), "\(column.name)")
        } else {
          #expect(wanted == found, "\(column.name)")
        }
      }
    }
  }

  @Test("a value is found again by itself", arguments: TestDatabaseKind.allCases)
  func comparisons(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    for row in try await Everything.insert(try extremes(), db) {
      let found = Everything.filter {
        $0.id == row.id && $0.small == row.small && $0.medium == row.medium && $0.large == row.large && $0.price == row.price
      }
      #expect(try await found.filter { $0.text == row.text && $0.ratio == row.ratio && $0.length == row.length }.exists(db))
      #expect(try await found.filter { $0.token == row.token && $0.moment == row.moment }.exists(db))
      #expect(try await found.filter { $0.day == row.day && $0.clock == row.clock && $0.bytes == row.bytes }.exists(db))
    }
  }

  @Test("a blob of 16 MB comes back", arguments: [TestDatabaseKind.sqlite, .postgresql])
  func largeBlob(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind)
    let bytes = (0..<16_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    let row = try await Everything(bytes: bytes).insert(db)
    #expect(try await Everything.get(row.id, db).bytes == bytes)
  }

  @Test("SQL NULL and JSON null are different", arguments: TestDatabaseKind.allCases)
  func nulls(_ kind: TestDatabaseKind) async throws {
    let db = try await blog([Note.self], on: kind)
    let rows = try await Note.insert([Note(body: nil), Note(body: JSON(nil)), Note(body: JSON(1))], db)
    #expect(try await Note.filter { $0.body == nil }.all(db).map(\.id) == [rows[0].id])
    #expect(try await Note.query.order { $0.id.asc }.all(db).map(\.body) == [nil, JSON(nil), JSON(1)])
  }
}

@Model(table: "note")
struct Note {
  var id: ID
  var body: JSON<Int?>?
}
