public import Foundation
public import MartletCore

/// A Swift type that one column can hold.
public protocol ColumnValue: Sendable, Hashable {
  /// The column's type where the field declares no other.
  static var columnType: ColumnType { get }
  /// Whether NULL is a value of the type: only `Optional` says yes.
  static var isNullable: Bool { get }
  /// The values allowed, for enums; empty where every value is.
  static var choices: [Choice] { get }
  /// The value to bind.
  var sqlValue: SQLValue { get }
  /// Whether this is (or holds) the key of a row that is not saved yet: no query may compare with it.
  var isUnsavedKey: Bool { get }
  /// The value of the row's next cell.
  /// - Throws: ``RowError`` where the cell does not fit.
  static func read(_ row: inout Row) throws -> Self
  /// Writes the row's next cell as JSON: the same bytes as for the value that ``read(_:)`` makes of it.
  /// - Throws: ``RowError`` where the cell does not fit.
  static func writeJSON(from row: inout Row, to json: inout JSONWriter) throws
  /// How ``writeJSON(from:to:)`` writes the cells that most databases hand over, where that is a ``PlainForm``: they are then
  /// written without a call to it.
  static var plainForm: PlainForm? { get }
}

extension ColumnValue {
  /// Not nullable.
  public static var isNullable: Bool { false }
  /// Every value.
  public static var choices: [Choice] { [] }
  /// No key.
  public var isUnsavedKey: Bool { false }
  /// None.
  public static var plainForm: PlainForm? { nil }
}

/// One of the values that an enum column allows.
public struct Choice: Sendable, Hashable {
  /// What the database holds.
  public var value: SQLValue
  /// What people read.
  public var label: String

  /// A choice.
  public init(value: SQLValue, label: String) {
    self.value = value
    self.label = label
  }
}

extension Int64: ColumnValue {
  public static var columnType: ColumnType { .bigInt }
  public var sqlValue: SQLValue { .int(self) }
  @inlinable public static func read(_ row: inout Row) throws -> Int64 { try row.int() }
}
extension Int: ColumnValue {
  public static var columnType: ColumnType { .bigInt }
  public var sqlValue: SQLValue { .int(Int64(self)) }
  @inlinable public static func read(_ row: inout Row) throws -> Int {
    guard let value = Int(exactly: try row.int()) else { throw row.mismatch("an integer of this machine") }
    return value
  }
}
extension Int32: ColumnValue {
  public static var columnType: ColumnType { .int }
  public var sqlValue: SQLValue { .int(Int64(self)) }
  @inlinable public static func read(_ row: inout Row) throws -> Int32 {
    guard let value = Int32(exactly: try row.int()) else { throw row.mismatch("a 32-bit integer") }
    return value
  }
}
extension Int16: ColumnValue {
  public static var columnType: ColumnType { .smallInt }
  public var sqlValue: SQLValue { .int(Int64(self)) }
  @inlinable public static func read(_ row: inout Row) throws -> Int16 {
    guard let value = Int16(exactly: try row.int()) else { throw row.mismatch("a 16-bit integer") }
    return value
  }
}
extension Double: ColumnValue {
  public static var columnType: ColumnType { .double }
  public var sqlValue: SQLValue { .double(self) }
  @inlinable public static func read(_ row: inout Row) throws -> Double { try row.double() }
}
extension Bool: ColumnValue {
  public static var columnType: ColumnType { .bool }
  public var sqlValue: SQLValue { .bool(self) }
  @inlinable public static func read(_ row: inout Row) throws -> Bool { try row.bool() }
}
extension String: ColumnValue {
  public static var columnType: ColumnType { .text }
  public var sqlValue: SQLValue { .text(self) }
  @inlinable public static func read(_ row: inout Row) throws -> String { try row.text() }
}
extension Date: ColumnValue {
  public static var columnType: ColumnType { .timestamp }
  public var sqlValue: SQLValue { .timestamp(microsecondsSince1970) }
  public static func read(_ row: inout Row) throws -> Date {
    switch try row.next() {
    case .int(let microseconds):
      if microseconds != .max, microseconds >= earliest { return Date(microsecondsSince1970: microseconds) }
      throw row.refusal(
        "the moment \(microseconds == .max ? "infinity" : "-infinity") is no Date; declare the property as PostgresTimestamp")
    case .text(let bytes):
      if let value = MomentText.parse(bytes) { return Date(microsecondsSince1970: value) }
    default: break
    }
    throw row.mismatch("a date and time")
  }
}
extension Date {
  /// Before every moment that a database keeps (PostgreSQL begins in 4713 BC).
  private static var earliest: Int64 { -(1 << 60) }
}
extension CalendarDate: ColumnValue {
  public static var columnType: ColumnType { .date }
  public var sqlValue: SQLValue { .date(self) }
  public static func read(_ row: inout Row) throws -> CalendarDate {
    switch try row.next() {
    case .int(let days):
      guard readable.contains(days) else {
        throw row.refusal("the day \(days) days from 1970-01-01 is outside of the years 1 to 9999, which CalendarDate holds")
      }
      return CalendarDate(daysSince1970: Int(days))
    case .text(let bytes): if let value = CalendarDate(utf8: bytes) { return value }
    default: break
    }
    throw row.mismatch("a date")
  }
}
extension CalendarDate {
  /// 0001-01-01 to 9999-12-31.
  private static var readable: ClosedRange<Int64> { -719_162...2_932_896 }
}
extension TimeOfDay: ColumnValue {
  public static var columnType: ColumnType { .time }
  public var sqlValue: SQLValue { .time(self) }
  public static func read(_ row: inout Row) throws -> TimeOfDay {
    switch try row.next() {
    case .int(let microseconds): if let value = TimeOfDay(microseconds: microseconds) { return value }
    case .text(let bytes): if let value = TimeOfDay(utf8: bytes) { return value }
    default: break
    }
    throw row.mismatch("a time of day")
  }
}
extension Duration: ColumnValue {
  public static var columnType: ColumnType { .interval }
  /// Whole microseconds; what is finer is cut off.
  public var sqlValue: SQLValue { .interval(microseconds) }
  /// Microseconds, or a text with days, which count as 24 hours each.
  public static func read(_ row: inout Row) throws -> Duration {
    switch try row.next() {
    case .int(let microseconds): return .microseconds(microseconds)
    case .text(let bytes):
      guard let value = IntervalText.parse(bytes) else { break }
      guard value.months == 0 else {
        throw row.refusal("an interval with months has no fixed length; declare the property as PostgresInterval")
      }
      return .microseconds(value.microseconds) + .seconds(value.days * 86_400)
    default: break
    }
    throw row.mismatch("a length of time")
  }
  /// Whole microseconds; a length beyond 292,000 years becomes the longest that there is.
  package var microseconds: Int64 {
    let (seconds, attoseconds) = components
    let (whole, isTooLong) = seconds.multipliedReportingOverflow(by: 1_000_000)
    let (sum, overflows) = whole.addingReportingOverflow(attoseconds / 1_000_000_000_000)
    return isTooLong || overflows ? (seconds < 0 ? .min : .max) : sum
  }
}
extension UUID: ColumnValue {
  public static var columnType: ColumnType { .uuid }
  public var sqlValue: SQLValue { .uuid(self) }
  public static func read(_ row: inout Row) throws -> UUID {
    switch try row.next() {
    case .text(let bytes): if let value = UUID(hexBytes: bytes) { return value }
    case .blob(let bytes) where bytes.count == 16: return UUID(uuid: bytes.loadUnaligned(as: uuid_t.self))
    default: break
    }
    throw row.mismatch("a UUID")
  }
  /// 32 hexadecimal digits, Django's form on SQLite; no dashes.
  public var hex: String { hexDigits }
  /// Reads 32 digits as well as the form with dashes.
  public init?(hex text: String) {
    var text = text
    guard let value = text.withUTF8({ UUID(hexBytes: UnsafeRawBufferPointer($0)) }) else { return nil }
    self = value
  }
}
extension Decimal: ColumnValue {
  /// 38 digits, 9 of them after the point, unless the field says otherwise.
  public static var columnType: ColumnType { .decimal(precision: 38, scale: 9) }
  public var sqlValue: SQLValue { .decimal(self) }
  public static func read(_ row: inout Row) throws -> Decimal {
    switch try row.next() {
    case .int(let value): return Decimal(value)
    // Decimal(Double) would show the binary tail.
    case .double(let value): if let decimal = NumberText.decimal(value) { return decimal }
    case .text(let bytes):
      switch NumberText.decimal(bytes) {
      case .value(let value): return value
      case .tooLong: throw row.refusal("the number has more digits than Decimal keeps; declare the property as PostgresNumeric")
      case .none: break
      }
    default: break
    }
    throw row.mismatch("a decimal number")
  }
}
extension Optional: ColumnValue where Wrapped: ColumnValue {
  public static var columnType: ColumnType { Wrapped.columnType }
  public static var isNullable: Bool { true }
  public static var choices: [Choice] { Wrapped.choices }
  public var sqlValue: SQLValue { self?.sqlValue ?? .null }
  public var isUnsavedKey: Bool { self?.isUnsavedKey ?? false }
  @inlinable public static func read(_ row: inout Row) throws -> Wrapped? { row.skipNull() ? nil : try Wrapped.read(&row) }
}

/// A Codable value kept as JSON text in one column.
///
/// Dates are RFC 3339 to the microsecond. JSON has no infinity and no NaN: they are the texts `"Infinity"`, `"-Infinity"` and
/// `"NaN"`. A value that cannot be encoded at all is refused by every write.
public struct JSON<Value: Codable & Sendable & Hashable>: ColumnValue {
  /// The value.
  public var value: Value
  /// Wraps a value.
  public init(_ value: Value) { self.value = value }

  public static var columnType: ColumnType { .json }
  public var sqlValue: SQLValue {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    encoder.dateEncodingStrategy = .custom { date, encoder in
      var container = encoder.singleValueContainer()
      try container.encode(TimestampText.rfc3339(microseconds: date.microsecondsSince1970))
    }
    // An empty text is no JSON: the rules of values refuse it before it is written.
    guard let data = try? encoder.encode(value) else { return .json("") }
    return .json(String(decoding: data, as: UTF8.self))
  }
  public static func read(_ row: inout Row) throws -> JSON {
    switch try row.next() {
    case .text(let bytes), .blob(let bytes):
      let decoder = JSONDecoder()
      decoder.nonConformingFloatDecodingStrategy = .convertFromString(
        positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
      decoder.dateDecodingStrategy = .custom { decoder in
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        if let microseconds = TimestampText.parse(text) { return Date(microsecondsSince1970: microseconds) }
        throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is no date and time of RFC 3339")
      }
      do { return JSON(try decoder.decode(Value.self, from: Data(bytes))) } catch {
        throw RowError(index: row.index - 1, message: "JSON that is not a \(Value.self): \(error)")
      }
    default: throw row.mismatch("JSON")
    }
  }
}
extension JSON: Codable {
  public init(from decoder: any Decoder) throws { value = try Value(from: decoder) }
  public func encode(to encoder: any Encoder) throws { try value.encode(to: encoder) }
}
