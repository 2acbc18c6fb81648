/// Lengths of time as PostgreSQL writes them: months, days and microseconds, which are kept apart because a month has no
/// fixed number of days and a day no fixed number of hours.
package struct IntervalText: Sendable, Hashable {
  package var months: Int64 = 0
  package var days: Int64 = 0
  package var microseconds: Int64 = 0

  package init(months: Int64 = 0, days: Int64 = 0, microseconds: Int64 = 0) {
    self.months = months
    self.days = days
    self.microseconds = microseconds
  }

  /// Reads ISO 8601 with a sign before each number (`P1Y-2M3DT-4H5.6S`), PostgreSQL's own style (`1 day -02:03:04.5`), and
  /// a whole number, which is microseconds.
  ///
  /// - Returns: `nil` where the text has another form, or a part is out of range.
  package static func parse(_ bytes: UnsafeRawBufferPointer) -> IntervalText? {
    if bytes.first == UInt8(ascii: "P") { return iso8601(bytes.dropFirst()) }
    if let microseconds = NumberText.integer(bytes, as: Int64.self) { return IntervalText(microseconds: microseconds) }
    return postgresStyle(String(decoding: bytes, as: UTF8.self))
  }

  /// `P1Y2M3DT4H5M6.789S`; `PT0S` where there is nothing.
  package var iso8601: String {
    func part(_ value: Int64, _ letter: String) -> String { value == 0 ? "" : "\(value)\(letter)" }
    let date = part(months / 12, "Y") + part(months % 12, "M") + part(days, "D")
    let seconds = microseconds % 60_000_000
    var time = part(microseconds / 3_600_000_000, "H") + part(microseconds / 60_000_000 % 60, "M")
    if seconds != 0 {
      let fraction = String((seconds % 1_000_000).magnitude)
      time += (seconds < 0 ? "-" : "") + String((seconds / 1_000_000).magnitude)
      if fraction != "0" { time += "." + String(repeating: "0", count: 6 - fraction.utf8.count) + fraction }
      time += "S"
    }
    return date.isEmpty && time.isEmpty ? "PT0S" : "P" + date + (time.isEmpty ? "" : "T" + time)
  }

  private static func iso8601(_ bytes: Slice<UnsafeRawBufferPointer>) -> IntervalText? {
    var rest = bytes, result = IntervalText(), isTime = false, parts = 0
    while let first = rest.first {
      if first == UInt8(ascii: "T"), !isTime {
        isTime = true
        rest = rest.dropFirst()
        continue
      }
      guard let end = rest.firstIndex(where: { $0 >= 65 }), let micro = millionths(String(decoding: rest[..<end], as: UTF8.self))
      else { return nil }
      guard result.add(micro, unit: rest[end], isTime: isTime) else { return nil }
      parts += 1
      rest = rest[(end + 1)...]
    }
    return parts > 0 ? result : nil
  }

  /// Adds a part; `value` in millionths, whole except for seconds.
  private mutating func add(_ value: Int128, unit: UInt8, isTime: Bool) -> Bool {
    if isTime {
      let factor: Int128
      switch unit {
      case UInt8(ascii: "H"): factor = 3600
      case UInt8(ascii: "M"): factor = 60
      case UInt8(ascii: "S"): factor = 1
      default: return false
      }
      return Self.add(value * factor, to: &microseconds)
    }
    guard value % 1_000_000 == 0 else { return false }
    let whole = value / 1_000_000
    switch unit {
    case UInt8(ascii: "Y"): return Self.add(whole * 12, to: &months)
    case UInt8(ascii: "M"): return Self.add(whole, to: &months)
    case UInt8(ascii: "W"): return Self.add(whole * 7, to: &days)
    case UInt8(ascii: "D"): return Self.add(whole, to: &days)
    default: return false
    }
  }
  private static func add(_ value: Int128, to total: inout Int64) -> Bool {
    guard let sum = Int64(exactly: Int128(total) + value) else { return false }
    total = sum
    return true
  }

  /// `1 year 2 mons -3 days +04:05:06.789`
  private static func postgresStyle(_ text: String) -> IntervalText? {
    var words = text.split(separator: " ")[...], result = IntervalText(), parts = 0
    while let word = words.popFirst() {
      if word.contains(":") {
        guard words.isEmpty, let micro = clock(word), add(micro, to: &result.microseconds) else { return nil }
      } else {
        guard let value = millionths(String(word)), let unit = words.popFirst() else { return nil }
        let letter: Character
        switch unit {
        case "year", "years": letter = "Y"
        case "mon", "mons": letter = "M"
        case "day", "days": letter = "D"
        default: return nil
        }
        guard result.add(value, unit: letter.asciiValue ?? 0, isTime: false) else { return nil }
      }
      parts += 1
    }
    return parts > 0 ? result : nil
  }

  private static func clock(_ word: Substring) -> Int128? {
    let isNegative = word.hasPrefix("-")
    let parts = word.drop { $0 == "-" || $0 == "+" }.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 3, let hours = millionths(String(parts[0])), let minutes = millionths(String(parts[1])),
      let seconds = millionths(String(parts[2])), hours >= 0, minutes >= 0, seconds >= 0
    else { return nil }
    let sum = hours * 3600 + minutes * 60 + seconds
    return isNegative ? -sum : sum
  }

  /// A number with at most six digits after its point, in millionths.
  private static func millionths(_ text: String) -> Int128? {
    let halves = text.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(halves.count), halves[0].utf8.count <= 20 else { return nil }
    let isNegative = halves[0].hasPrefix("-")
    let whole = isNegative || halves[0].hasPrefix("+") ? halves[0].dropFirst() : halves[0]
    guard !whole.isEmpty, whole.utf8.allSatisfy({ (48...57).contains($0) }), var result = Int128(whole) else { return nil }
    result *= 1_000_000
    if halves.count == 2 {
      let fraction = halves[1]
      guard (1...6).contains(fraction.utf8.count), fraction.utf8.allSatisfy({ (48...57).contains($0) }),
        let value = Int128(fraction + String(repeating: "0", count: 6 - fraction.utf8.count))
      else { return nil }
      result += value
    }
    return isNegative ? -result : result
  }
}
