/// JSON by hand, for texts and numbers that are known to be harmless to write.
public struct JSONBytes {
  public private(set) var bytes: [UInt8] = []

  public init(capacity: Int = 64) { bytes.reserveCapacity(capacity) }

  public mutating func literal(_ text: StaticString) {
    bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  public mutating func byte(_ byte: UInt8) { bytes.append(byte) }

  public mutating func number(_ value: Int64) {
    if value < 0 { bytes.append(UInt8(ascii: "-")) }
    var rest = value.magnitude, digits: (UInt64, Int) = (0, 0)
    // Most numbers have few digits; these are gathered in one word, the others by the library.
    guard rest < 100_000_000 else { return bytes.append(contentsOf: String(rest).utf8) }
    repeat {
      digits.0 = digits.0 << 8 | (48 + rest % 10)
      digits.1 += 1
      rest /= 10
    } while rest > 0
    for place in 0..<digits.1 { bytes.append(UInt8(truncatingIfNeeded: digits.0 >> (8 * place))) }
  }

  public mutating func number(_ value: Double) { bytes.append(contentsOf: value.description.utf8) }

  public mutating func bool(_ value: Bool) { literal(value ? "true" : "false") }

  /// A text of UTF-8, escaped.
  public mutating func string(_ text: UnsafeRawBufferPointer) {
    bytes.append(UInt8(ascii: "\""))
    if text.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
      bytes.append(contentsOf: text)
    } else {
      for byte in text { escape(byte) }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private mutating func escape(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"):
      bytes.append(UInt8(ascii: "\\"))
      bytes.append(byte)
    case 0..<0x20:
      let digits: StaticString = "0123456789abcdef"
      literal("\\u00")
      bytes.append(digits.utf8Start[Int(byte >> 4)])
      bytes.append(digits.utf8Start[Int(byte & 15)])
    default: bytes.append(byte)
    }
  }

  /// RFC 3339 in UTC, from microseconds since 1970.
  public mutating func moment(_ microseconds: Int64) {
    let day: Int64 = 86_400_000_000
    let days = microseconds >= 0 ? microseconds / day : -((-microseconds + day - 1) / day)
    let rest = Int(microseconds - days * day)
    // Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
    let z = Int(days) + 719_468, era = (z >= 0 ? z : z - 146_096) / 146_097, dayOfEra = z - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    bytes.append(UInt8(ascii: "\""))
    two(year / 100)
    two(year % 100)
    bytes.append(UInt8(ascii: "-"))
    two(month)
    bytes.append(UInt8(ascii: "-"))
    two(dayOfYear - (153 * shifted + 2) / 5 + 1)
    bytes.append(UInt8(ascii: "T"))
    two(rest / 3_600_000_000)
    bytes.append(UInt8(ascii: ":"))
    two(rest / 60_000_000 % 60)
    bytes.append(UInt8(ascii: ":"))
    two(rest / 1_000_000 % 60)
    if rest % 1_000_000 != 0 {
      bytes.append(UInt8(ascii: "."))
      two(rest / 10_000 % 100)
      two(rest / 100 % 100)
      two(rest % 100)
    }
    literal("Z\"")
  }

  private mutating func two(_ value: Int) {
    bytes.append(UInt8(48 + value / 10))
    bytes.append(UInt8(48 + value % 10))
  }
}
