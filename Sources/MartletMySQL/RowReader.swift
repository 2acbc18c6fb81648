import CMariaDB
import MartletCore
import MartletSQL

/// Turns rows of the binary protocol into cells, without copying: text and blobs point into the C library's buffer, which
/// stays until the next row is fetched. Confined to its connection's thread.
final class RowReader {
  private enum Kind: UInt8 {
    case int8, uint8, int16, uint16, int32, uint32, int64, uint64, float, double, date, timestamp, time, bit, text, blob
  }

  private(set) var count = 0
  private(set) var cells: UnsafeMutablePointer<RowCell>
  private var kinds: UnsafeMutablePointer<Kind>
  /// Room for the text of numbers and times that no integer cell holds.
  private var scratch: UnsafeMutableRawPointer
  private var capacity = 16
  private static let scratchSize = 32

  init() {
    cells = .allocate(capacity: capacity)
    kinds = .allocate(capacity: capacity)
    scratch = .allocate(byteCount: capacity * Self.scratchSize, alignment: 8)
  }
  deinit { deallocate() }

  private func deallocate() {
    cells.deallocate()
    kinds.deallocate()
    scratch.deallocate()
  }

  /// Learns the columns of a result.
  func begin(_ fields: UnsafeMutablePointer<MYSQL_FIELD>, count: Int) {
    if count > capacity {
      deallocate()
      capacity = count
      cells = .allocate(capacity: count)
      kinds = .allocate(capacity: count)
      scratch = .allocate(byteCount: count * Self.scratchSize, alignment: 8)
    }
    self.count = count
    for i in 0..<count { kinds[i] = Self.kind(fields[i].type, flags: fields[i].flags, charset: fields[i].charsetnr) }
  }

  private static func kind(_ type: enum_field_types, flags: UInt32, charset: UInt32) -> Kind {
    let isUnsigned = flags & UInt32(UNSIGNED_FLAG) != 0
    switch type {
    case MYSQL_TYPE_TINY: return isUnsigned ? .uint8 : .int8
    case MYSQL_TYPE_SHORT: return isUnsigned ? .uint16 : .int16
    case MYSQL_TYPE_YEAR: return .uint16
    case MYSQL_TYPE_LONG, MYSQL_TYPE_INT24: return isUnsigned ? .uint32 : .int32
    case MYSQL_TYPE_LONGLONG: return isUnsigned ? .uint64 : .int64
    case MYSQL_TYPE_FLOAT: return .float
    case MYSQL_TYPE_DOUBLE: return .double
    case MYSQL_TYPE_DATE, MYSQL_TYPE_NEWDATE: return .date
    case MYSQL_TYPE_DATETIME, MYSQL_TYPE_TIMESTAMP: return .timestamp
    case MYSQL_TYPE_TIME: return .time
    case MYSQL_TYPE_BIT: return .bit
    case MYSQL_TYPE_NEWDECIMAL, MYSQL_TYPE_DECIMAL, MYSQL_TYPE_JSON, MYSQL_TYPE_ENUM, MYSQL_TYPE_SET: return .text
    // 63 is the character set "binary".
    default: return charset == 63 ? .blob : .text
    }
  }

  /// The cells of the row that has just been fetched.
  /// - Throws: `DatabaseError` of kind `decoding` for a zero date, which no calendar has.
  func read(_ binds: UnsafeMutablePointer<MYSQL_BIND>, sql: String) throws {
    for i in 0..<count {
      guard let start = binds[i].u.row_ptr else {
        (cells + i).initialize(to: .null)
        continue
      }
      let raw = UnsafeRawPointer(start)
      let cell: RowCell =
        switch kinds[i] {
        case .int8: .int(Int64(raw.load(as: Int8.self)))
        case .uint8: .int(Int64(raw.load(as: UInt8.self)))
        case .int16: .int(Int64(Int16(littleEndian: raw.loadUnaligned(as: Int16.self))))
        case .uint16: .int(Int64(UInt16(littleEndian: raw.loadUnaligned(as: UInt16.self))))
        case .int32: .int(Int64(Int32(littleEndian: raw.loadUnaligned(as: Int32.self))))
        case .uint32: .int(Int64(UInt32(littleEndian: raw.loadUnaligned(as: UInt32.self))))
        case .int64: .int(Int64(littleEndian: raw.loadUnaligned(as: Int64.self)))
        case .uint64: unsigned(UInt64(littleEndian: raw.loadUnaligned(as: UInt64.self)), i)
        case .float: .double(Double(Float(bitPattern: UInt32(littleEndian: raw.loadUnaligned(as: UInt32.self)))))
        case .double: .double(Double(bitPattern: UInt64(littleEndian: raw.loadUnaligned(as: UInt64.self))))
        case .text: .text(Self.bytes(raw, binds[i].length_value))
        case .blob: .blob(Self.bytes(raw, binds[i].length_value))
        case .bit: bits(Self.bytes(raw, binds[i].length_value), i)
        case .date: .int(try days(Self.bytes(raw, binds[i].length_value), i, sql))
        case .timestamp: .int(try moment(Self.bytes(raw, binds[i].length_value), i, sql))
        case .time: time(Self.bytes(raw, binds[i].length_value), i)
        }
      (cells + i).initialize(to: cell)
    }
  }

  /// The bytes behind their length, which the C library has read already.
  private static func bytes(_ start: UnsafeRawPointer, _ length: UInt) -> UnsafeRawBufferPointer {
    let prefix =
      switch start.load(as: UInt8.self) {
      case 252: 3
      case 253: 4
      case 254: 9
      default: 1
      }
    return UnsafeRawBufferPointer(start: start + prefix, count: Int(length))
  }

  private func unsigned(_ value: UInt64, _ column: Int) -> RowCell {
    value <= UInt64(Int64.max) ? .int(Int64(value)) : text(String(value), column)
  }

  /// At most 64 bits, the highest byte first.
  private func bits(_ bytes: UnsafeRawBufferPointer, _ column: Int) -> RowCell {
    unsigned(bytes.suffix(8).reduce(0) { $0 << 8 | UInt64($1) }, column)
  }

  private func text(_ text: String, _ column: Int) -> RowCell {
    let place = scratch + column * Self.scratchSize
    var length = 0
    for byte in text.utf8.prefix(Self.scratchSize) {
      place.storeBytes(of: byte, toByteOffset: length, as: UInt8.self)
      length += 1
    }
    return .text(UnsafeRawBufferPointer(start: place, count: length))
  }

  private func days(_ bytes: UnsafeRawBufferPointer, _ column: Int, _ sql: String) throws -> Int64 {
    guard bytes.count >= 4,
      let day = CalendarDate(year: Int(bytes[0]) | Int(bytes[1]) << 8, month: Int(bytes[2]), day: Int(bytes[3]))
    else {
      throw DatabaseError(
        .decoding, "column \(column) holds a date that no calendar has, such as 0000-00-00",
        hint: "replace such dates with NULL; strict sessions write no new ones", sql: sql)
    }
    return Int64(day.daysSince1970)
  }

  private func moment(_ bytes: UnsafeRawBufferPointer, _ column: Int, _ sql: String) throws -> Int64 {
    var value = try days(bytes, column, sql) * 86_400_000_000
    if bytes.count >= 7 { value += (Int64(bytes[4]) * 3600 + Int64(bytes[5]) * 60 + Int64(bytes[6])) * 1_000_000 }
    if bytes.count >= 11 { value += Int64(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 7, as: UInt32.self))) }
    return value
  }

  /// A time of day in microseconds; MySQL's longer and negative times as text, which no `TimeOfDay` reads.
  private func time(_ bytes: UnsafeRawBufferPointer, _ column: Int) -> RowCell {
    guard bytes.count >= 8 else { return .int(0) }
    let days = Int64(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 1, as: UInt32.self)))
    let hours = days * 24 + Int64(bytes[5])
    var micros: Int64 = 0
    if bytes.count >= 12 { micros = Int64(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self))) }
    if bytes[0] == 0, hours < 24 {
      return .int((hours * 3600 + Int64(bytes[6]) * 60 + Int64(bytes[7])) * 1_000_000 + micros)
    }
    func padded(_ value: Int64, _ width: Int) -> String {
      let text = String(value)
      return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }
    let clock = padded(hours, 2) + ":" + padded(Int64(bytes[6]), 2) + ":" + padded(Int64(bytes[7]), 2)
    return text((bytes[0] == 0 ? "" : "-") + clock + (micros == 0 ? "" : "." + padded(micros, 6)), column)
  }
}
