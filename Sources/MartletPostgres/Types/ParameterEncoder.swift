import Foundation
import MartletCore
import MartletSQL
import NIOCore

/// Writes the values that a statement binds, with the types that they are declared as.
///
/// Which types, found by trying INSERT, UPDATE, WHERE, IN, function arguments and arithmetic against the server:
/// - An integer is declared as the server types a literal: `integer` where it fits, else `bigint`. As `bigint` always, it
///   could not be used where PostgreSQL wants an `integer` (`substr`, `jsonb -> n`, `date + n`).
/// - Text has no declared type, as a quoted literal has none: so it can be compared with and stored in `varchar`, `citext`,
///   `jsonb` and enums. Where nothing else gives it a type it is `text`; where anything would do (`concat`, `to_jsonb`) the
///   statement must say so: `CAST($1 AS text)`.
/// - Everything else is declared as what it is; NULL and `.native` are not declared.
struct ParameterEncoder {
  /// The declared types.
  private(set) var types: [UInt32] = []
  /// The middle of a Bind message: formats, then values.
  private(set) var buffer: ByteBuffer

  /// - Throws: ``DatabaseError`` of kind `invalidStatement` or `invalidValue`.
  init(_ values: [SQLValue]) throws {
    guard values.count <= 65_535 else {
      throw DatabaseError(
        .invalidStatement, "the statement binds \(values.count) values; the protocol counts up to 65535",
        hint: "run it in parts, or bind an array")
    }
    let count = UInt16(values.count)
    buffer = ByteBufferAllocator().buffer(capacity: 4 + values.count * 14)
    buffer.writeInteger(count)
    for value in values { buffer.writeInteger(UInt16(Self.isBinary(value) ? 1 : 0)) }
    buffer.writeInteger(count)
    types.reserveCapacity(values.count)
    for (place, value) in values.enumerated() {
      types.append(Self.type(of: value))
      do throws(UnwritableValue) { try write(value) } catch {
        throw DatabaseError(
          .invalidValue(column: nil), "PostgreSQL cannot store the value bound to $\(place + 1): \(error.reason)")
      }
      guard buffer.readableBytes < 1 << 30 else {
        throw DatabaseError(.invalidValue(column: nil), "the values of a statement must be smaller than 1 GiB together")
      }
    }
  }

  static func type(of value: SQLValue) -> UInt32 {
    switch value {
    case .null, .text, .native: TypeID.unspecified
    case .bool: TypeID.bool
    case .int(let value): Int32(exactly: value) == nil ? TypeID.int8 : TypeID.int4
    case .uint(let value):
      Int32(exactly: value) != nil ? TypeID.int4 : Int64(exactly: value) != nil ? TypeID.int8 : TypeID.numeric
    case .double: TypeID.float8
    case .decimal: TypeID.numeric
    case .blob: TypeID.bytea
    case .uuid: TypeID.uuid
    case .timestamp: TypeID.timestamptz
    case .date: TypeID.date
    case .time: TypeID.time
    case .interval: TypeID.interval
    case .json: TypeID.jsonb
    case .array(_, let element): TypeID.array(of: element)
    }
  }

  private static func isBinary(_ value: SQLValue) -> Bool {
    switch value {
    case .null, .text, .native, .decimal, .json, .array: false
    case .uint(let value): Int64(exactly: value) != nil
    default: true
    }
  }

  private mutating func write(_ value: SQLValue) throws(UnwritableValue) {
    switch value {
    case .null: buffer.writeInteger(Int32(-1))
    case .bool(let value): buffer.writeMultipleIntegers(Int32(1), UInt8(value ? 1 : 0))
    case .int(let value): write(integer: value)
    case .uint(let value):
      if let value = Int64(exactly: value) { write(integer: value) } else { write(text: String(value)) }
    case .double(let value): buffer.writeMultipleIntegers(Int32(8), value.bitPattern)
    case .decimal(let value): write(text: value.description)
    case .text(let text), .json(let text), .native(_, let text): write(text: text)
    case .blob(let bytes):
      guard bytes.count < 1 << 30 else { throw UnwritableValue(reason: "it has \(bytes.count) bytes") }
      buffer.writeInteger(Int32(bytes.count))
      buffer.writeBytes(bytes)
    case .uuid(let value):
      buffer.writeInteger(Int32(16))
      withUnsafeBytes(of: value.uuid) { _ = buffer.writeBytes($0) }
    case .timestamp(let value): buffer.writeMultipleIntegers(Int32(8), try Self.fromEpoch(value))
    case .date(let day):
      buffer.writeMultipleIntegers(Int32(4), Int32(truncatingIfNeeded: day.daysSince1970 - Int(PostgresEpoch.days)))
    case .time(let time): buffer.writeMultipleIntegers(Int32(8), time.microseconds)
    case .interval(let value): buffer.writeMultipleIntegers(Int32(16), value, Int32(0), Int32(0))
    case .array(let values, _):
      var text = ""
      try PostgresArrayText.append(values, to: &text)
      write(text: text)
    }
  }

  private mutating func write(integer value: Int64) {
    if let small = Int32(exactly: value) {
      buffer.writeMultipleIntegers(Int32(4), small)
    } else {
      buffer.writeMultipleIntegers(Int32(8), value)
    }
  }

  private mutating func write(text: String) {
    // Over 2 GiB the length would be wrong: the check of the whole refuses such a statement before it is sent.
    buffer.writeInteger(Int32(truncatingIfNeeded: text.utf8.count))
    buffer.writeString(text)
  }

  /// Microseconds since 2000; the ends of the range stand for PostgreSQL's infinities.
  private static func fromEpoch(_ value: Int64) throws(UnwritableValue) -> Int64 {
    if value == .max || value == .min { return value }
    let (result, overflow) = value.subtractingReportingOverflow(PostgresEpoch.microseconds)
    guard !overflow, result != .max, result != .min else {
      throw UnwritableValue(reason: "the moment is outside of the years that a timestamp can hold")
    }
    return result
  }
}

/// Why a value cannot be sent.
struct UnwritableValue: Error {
  var reason: String
}

/// Lists in PostgreSQL's array syntax: `{1,NULL,"a \"quoted\" one"}`.
enum PostgresArrayText {
  static func append(_ values: [SQLValue], to text: inout String) throws(UnwritableValue) {
    text += "{"
    for (place, value) in values.enumerated() {
      if place > 0 { text += "," }
      switch value {
      case .null: text += "NULL"
      case .bool(let value): text += value ? "t" : "f"
      case .int(let value): text += String(value)
      case .uint(let value): text += String(value)
      case .double(let value):
        text += value.isNaN ? "NaN" : value.isInfinite ? (value < 0 ? "-Infinity" : "Infinity") : value.description
      case .decimal(let value): text += value.description
      case .text(let value), .json(let value), .native(_, let value): quote(value, to: &text)
      case .blob(let bytes):
        text += "\"\\\\x" + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() + "\""
      case .uuid(let value): text += value.uuidString
      case .timestamp(.max): text += "infinity"
      case .timestamp(.min): text += "-infinity"
      case .timestamp(let value): quote(try moment(value), to: &text)
      case .date(let value): text += value.description
      case .time(let value): text += value.description
      case .interval(let value): quote("\(value) microseconds", to: &text)
      case .array(let values, _): try append(values, to: &text)
      }
    }
    text += "}"
  }

  private static func quote(_ value: String, to text: inout String) {
    text += "\""
    for scalar in value.unicodeScalars {
      if scalar == "\"" || scalar == "\\" { text.unicodeScalars.append("\\") }
      text.unicodeScalars.append(scalar)
    }
    text += "\""
  }

  private static func moment(_ microseconds: Int64) throws(UnwritableValue) -> String {
    // -62135596800 s is the first moment of the year 1.
    guard microseconds >= -62_135_596_800_000_000 else {
      throw UnwritableValue(reason: "a moment in an array must not be before the year 1")
    }
    return TimestampText.rfc3339(microseconds: microseconds)
  }
}
