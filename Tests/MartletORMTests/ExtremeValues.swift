import Foundation
import MartletCore
import MartletORM
import MartletSQL

/// A column of every type.
@Model(table: "extreme")
struct Extreme {
  struct Body: Codable, Hashable, Sendable {
    var text: String
    var numbers: [Int64]
    var maybe: Double?
  }
  var id: ID
  var i8: Int8 = 0
  var i16: Int16 = 0
  var i32: Int32 = 0
  var i64: Int64 = 0
  var int: Int = 0
  var u8: UInt8 = 0
  var u16: UInt16 = 0
  var u32: UInt32 = 0
  var u64: UInt64 = 0
  var uint: UInt?
  var flag: Bool = false
  var float: Float = 0
  var double: Double = 0
  @Field(digits: (38, 9)) var wide: Decimal = 0
  @Field(digits: (12, 4)) var price: Decimal?
  @Field(maxLength: 40) var short: String = ""
  var text: String = ""
  var blob: [UInt8] = []
  var uuid: UUID?
  var moment: Date?
  var day: CalendarDate?
  var clock: TimeOfDay?
  var length: Duration = .zero
  var body: JSON<Body>?
  var priority: Priority = .low
  var integers: [Int64] = []
  var unsigned: [UInt64] = []
  var doubles: [Double] = []
  var decimals: [Decimal] = []
  var flags: [Bool] = []
  var strings: [String?] = []
  var blobs: [[UInt8]] = []
  var uuids: [UUID] = []
  var moments: [Date]?
  var days: [CalendarDate] = []
  var clocks: [TimeOfDay] = []
  var lengths: [Duration] = []

  /// By column, the condition that it has the row's value. JSON has no equality on every database.
  static let equalities: [(name: String, isSame: @Sendable (Extreme.Fields, Extreme) -> Expr<Bool>)] = [
    ("i8", { $0.i8 == $1.i8 }), ("i16", { $0.i16 == $1.i16 }), ("i32", { $0.i32 == $1.i32 }), ("i64", { $0.i64 == $1.i64 }),
    ("int", { $0.int == $1.int }), ("u8", { $0.u8 == $1.u8 }), ("u16", { $0.u16 == $1.u16 }), ("u32", { $0.u32 == $1.u32 }),
    ("u64", { $0.u64 == $1.u64 }), ("uint", { $0.uint == $1.uint }), ("flag", { $0.flag == $1.flag }),
    ("float", { $0.float == $1.float }), ("double", { $0.double == $1.double }), ("wide", { $0.wide == $1.wide }),
    ("price", { $0.price == $1.price }), ("short", { $0.short == $1.short }), ("text", { $0.text == $1.text }),
    ("blob", { $0.blob == $1.blob }), ("uuid", { $0.uuid == $1.uuid }), ("moment", { $0.moment == $1.moment }),
    ("day", { $0.day == $1.day }), ("clock", { $0.clock == $1.clock }), ("length", { $0.length == $1.length }),
    ("priority", { $0.priority == $1.priority }), ("integers", { $0.integers == $1.integers }),
    ("unsigned", { $0.unsigned == $1.unsigned }), ("strings", { $0.strings == $1.strings }), ("uuids", { $0.uuids == $1.uuids }),
  ]
}

/// Random rows: each value is now and then an extreme one, and else any of its type.
struct ExtremeValues {
  private var random: SeededGenerator
  private let capabilities: SQLCapabilities
  private let family: SQLFamily

  init(_ seed: UInt64, _ dialect: any SQLDialect) {
    random = SeededGenerator(seed: seed)
    capabilities = dialect.capabilities
    family = dialect.family
  }

  mutating func row() throws -> Extreme {
    var row = Extreme()
    (row.i8, row.i16, row.i32, row.i64, row.int) = (integer(), integer(), integer(), integer(), integer())
    (row.u8, row.u16, row.u32, row.u64) = (integer(), integer(), integer(), integer())
    row.uint = sometimes { $0.integer() }
    row.flag = Bool.random(using: &random)
    (row.float, row.double) = (try float(), try double())
    (row.wide, row.price) = (try decimal(whole: 29, fraction: 9), try sometimes { try $0.decimal(whole: 8, fraction: 4) })
    (row.short, row.text) = (text(40), text(300))
    row.blob = bytes()
    row.uuid = sometimes { $0.identifier() }
    (row.moment, row.day, row.clock) = (sometimes { $0.moment() }, sometimes { $0.day() }, try sometimes { try $0.clock() })
    row.length = length()
    // JSON has one zero.
    row.body = try sometimes { values in
      JSON(
        .init(text: values.text(40), numbers: values.list { $0.integer() }, maybe: try values.sometimes { try $0.double() + 0 }))
    }
    row.priority = Bool.random(using: &random) ? .low : .high
    row.integers = list { $0.integer() }
    row.unsigned = list { $0.integer() }
    row.doubles = try list { try $0.double() }
    row.decimals = try list { try $0.decimal(whole: 20, fraction: 9, digits: 38) }
    row.flags = list { Bool.random(using: &$0.random) }
    row.strings = list { values in values.sometimes { $0.text(20) } }
    row.blobs = list { $0.bytes() }
    row.uuids = list { $0.identifier() }
    row.moments = sometimes { values in values.list { $0.moment() } }
    row.days = list { $0.day() }
    row.clocks = try list { try $0.clock() }
    row.lengths = list { $0.length() }
    return row
  }

  private mutating func sometimes<T>(_ make: (inout ExtremeValues) throws -> T) rethrows -> T? {
    Int.random(in: 0..<5, using: &random) == 0 ? nil : try make(&self)
  }
  private mutating func list<T>(_ make: (inout ExtremeValues) throws -> T) rethrows -> [T] {
    let count = Int.random(in: 0..<5, using: &random)
    return try (0..<count).map { _ in try make(&self) }
  }
  private mutating func choice<T>(_ extremes: [T], _ any: T) -> T {
    Bool.random(using: &random) ? extremes.randomElement(using: &random) ?? any : any
  }

  private mutating func integer<I: FixedWidthInteger>() -> I {
    let any = I(truncatingIfNeeded: random.next())
    let edge = I(exactly: Int64.max) ?? .max
    return choice([.min, .max, 0, 1, I.max - 1, I.min + 1, edge, edge &+ 1, I(truncatingIfNeeded: 9_007_199_254_740_993)], any)
  }

  private mutating func double() throws -> Double {
    var any = Double(bitPattern: random.next())
    if !any.isFinite { any = 1 / 3 }
    var extremes: [Double] = [
      0, -0.0, 0.1 + 0.2, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, .leastNormalMagnitude, .leastNonzeroMagnitude,
      -.leastNonzeroMagnitude, .ulpOfOne, 1e15 + 0.3, 9_007_199_254_740_993, 1e-300, 1e22, 1e23, 123_456_789.123456789,
    ]
    if capabilities.contains(.infinity) { extremes += [.infinity, -.infinity] }
    return choice(extremes, any)
  }
  private mutating func float() throws -> Float {
    var any = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
    if !any.isFinite { any = 1 / 3 }
    return choice([0, -0.0, .greatestFiniteMagnitude, .leastNormalMagnitude, .leastNonzeroMagnitude, 0.1, 16_777_216], any)
  }

  private mutating func decimal(whole: Int, fraction: Int, digits limit: Int? = nil) throws -> Decimal {
    // Arrays are texts where the database has none: they keep what a column of numbers may not.
    let most = min(whole + fraction, limit ?? (capabilities.contains(.exactDecimals) ? 38 : 15))
    let digits = Int.random(in: 1...most, using: &random),
      after = Int.random(in: max(0, digits - whole)...min(fraction, digits), using: &random)
    let isEdge = Bool.random(using: &random)
    var text = Bool.random(using: &random) ? "-" : ""
    for place in 0..<digits {
      if place == digits - after { text += text.isEmpty || text == "-" ? "0." : "." }
      text += isEdge ? "9" : String(Int.random(in: 0...9, using: &random))
    }
    guard let value = Decimal(string: text) else { throw CocoaError(.formatting) }
    return value
  }

  /// Texts of scalars that trip up parsers, quoting and encodings.
  private mutating func text(_ longest: Int) -> String {
    let scalars: [Unicode.Scalar] = [
      "'", "\\", "\"", "`", "%", "_", "?", "$", "\u{301}", "\u{e9}", "\u{1F469}", "\u{1F3FD}", "\u{200D}", " ", "\u{10FFFF}",
      "\u{FFFF}", "\u{FEFF}", "\u{1D4B3}", "\u{85}", "\u{7f}", "\u{1}", "\n", "\r", "\t", "م", "ß", "İ", "a", "0", "{", "}", ",",
    ]
    var text = ""
    let count = choice([0, 1, longest], Int.random(in: 0...longest, using: &random))
    for _ in 0..<count { text.unicodeScalars.append(scalars.randomElement(using: &random) ?? "a") }
    return choice(["", " ", "NULL", "null", "{}", "e\u{301}", "\u{1F469}\u{1F3FD}\u{200D}\u{1F680}"], text)
  }

  private mutating func bytes() -> [UInt8] {
    let any = (0..<Int.random(in: 0...300, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
    return choice([[], [0], [255, 0, 10, 13, 92, 39], Array(0...255), Array("\\x41".utf8)], any)
  }

  /// All bits are free but those that RFC 9562 sets: MariaDB's type knows these UUIDs alone.
  private mutating func identifier() -> UUID {
    var bytes = (0..<16).map { _ in UInt8.random(in: 0...255, using: &random) }
    if family == .mysql {
      bytes[6] = bytes[6] & 0x0F | UInt8.random(in: 1...7, using: &random) << 4
      bytes[8] = bytes[8] & 0x3F | 0x80
    }
    let any = bytes.withUnsafeBytes { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
    let ends = ["00000000-0000-0000-0000-000000000000", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF"].compactMap(UUID.init(uuidString:))
    return choice(ends, any)
  }

  private mutating func moment() -> Date {
    // A Date keeps every microsecond from 1865 to 2137 (ADR 0003), and every second from year 1 to 9999.
    let near = Int64.random(in: -3_313_000_000_000_000...5_270_000_000_000_000, using: &random)
    let far = Int64.random(in: -62_135_596_800...253_402_300_799, using: &random) * 1_000_000
    // Year 1, year 9999, the microseconds around 1970, a leap day.
    return Date(
      microsecondsSince1970: choice([-62_135_596_800_000_000, 253_402_300_799_999_000, -1, 1, 1_709_208_000_000_001, far], near))
  }
  private mutating func day() -> CalendarDate {
    CalendarDate(daysSince1970: choice([-719_162, 2_932_896, 0, 11_016], Int.random(in: -719_162...2_932_896, using: &random)))
  }
  private mutating func clock() throws -> TimeOfDay {
    let any = Int64.random(in: 0..<86_400_000_000, using: &random)
    guard let time = TimeOfDay(microseconds: choice([0, 1, 86_399_999_999, 43_200_000_000], any)) else {
      throw CocoaError(.formatting)
    }
    return time
  }
  private mutating func length() -> Duration {
    let any = Int64(truncatingIfNeeded: random.next()) / 4
    return .microseconds(choice([0, 1, -1, 90_000_000_000, -400_000_000_000, 86_400_000_000 * 365 * 1000], any))
  }
}
