/// Lengths of time as ISO 8601 writes them, with days, hours, minutes and seconds; months and years have no fixed length.
package enum ISODuration {
  /// `P1DT2H30M`, `PT0.5S`, `-PT90M`, `P2W`: microseconds, or `nil` where the text has another form or is too long.
  package static func microseconds(_ text: String) -> Int64? {
    var rest = Substring(text), isNegative = false
    if rest.first == "-" {
      isNegative = true
      rest = rest.dropFirst()
    }
    guard rest.first == "P" else { return nil }
    rest = rest.dropFirst()
    if rest.last == "W" {
      return part(rest.dropLast(), unit: 604_800_000_000).map { isNegative ? -$0 : $0 }
    }
    let halves = rest.split(separator: "T", maxSplits: 1, omittingEmptySubsequences: false)
    guard !halves[0].isEmpty || halves.count == 2, halves.count == 1 || !halves[1].isEmpty,
      let days = parts(halves[0], [("D", 86_400_000_000)]),
      let time = halves.count == 2 ? parts(halves[1], [("H", 3_600_000_000), ("M", 60_000_000), ("S", 1_000_000)]) : 0
    else { return nil }
    let (sum, overflow) = days.addingReportingOverflow(time)
    return overflow ? nil : isNegative ? -sum : sum
  }

  /// A JSON number of seconds, to the microsecond; `nil` where it is too large.
  package static func microseconds(seconds text: String) -> Int64? {
    guard let seconds = Double(text), abs(seconds) <= 9_000_000_000_000 else { return nil }
    let isNegative = text.first == "-"
    if let exact = part(isNegative ? text.dropFirst() : text[...], unit: 1_000_000) { return isNegative ? -exact : exact }
    return Int64((seconds * 1_000_000).rounded())
  }

  /// `P1DT2H30M0.5S`; the zero length is `PT0S`.
  package static func text(microseconds: Int64) -> String {
    if microseconds == 0 { return "PT0S" }
    let magnitude = microseconds.magnitude
    let days = magnitude / 86_400_000_000, hours = magnitude / 3_600_000_000 % 24, minutes = magnitude / 60_000_000 % 60
    let seconds = magnitude / 1_000_000 % 60, fraction = magnitude % 1_000_000
    var time = ""
    if hours > 0 { time += "\(hours)H" }
    if minutes > 0 { time += "\(minutes)M" }
    if seconds > 0 || fraction > 0 {
      time += "\(seconds)"
      if fraction > 0 {
        var digits = String(fraction + 1_000_000).dropFirst()
        while digits.last == "0" { digits = digits.dropLast() }
        time += "." + digits
      }
      time += "S"
    }
    return (microseconds < 0 ? "-P" : "P") + (days > 0 ? "\(days)D" : "") + (time.isEmpty ? "" : "T" + time)
  }

  /// Parts with their units in order, each at most once.
  private static func parts(_ text: Substring, _ units: [(Character, Int64)]) -> Int64? {
    var rest = text, sum: Int64 = 0, units = units[...]
    while !rest.isEmpty {
      guard let end = rest.firstIndex(where: { $0.isLetter }), let place = units.firstIndex(where: { $0.0 == rest[end] }),
        let value = part(rest[..<end], unit: units[place].1)
      else { return nil }
      units = units[(place + 1)...]
      let (next, overflow) = sum.addingReportingOverflow(value)
      if overflow { return nil }
      sum = next
      rest = rest[rest.index(after: end)...]
    }
    return sum
  }

  /// Digits, with a fraction where the unit is a second.
  private static func part(_ text: Substring, unit: Int64) -> Int64? {
    let halves = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard let whole = digits(halves.first ?? "") else { return nil }
    let (value, overflow) = whole.multipliedReportingOverflow(by: unit)
    guard !overflow else { return nil }
    guard halves.count == 2 else { return value }
    guard unit == 1_000_000, (1...6).contains(halves[1].count), var fraction = digits(halves[1]) else { return nil }
    for _ in halves[1].count..<6 { fraction *= 10 }
    let (sum, tooLarge) = value.addingReportingOverflow(fraction)
    return tooLarge ? nil : sum
  }
  private static func digits(_ text: Substring) -> Int64? {
    guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
    return Int64(text)
  }
}
