/// PostgreSQL's `numeric` in digits, as the server itself writes them.
enum NumericText {
  /// Decodes the binary form: groups of four digits, the weight of the first, a sign, and how many digits follow the point.
  static func decode(_ value: UnsafeRawBufferPointer, _ arena: inout RowArena) throws(ProtocolViolation) -> UnsafeRawBufferPointer
  {
    var reader = ByteReader(value)
    guard let count = reader.integer(UInt16.self), let weight = reader.integer(Int16.self),
      let sign = reader.integer(UInt16.self), let scale = reader.integer(UInt16.self), reader.remaining == Int(count) * 2
    else { throw malformed }
    switch sign {
    case 0x0000, 0x4000: break
    case 0xC000: return BinaryCell.staticText("NaN")
    case 0xD000: return BinaryCell.staticText("Infinity")
    case 0xF000: return BinaryCell.staticText("-Infinity")
    default: throw malformed
    }
    guard scale <= 0x3FFF else { throw malformed }
    let wholeGroups = max(0, Int(weight) + 1), places = Int(scale)
    let digits = UnsafeRawBufferPointer(rebasing: value[8...])
    // A sign, four digits for each group before the point and one more, the point, and groups that may overhang by three.
    var writer = Writer(buffer: arena.take(wholeGroups * 4 + places + 8))
    if sign == 0x4000 { writer.append(UInt8(ascii: "-")) }
    if wholeGroups == 0 { writer.append(UInt8(ascii: "0")) }
    for index in 0..<wholeGroups { writer.append(group: try group(digits, index), isFirst: index == 0) }
    if places > 0 {
      writer.append(UInt8(ascii: "."))
      let end = writer.count + places
      var index = Int(weight) + 1
      while writer.count < end {
        writer.append(group: index < 0 ? 0 : try group(digits, index), isFirst: false)
        index += 1
      }
      writer.count = end
    }
    return UnsafeRawBufferPointer(rebasing: writer.buffer[..<writer.count])
  }

  private static let malformed = ProtocolViolation("the server sent a numeric value that is not well formed")

  private static func group(_ digits: UnsafeRawBufferPointer, _ index: Int) throws(ProtocolViolation) -> UInt16 {
    guard index * 2 + 2 <= digits.count else { return 0 }
    let group = UInt16(bigEndian: digits.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self))
    guard group < 10_000 else { throw malformed }
    return group
  }

  private struct Writer {
    let buffer: UnsafeMutableRawBufferPointer
    var count = 0

    mutating func append(_ byte: UInt8) {
      buffer[count] = byte
      count += 1
    }
    mutating func append(group: UInt16, isFirst: Bool) {
      if !isFirst || group >= 1000 { append(48 + UInt8(truncatingIfNeeded: group / 1000)) }
      if !isFirst || group >= 100 { append(48 + UInt8(truncatingIfNeeded: group / 100 % 10)) }
      if !isFirst || group >= 10 { append(48 + UInt8(truncatingIfNeeded: group / 10 % 10)) }
      append(48 + UInt8(truncatingIfNeeded: group % 10))
    }
  }
}

/// Intervals in the form of `IntervalStyle = iso_8601`: `P1Y2M3DT4H5M6.7S`, each part with its own sign.
enum IntervalCell {
  static func iso8601(months: Int32, days: Int32, microseconds: Int64) -> String {
    var text = "P"
    func add(_ value: some BinaryInteger, _ unit: String) { if value != 0 { text += "\(value)\(unit)" } }
    add(months / 12, "Y")
    add(months % 12, "M")
    add(days, "D")
    guard microseconds != 0 || text == "P" else { return text }
    text += "T"
    add(microseconds / 3_600_000_000, "H")
    add(microseconds / 60_000_000 % 60, "M")
    let rest = microseconds % 60_000_000
    guard rest != 0 || text.hasSuffix("T") else { return text }
    let whole = (rest / 1_000_000).magnitude, fraction = (rest % 1_000_000).magnitude
    text += (rest < 0 ? "-" : "") + String(whole)
    if fraction != 0 {
      var digits = String(repeating: "0", count: 6 - String(fraction).count) + String(fraction)
      while digits.hasSuffix("0") { digits.removeLast() }
      text += "." + digits
    }
    return text + "S"
  }
}
