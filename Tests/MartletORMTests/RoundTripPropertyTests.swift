import Foundation
import MartletCore
import MartletORM
import MartletSQL
import TestDatabases
import Testing

@Suite("Round trips", .serialized) struct RoundTripPropertyTests {
  private static let isSoak = ProcessInfo.processInfo.environment["MARTLET_SOAK"] == "1"

  @Test(
    "extremes of every type come back bit for bit, are found by themselves, and replace each other by updates",
    arguments: TestDatabaseKind.allCases)
  func everyType(_ kind: TestDatabaseKind) async throws {
    let db = try await blog([Extreme.self], on: kind), seed = UInt64.random(in: 0...UInt64.max)
    var random = ExtremeValues(seed, db.dialect)
    let rows = try await Extreme.insert((0..<(Self.isSoak ? 3000 : 150)).map { _ in try random.row() }, db)
    let capabilities = db.dialect.capabilities
    for row in rows {
      let read = try await Extreme.get(row.id, db)
      expectSame(row, read, capabilities, "seed \(seed), row \(row.id)")
      for (name, isSame) in Extreme.equalities {
        let found = try await Extreme.filter { $0.id == row.id && isSame($0, row) }.exists(db)
        #expect(found, "seed \(seed), row \(row.id), \(name)")
      }
    }
    for (row, other) in zip(rows, rows.dropFirst().prefix(40)) {
      // By save, by an update of the query, and by many rows at once.
      var changed = other
      changed.id = row.id
      try await changed.save(db, changedFrom: row)
      expectSame(changed, try await Extreme.get(row.id, db), capabilities, "seed \(seed), row \(row.id) saved")
      let third = rows.randomElement() ?? row
      try await Extreme.filter { $0.id == row.id }.update(db) {
        $0.u64.set(to: third.u64)
        $0.wide.set(to: third.wide)
        $0.text.set(to: third.text)
        $0.moment.set(to: third.moment)
        $0.strings.set(to: third.strings)
        $0.blob.set(to: third.blob)
      }
      let read = try await Extreme.get(row.id, db)
      #expect(read.u64 == third.u64 && read.wide == third.wide && read.text.utf8.elementsEqual(third.text.utf8))
      #expect(read.moment == third.moment && read.strings == third.strings && read.blob == third.blob)
      var again = row
      again.double = 0.5
      try await Extreme.update([again], db) { ($0.u64, $0.wide, $0.double, $0.uuid, $0.clock, $0.day) }
      let bulk = try await Extreme.get(row.id, db)
      #expect(bulk.u64 == row.u64 && bulk.wide == row.wide && bulk.double == 0.5 && bulk.uuid == row.uuid)
      #expect(bulk.clock == row.clock && bulk.day == row.day)
      // These go as arrays on PostgreSQL.
      var wanted = bulk
      (wanted.i8, wanted.i16, wanted.i32, wanted.i64, wanted.u32) = (third.i8, third.i16, third.i32, third.i64, third.u32)
      (wanted.flag, wanted.float, wanted.double, wanted.priority) = (third.flag, third.float, third.double, third.priority)
      (wanted.short, wanted.text, wanted.uuid, wanted.moment, wanted.day) =
        (third.short, third.text, third.uuid, third.moment, third.day)
      try await Extreme.update([wanted], db) {
        ($0.i8, $0.i16, $0.i32, $0.i64, $0.u32, $0.flag, $0.float, $0.double, $0.priority)
      }
      try await Extreme.update([wanted], db) { ($0.short, $0.text, $0.uuid, $0.moment, $0.day) }
      expectSame(wanted, try await Extreme.get(row.id, db), capabilities, "seed \(seed), row \(row.id) updated")
    }
  }

  private func expectSame(_ a: Extreme, _ b: Extreme, _ capabilities: SQLCapabilities, _ place: String) {
    for (index, column) in Extreme.schema.columns.enumerated() {
      let (wanted, found) = (a.columnValue(at: index), b.columnValue(at: index))
      switch (wanted, found) {
      case (.double(let l), .double(let r)):
        // The named exception: 0.0, which is equal, where the database has no other zero.
        if l == 0, !capabilities.contains(.negativeZero) {
          #expect(r == 0 && r.sign == .plus, "\(column.name) of \(place)")
        } else {
          #expect(l.bitPattern == r.bitPattern || (l.isNaN && r.isNaN), "\(column.name) of \(place): \(l) became \(r)")
        }
      // Canonically equal texts are equal in Swift: the bytes are what counts.
      case (.text(let l), .text(let r)): #expect(l.utf8.elementsEqual(r.utf8), "\(column.name) of \(place)")
      default: #expect(wanted == found, "\(column.name) of \(place): \(wanted) became \(found)")
      }
    }
  }

  @Test("decimals of 38 digits are kept whole, or refused where the database keeps 15", arguments: TestDatabaseKind.allCases)
  func longDecimals(_ kind: TestDatabaseKind) async throws {
    let db = try await blog([Extreme.self], on: kind)
    let texts = [
      "12345678901234567890123456789.123456789", "-99999999999999999999999999999.999999999",
      "0.123456789",
      "10000000000000000000000000000.000000001", "-1234567890.123456789",
    ]
    for text in texts {
      let value = try #require(Decimal(string: text)), digits = text.drop { !"123456789".contains($0) }.count { $0.isNumber }
      if digits > 15, !TestDatabases.has(.exactDecimals, "exactDecimals", db, kind) {
        let error = await #expect(throws: ValidationError.self) { try await Extreme(wide: value).insert(db) }
        #expect(error?.errors.map(\.field) == ["wide"])
        // Nor does a filter compare with another number than it says.
        await #expect(throws: DatabaseError.self) { try await Extreme.filter { $0.wide == value }.exists(db) }
        continue
      }
      let row = try await Extreme(wide: value).insert(db)
      #expect(try await Extreme.get(row.id, db).wide == value)
      #expect(try await Extreme.filter { $0.wide == value }.count(db) == 1)
      #expect(try await Extreme.filter { $0.wide > value || $0.wide < value }.filter { $0.id == row.id }.count(db) == 0)
    }
    // Whole numbers of 64 bits are exact everywhere, and so are 15 digits anywhere around the point.
    for text in ["9223372036854775807", "-9223372036854775808", "123456.789012345", "-0.000000001", "99999999999999900000000"] {
      let value = try #require(Decimal(string: text))
      let row = try await Extreme(wide: value).insert(db)
      #expect(try await Extreme.get(row.id, db).wide == value, "\(text)")
      #expect(try await Extreme.filter { $0.wide == value }.count(db) == 1, "\(text)")
    }
    // Digits that the column has no place for are refused before the database rounds them.
    for (text, code) in [("0.0000000001", "max_decimal_places"), ("100000000000000000000000000000", "max_whole_digits")] {
      let value = try #require(Decimal(string: text))
      let error = await #expect(throws: ValidationError.self) { try await Extreme(wide: value).insert(db) }
      #expect(error?.errors.map(\.code) == [code])
    }
  }

  @Test("sums and steps of decimals are decimals", arguments: TestDatabaseKind.allCases)
  func decimalArithmetic(_ kind: TestDatabaseKind) async throws {
    let db = try await blog([Extreme.self], on: kind)
    let cents = try #require(Decimal(string: "0.1")), more = try #require(Decimal(string: "0.2"))
    let row = try await Extreme(wide: cents).insert(db)
    try await Extreme(wide: more).insert(db)
    // The binary sum of the two is 0.30000000000000004.
    let third = try #require(Decimal(string: "0.3"))
    let sums = try await Extreme.query.select { $0.wide.sum }.all(db)
    #expect(sums == [third])
    try await Extreme.filter { $0.id == row.id }.update(db) { $0.wide.set(to: $0.wide + more) }
    #expect(try await Extreme.get(row.id, db).wide == third)
  }

  @Test("NaN and infinities are kept, or refused by name", arguments: TestDatabaseKind.allCases)
  func notNumbers(_ kind: TestDatabaseKind) async throws {
    let db = try await blog([Extreme.self], on: kind)
    for (value, capability, name) in [
      (Double.infinity, SQLCapabilities.infinity, "infinity"), (-.infinity, .infinity, "infinity"),
      (.nan, .notANumber, "notANumber"),
    ] {
      if TestDatabases.has(capability, name, db, kind) {
        let row = try await Extreme(float: Float(value), double: value).insert(db), read = try await Extreme.get(row.id, db)
        #expect(read.double == value || (read.double.isNaN && value.isNaN))
        #expect(read.float == Float(value) || (read.float.isNaN && value.isNaN))
        // Where a database has NaN, it is equal to itself.
        #expect(try await Extreme.filter { $0.double == value && $0.id == row.id }.exists(db))
        if !value.isNaN { #expect(try await Extreme.filter { $0.double > 1e308 }.exists(db) == (value > 0)) }
        try await Extreme.filter { $0.id == row.id }.update(db) { $0.double.set(to: -value) }
        let negated = try await Extreme.get(row.id, db).double
        #expect(negated == -value || (negated.isNaN && value.isNaN))
        try await Extreme.filter { $0.id == row.id }.delete(db)
      } else {
        let error = await #expect(throws: ValidationError.self) { try await Extreme(double: value).insert(db) }
        #expect(error?.errors.map(\.field) == ["double"])
        let row = try await Extreme().insert(db)
        await #expect(throws: ValidationError.self) {
          try await Extreme.filter { $0.id == row.id }.update(db) { $0.double.set(to: value) }
        }
        await #expect(throws: DatabaseError.self) { try await Extreme.filter { $0.double == value }.exists(db) }
      }
      let nan = Extreme(wide: .nan)
      if db.dialect.capabilities.contains(.notANumber) {
        #expect(try await Extreme.get(nan.insert(db).id, db).wide.isNaN)
      } else {
        await #expect(throws: ValidationError.self) { try await nan.insert(db) }
      }
    }
  }

  @Test("a blob of 16 MB, an empty one and a text of 1 MB come back", arguments: TestDatabaseKind.allCases)
  func large(_ kind: TestDatabaseKind) async throws {
    let db = try await blog([Extreme.self], on: kind)
    let bytes = (0..<16_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    let text = String(repeating: "𝒳", count: 1 << 18)
    let row = try await Extreme(blob: bytes).insert(db), other = try await Extreme(text: text, blob: []).insert(db)
    #expect(try await Extreme.get(row.id, db).blob == bytes)
    let read = try await Extreme.get(other.id, db)
    #expect(read.blob.isEmpty && read.text.utf8.elementsEqual(text.utf8))
    #expect(try await Extreme.filter { $0.text == text }.all(db).map(\.id) == [other.id])
    #expect(try await Extreme.filter { $0.blob == bytes }.all(db).map(\.id) == [row.id])
  }

  @Test("a NUL in a text is refused; texts that only look equal are not", arguments: TestDatabaseKind.allCases)
  func texts(_ kind: TestDatabaseKind) async throws {
    let db = try await blog([Extreme.self], on: kind)
    for text in ["\0", "a\0b"] {
      let error = await #expect(throws: ValidationError.self) { try await Extreme(text: text).insert(db) }
      #expect(error?.errors.map(\.code) == ["null_characters_not_allowed"])
    }
    let pairs = [("e\u{301}", "é"), ("a", "a "), ("ß", "ss"), ("A", "a"), ("\u{1D4B3}", "X"), ("", " "), ("\u{212B}", "Å")]
    for (l, r) in pairs {
      let first = try await Extreme(text: l).insert(db), second = try await Extreme(text: r).insert(db)
      let ids = [first.id, second.id]
      #expect(try await Extreme.filter { $0.text == l && $0.id.in(ids) }.all(db).map(\.id) == [first.id], "\(l)")
      #expect(try await Extreme.filter { $0.text == r && $0.id.in(ids) }.all(db).map(\.id) == [second.id], "\(r)")
    }
  }

  @Test("SQL NULL and JSON null are different", arguments: TestDatabaseKind.allCases)
  func nulls(_ kind: TestDatabaseKind) async throws {
    let db = try await blog([Note.self], on: kind)
    let rows = try await Note.insert([Note(body: nil), Note(body: JSON(nil)), Note(body: JSON(1))], db)
    #expect(try await Note.filter { $0.body == nil }.all(db).map(\.id) == [rows[0].id])
    #expect(try await Note.query.order { $0.id.asc }.all(db).map(\.body) == [nil, JSON(nil), JSON(1)])
  }

  @Test("JSON keeps the microseconds of dates, and numbers that are none", arguments: TestDatabaseKind.allCases)
  func json(_ kind: TestDatabaseKind) async throws {
    let db = try await blog([Note.self, Reading.self], on: kind)
    let at = Date(microsecondsSince1970: 1_700_000_000_123_456)
    let row = try await Reading(body: JSON(.init(at: at, values: [.infinity, -.infinity, 0.1, .nan], count: .max))).insert(db)
    let read = try await Reading.get(row.id, db).body.value
    #expect(read.at == at && read.count == .max)
    #expect(read.values.prefix(3) == [.infinity, -.infinity, 0.1] && read.values.last?.isNaN == true)
    // What has no JSON is not stored as NULL.
    let error = await #expect(throws: ValidationError.self) { try await Refusal(body: JSON(.init())).insert(db) }
    #expect(error?.errors.map(\.field) == ["body"])
  }
}

@Model(table: "note")
struct Note {
  var id: ID
  var body: JSON<Int?>?
}

@Model(table: "reading")
struct Reading {
  struct Body: Codable, Hashable, Sendable {
    var at: Date
    var values: [Double]
    var count: UInt64
  }
  var id: ID
  var body: JSON<Body>
}

@Model(table: "note")
struct Refusal {
  struct Body: Codable, Hashable, Sendable {
    init() {}
    init(from decoder: any Decoder) throws {}
    func encode(to encoder: any Encoder) throws {
      throw EncodingError.invalidValue(0, .init(codingPath: [], debugDescription: "has no JSON"))
    }
  }
  var id: ID
  var body: JSON<Body>?
}
