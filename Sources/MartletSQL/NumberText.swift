package import Foundation

/// Numbers in the texts that databases write.
package enum NumberText {
  /// Digits with or without a sign, padded or not; `nil` for anything else and for what is out of the type's range.
  package static func integer<I: FixedWidthInteger>(_ bytes: UnsafeRawBufferPointer, as type: I.Type) -> I? {
    guard let first = bytes.first else { return nil }
    let isSigned = first == UInt8(ascii: "-") || first == UInt8(ascii: "+")
    guard bytes.count > (isSigned ? 1 : 0) else { return nil }
    let isNegative = first == UInt8(ascii: "-")
    var result: I = 0
    for byte in bytes.dropFirst(isSigned ? 1 : 0) {
      guard (48...57).contains(byte) else { return nil }
      let (product, isTooLarge) = result.multipliedReportingOverflow(by: 10)
      let digit = I(byte - 48)
      let (sum, overflows) = isNegative ? product.subtractingReportingOverflow(digit) : product.addingReportingOverflow(digit)
      guard !isTooLarge, !overflows else { return nil }
      result = sum
    }
    return result
  }

  /// A decimal number, with an exponent or without, or `NaN`, `Infinity`, `-Infinity`.
  package static func double(_ bytes: UnsafeRawBufferPointer) -> Double? {
    let text = String(decoding: bytes, as: UTF8.self)
    switch text {
    case "NaN": return .nan
    case "Infinity": return .infinity
    case "-Infinity": return -.infinity
    default: return shape(bytes) == nil ? nil : Double(text)
    }
  }

  /// The text that ``double(_:)`` reads back as the same number.
  package static func text(_ value: Double) -> String {
    value.isFinite ? value.description : value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity"
  }

  package enum ParsedDecimal { case value(Decimal), tooLong }

  /// An exact decimal; never one that has lost digits.
  package static func decimal(_ bytes: UnsafeRawBufferPointer) -> ParsedDecimal? {
    let text = String(decoding: bytes, as: UTF8.self)
    if text == "NaN" { return .value(.nan) }
    guard let shape = shape(bytes) else { return nil }
    // Decimal keeps 38 digits and exponents of 8 bits; what is beyond, Foundation rounds without a word.
    guard shape.digits <= 38, shape.exponent >= -127, shape.exponent + shape.digits <= 127 else { return .tooLong }
    return Decimal(string: text).map { .value($0) }
  }

  /// How many digits a finite decimal has: significant ones, and before and after the point.
  package static func digits(of value: Decimal) -> (significant: Int, whole: Int, fraction: Int) {
    let text = value.description.utf8.drop { $0 == UInt8(ascii: "-") }
    let parts = text.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
    let whole = parts[0].drop { $0 == 48 }.count
    let tail = parts.count > 1 ? Array(parts[1]) : []
    let fraction = (tail.lastIndex { $0 != 48 } ?? -1) + 1
    let all = Array(parts[0]) + tail
    guard let first = all.firstIndex(where: { $0 != 48 }), let last = all.lastIndex(where: { $0 != 48 }) else { return (0, 0, 0) }
    return (last - first + 1, whole, fraction)
  }

  /// Whether SQLite's NUMERIC affinity keeps all digits: 15 in a REAL, or a whole number in an INTEGER.
  package static func isKeptByNumericAffinity(_ value: Decimal) -> Bool {
    let digits = digits(of: value)
    return digits.significant <= 15 || (digits.fraction == 0 && Int64(value.description) != nil)
  }

  /// A floating-point number as a decimal: 15 digits, which every double keeps (Django's rule on SQLite).
  package static func decimal(_ value: Double) -> Decimal? {
    guard value.isFinite else { return nil }
    let shortest = value.description
    // At most 15 digits, a point, a sign and an exponent: most are the number that was written.
    let isShort = shortest.utf8.prefix { $0 != UInt8(ascii: "e") }.count { (48...57).contains($0) } <= 15
    return Decimal(string: isShort ? shortest : String(format: "%.15g", value))
  }

  /// How many digits a number has from the first to the last that is not 0, and the power of ten of that last one.
  private static func shape(_ bytes: UnsafeRawBufferPointer) -> (digits: Int, exponent: Int)? {
    var rest = bytes[...]
    if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
    var written = 0, significant = 0, trailingZeros = 0, fraction = 0, isFraction = false
    while let byte = rest.first, byte != UInt8(ascii: "e"), byte != UInt8(ascii: "E") {
      rest = rest.dropFirst()
      if byte == UInt8(ascii: "."), !isFraction {
        isFraction = true
        continue
      }
      guard (48...57).contains(byte) else { return nil }
      written += 1
      if isFraction { fraction += 1 }
      if significant > 0 || byte != 48 { significant += 1 }
      trailingZeros = byte == 48 ? trailingZeros + 1 : 0
    }
    guard written > 0 else { return nil }
    var exponent = 0
    if !rest.isEmpty {
      // Six digits are more than any number here means.
      guard rest.count <= 7, let value = integer(UnsafeRawBufferPointer(rebasing: rest.dropFirst()), as: Int.self) else {
        return nil
      }
      exponent = value
    }
    let zeros = significant == 0 ? 0 : trailingZeros
    return significant == 0 ? (0, 0) : (significant - zeros, exponent - fraction + zeros)
  }
}
