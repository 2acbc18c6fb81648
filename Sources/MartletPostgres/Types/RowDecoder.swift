import MartletSQL

/// Turns the body of a DataRow message into cells, without allocating for a row: text and bytes point into the message,
/// what must be made (the digits of a `numeric`) lies in memory that is kept from row to row.
///
/// Confined to one event loop.
final class RowDecoder {
  // Unchecked, here and below, where every row passes: no access lasts into another, on the one thread there is, and the check
  // costs as much as decoding a cell.
  @exclusivity(unchecked) private var cells: UnsafeMutablePointer<RowCell>
  @exclusivity(unchecked) private var capacity: Int
  @exclusivity(unchecked) private var arena = RowArena()

  init() {
    capacity = 32
    cells = .allocate(capacity: capacity)
  }
  deinit { cells.deallocate() }

  /// The row; valid until the next call and while `body` is.
  ///
  /// - Parameter isBinary: Whether the known kinds were asked for in binary.
  /// - Throws: ``ProtocolViolation``; ``RowError`` for a value that has no cell.
  func decode(_ body: UnsafeRawBufferPointer, kinds: [CellKind], isBinary: Bool) throws -> Row {
    guard body.count >= 2 else { throw MessageParser.malformed("DataRow") }
    let count = Int(UInt16(bigEndian: body.loadUnaligned(as: UInt16.self)))
    guard count == kinds.count else {
      throw ProtocolViolation("the server sent a row of \(count) columns for a result of \(kinds.count)")
    }
    if count > capacity { grow(count) }
    arena.reset()
    try Self.decode(body, kinds, isBinary, into: cells, &arena)
    return Row(cells: cells, count: count)
  }

  /// Apart from the object: each use of its properties is checked for exclusivity while the program runs, which for every
  /// cell would cost as much as decoding it does.
  private static func decode(
    _ body: UnsafeRawBufferPointer, _ kinds: [CellKind], _ isBinary: Bool, into cells: UnsafeMutablePointer<RowCell>,
    _ arena: inout RowArena
  ) throws {
    var offset = 2
    for place in 0..<kinds.count {
      guard body.count - offset >= 4 else { throw MessageParser.malformed("DataRow") }
      let length = Int(Int32(bigEndian: body.loadUnaligned(fromByteOffset: offset, as: Int32.self)))
      offset += 4
      if length == -1 {
        (cells + place).initialize(to: .null)
        continue
      }
      guard length >= 0, length <= body.count - offset else { throw MessageParser.malformed("DataRow") }
      let value = UnsafeRawBufferPointer(rebasing: body[offset..<(offset + length)])
      offset += length
      let cell =
        isBinary
        ? try BinaryCell.decode(value, kinds[place], place, &arena) : try TextCell.decode(value, kinds[place], place, &arena)
      (cells + place).initialize(to: cell)
    }
    guard offset == body.count else { throw MessageParser.malformed("DataRow") }
  }

  private func grow(_ count: Int) {
    cells.deallocate()
    capacity = count
    cells = .allocate(capacity: count)
  }
}

/// Values in PostgreSQL's binary form (the `…send` functions of its types).
enum BinaryCell {
  static func decode(_ value: UnsafeRawBufferPointer, _ kind: CellKind, _ place: Int, _ arena: inout RowArena) throws -> RowCell {
    switch kind {
    case .text, .other: return .text(value)
    case .int4: return .int(Int64(try integer(value, Int32.self)))
    case .int8, .time: return .int(try integer(value, Int64.self))
    case .int2: return .int(Int64(try integer(value, Int16.self)))
    case .oid: return .int(Int64(try integer(value, UInt32.self)))
    case .bool: return .int(try integer(value, UInt8.self) == 0 ? 0 : 1)
    case .float8: return .double(Double(bitPattern: try integer(value, UInt64.self)))
    case .float4: return .double(Double(Float(bitPattern: try integer(value, UInt32.self))))
    case .bytea: return .blob(value)
    case .uuid:
      guard value.count == 16 else { throw wrongLength(value) }
      return .blob(value)
    case .jsonb:
      guard value.first == 1 else { throw ProtocolViolation("the server sent a jsonb value of an unknown version") }
      return .text(UnsafeRawBufferPointer(rebasing: value[1...]))
    case .timestamp:
      let moment = try integer(value, Int64.self)
      if moment == .max || moment == .min { return .int(moment) }
      let (microseconds, overflow) = moment.addingReportingOverflow(PostgresEpoch.microseconds)
      guard !overflow else { throw RowError(index: place, message: "the moment is after the year 294246") }
      return .int(microseconds)
    case .date:
      let day = try integer(value, Int32.self)
      if day == .max { return .text(staticText("infinity")) }
      if day == .min { return .text(staticText("-infinity")) }
      return .int(Int64(day) + PostgresEpoch.days)
    case .interval:
      guard value.count == 16 else { throw wrongLength(value) }
      let microseconds = Int64(bigEndian: value.loadUnaligned(as: Int64.self))
      let days = Int32(bigEndian: value.loadUnaligned(fromByteOffset: 8, as: Int32.self))
      let months = Int32(bigEndian: value.loadUnaligned(fromByteOffset: 12, as: Int32.self))
      if days == 0, months == 0 { return .int(microseconds) }
      return .text(arena.text(IntervalCell.iso8601(months: months, days: days, microseconds: microseconds)))
    case .numeric: return .text(try NumericText.decode(value, &arena))
    }
  }

  @inline(__always)
  private static func integer<T: FixedWidthInteger>(_ value: UnsafeRawBufferPointer, _: T.Type) throws -> T {
    guard value.count == MemoryLayout<T>.size else { throw wrongLength(value) }
    return T(bigEndian: value.loadUnaligned(as: T.self))
  }

  private static func wrongLength(_ value: UnsafeRawBufferPointer) -> ProtocolViolation {
    ProtocolViolation("the server sent a value of \(value.count) bytes, which its type never has")
  }

  static func staticText(_ text: StaticString) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
  }
}
