import CMariaDB
import Foundation
import MartletCore
import MartletSQL

/// The bound values of one prepared statement, in the C library's form. Confined to its connection's thread.
final class ParameterBinds {
  /// From this size on a value goes ahead of the statement in pieces, so that it needs no packet of its own size.
  static let longValue = 1 << 20

  let binds: UnsafeMutablePointer<MYSQL_BIND>
  private let count: Int
  /// Numbers and times: one slot for each parameter.
  private let slots: UnsafeMutableRawPointer
  private var arena = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  private var used = 0
  /// Parameters that go in pieces, and where they begin in the arena.
  private(set) var long: [(index: Int, bytes: UnsafeRawBufferPointer)] = []

  private static let slotSize = MemoryLayout<MYSQL_TIME>.stride

  init(count: Int) {
    self.count = count
    binds = .allocate(capacity: max(1, count))
    binds.initialize(repeating: MYSQL_BIND(), count: max(1, count))
    slots = .allocate(byteCount: max(1, count) * Self.slotSize, alignment: 16)
  }
  deinit {
    binds.deallocate()
    slots.deallocate()
    arena.deallocate()
  }

  /// Fills the binds.
  /// - Parameter limit: The server's `max_allowed_packet`.
  /// - Throws: `DatabaseError` where the database has no such value, or it is too big to send.
  func fill(_ values: [SQLValue], _ dialect: MySQLDialect, limit: Int, sql: String) throws {
    let values = values.map(dialect.encode)
    var texts: [String?] = []
    var total = 0, packet = 64
    for (index, value) in values.enumerated() {
      let text = try Self.text(of: value, index, sql)
      texts.append(text)
      var size = text?.utf8.count ?? 0
      if case .blob(let bytes) = value { size = bytes.count }
      guard size <= limit else { throw Self.tooBig(size, limit, sql) }
      total += size
      packet += size >= Self.longValue ? 16 : size + 20
    }
    guard packet <= limit else { throw Self.tooBig(packet, limit, sql) }
    reserve(total + 1)
    long = []
    for (index, value) in values.enumerated() { try fill(index, value, texts[index], sql) }
  }

  /// Gives back memory that a big value took.
  func release() {
    long = []
    guard arena.count > 1 << 20 else { return }
    arena.deallocate()
    arena = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  }

  private func reserve(_ size: Int) {
    used = 0
    guard arena.count < size else { return }
    arena.deallocate()
    arena = .allocate(byteCount: max(size, 256), alignment: 1)
  }

  private static func tooBig(_ size: Int, _ limit: Int, _ sql: String) -> DatabaseError {
    DatabaseError(
      .invalidValue(column: nil), "the statement's values take \(size) bytes, and the server's max_allowed_packet is \(limit)",
      hint: "raise the server's variable max_allowed_packet, or send less at once", sql: sql)
  }

  /// What is sent as text, if it is.
  private static func text(of value: SQLValue, _ index: Int, _ sql: String) throws -> String? {
    switch value {
    case .text(let text), .json(let text), .native(_, let text): return text
    case .decimal(let number):
      let text = number.description
      let digits = text.utf8.reduce(0) { $0 + ((48...57).contains($1) ? 1 : 0) }
      guard !number.isNaN, digits <= 65 else {
        throw refuse(number.isNaN ? "NaN" : "a decimal of more than 65 digits", index, sql)
      }
      return text
    default: return nil
    }
  }

  private static func refuse(_ what: String, _ index: Int, _ sql: String) -> DatabaseError {
    DatabaseError(.invalidValue(column: nil), "MySQL cannot store \(what) (binding \(index + 1))", sql: sql)
  }

  private func fill(_ index: Int, _ value: SQLValue, _ text: String?, _ sql: String) throws {
    var bind = MYSQL_BIND()
    let slot = slots + index * Self.slotSize
    bind.buffer = slot
    switch value {
    case .null: bind.buffer_type = MYSQL_TYPE_NULL
    case .bool(let value): store(Int64(value ? 1 : 0), slot, &bind)
    case .int(let value), .interval(let value): store(value, slot, &bind)
    case .uint(let value):
      store(Int64(bitPattern: value), slot, &bind)
      bind.is_unsigned = 1
    case .double(let value):
      guard value.isFinite else { throw Self.refuse(value.isNaN ? "NaN" : "an infinite number", index, sql) }
      slot.storeBytes(of: value, as: Double.self)
      bind.buffer_type = MYSQL_TYPE_DOUBLE
    case .timestamp(let value):
      try storeTimestamp(value, slot, &bind, index, sql)
    case .date(let value):
      slot.storeBytes(of: Self.time(value), as: MYSQL_TIME.self)
      bind.buffer_type = MYSQL_TYPE_DATE
    case .time(let value):
      slot.storeBytes(of: Self.time(nil, value.microseconds), as: MYSQL_TIME.self)
      bind.buffer_type = MYSQL_TYPE_TIME
    case .blob(let bytes):
      bytes.withUnsafeBytes { store($0, index, &bind, MYSQL_TYPE_BLOB) }
    case .decimal, .text, .json, .native:
      var text = text ?? ""
      var isDecimal = false
      if case .decimal = value { isDecimal = true }
      text.withUTF8 { store(UnsafeRawBufferPointer($0), index, &bind, isDecimal ? MYSQL_TYPE_NEWDECIMAL : MYSQL_TYPE_STRING) }
    // The dialect has turned these into text.
    case .uuid, .array: throw Self.refuse("a value that its dialect has not encoded", index, sql)
    }
    binds[index] = bind
  }

  private func store(_ value: Int64, _ slot: UnsafeMutableRawPointer, _ bind: inout MYSQL_BIND) {
    slot.storeBytes(of: value, as: Int64.self)
    bind.buffer_type = MYSQL_TYPE_LONGLONG
  }

  private func store(_ bytes: UnsafeRawBufferPointer, _ index: Int, _ bind: inout MYSQL_BIND, _ type: enum_field_types) {
    guard let base = arena.baseAddress else { return }
    let place = base + used
    if let start = bytes.baseAddress, !bytes.isEmpty { place.copyMemory(from: start, byteCount: bytes.count) }
    used += bytes.count
    bind.buffer_type = type
    bind.buffer = place
    bind.buffer_length = UInt(bytes.count)
    if bytes.count >= Self.longValue { long.append((index, UnsafeRawBufferPointer(start: place, count: bytes.count))) }
  }

  private func storeTimestamp(
    _ value: Int64, _ slot: UnsafeMutableRawPointer, _ bind: inout MYSQL_BIND, _ index: Int, _ sql: String
  ) throws {
    let (days, rest) = value.floorDivided(by: 86_400_000_000)
    let day = CalendarDate(daysSince1970: Int(days))
    guard (1...9999).contains(day.year) else { throw Self.refuse("a moment outside of the years 1 to 9999", index, sql) }
    slot.storeBytes(of: Self.time(day, rest, type: MYSQL_TIMESTAMP_DATETIME), as: MYSQL_TIME.self)
    bind.buffer_type = MYSQL_TYPE_DATETIME
  }

  private static func time(
    _ day: CalendarDate?, _ microseconds: Int64 = 0, type: enum_mysql_timestamp_type? = nil
  ) -> MYSQL_TIME {
    var time = MYSQL_TIME()
    if let day {
      time.year = UInt32(day.year)
      time.month = UInt32(day.month)
      time.day = UInt32(day.day)
    }
    let seconds = microseconds / 1_000_000
    time.hour = UInt32(seconds / 3600)
    time.minute = UInt32(seconds / 60 % 60)
    time.second = UInt32(seconds % 60)
    time.second_part = UInt(microseconds % 1_000_000)
    time.time_type = type ?? (day == nil ? MYSQL_TIMESTAMP_TIME : MYSQL_TIMESTAMP_DATE)
    return time
  }
}

extension Int64 {
  /// The quotient rounded down, with a rest that is never negative.
  func floorDivided(by divisor: Int64) -> (quotient: Int64, rest: Int64) {
    let (quotient, rest) = quotientAndRemainder(dividingBy: divisor)
    return rest < 0 ? (quotient - 1, rest + divisor) : (quotient, rest)
  }
}
