import Foundation

/// Reads a decimal number without passing through a binary one, and counts its digits as Django does.
enum DecimalText {
  /// - Throws: `invalid`, `max_digits`, `max_decimal_places` or `max_whole_digits`.
  static func read(_ text: String, precision: Int, scale: Int) throws(InputFault) -> Decimal {
    guard let parts = Parts(text) else { throw InputFault("invalid", "A valid number is required.") }
    let decimals = max(0, -parts.exponent)
    let digits = parts.exponent >= 0 ? parts.digits + parts.exponent : max(parts.digits, decimals)
    if digits > precision {
      throw InputFault("max_digits", "Ensure that there are no more than \(precision) digits in total.")
    }
    if decimals > scale {
      throw InputFault("max_decimal_places", "Ensure that there are no more than \(scale) decimal places.")
    }
    if digits - decimals > precision - scale {
      throw InputFault(
        "max_whole_digits", "Ensure that there are no more than \(precision - scale) digits before the decimal point.")
    }
    guard let value = Decimal(string: text, locale: Locale(identifier: "en_US_POSIX")), !value.isNaN else {
      throw InputFault("invalid", "A valid number is required.")
    }
    return value
  }

  /// How many digits, and the power of ten that the last of them stands for.
  private struct Parts {
    var digits: Int
    var exponent: Int

    init?(_ text: String) {
      var rest = Substring(text)
      if rest.first == "-" { rest = rest.dropFirst() }
      var power = 0
      if let mark = rest.firstIndex(where: { $0 == "e" || $0 == "E" }) {
        guard let value = Int(rest[rest.index(after: mark)...]), (-200...200).contains(value) else { return nil }
        power = value
        rest = rest[..<mark]
      }
      let halves = rest.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
      guard halves.count >= 1, !halves[0].isEmpty, halves.count == 1 || !halves[1].isEmpty, halves.joined().utf8.count <= 400,
        halves.joined().utf8.allSatisfy({ (48...57).contains($0) })
      else { return nil }
      let fraction = halves.count == 2 ? halves[1].count : 0
      digits = halves.joined().drop { $0 == "0" }.count
      exponent = power - fraction
    }
  }
}
