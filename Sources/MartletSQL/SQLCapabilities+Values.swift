import Foundation

/// What a column can hold. Bits 48 to 55.
extension SQLCapabilities {
  /// Decimals of up to 38 digits keep them all. Elsewhere 15 digits, and whole numbers of 64 bits.
  public static let exactDecimals = SQLCapabilities(rawValue: 1 << 48)
  /// A column tells -0.0 from 0.0; elsewhere it comes back as 0.0, which is equal to it.
  public static let negativeZero = SQLCapabilities(rawValue: 1 << 49)
  /// Floating-point columns hold infinity and -infinity.
  public static let infinity = SQLCapabilities(rawValue: 1 << 50)
  /// Floating-point and decimal columns hold NaN.
  public static let notANumber = SQLCapabilities(rawValue: 1 << 51)
}

extension SQLDialect {
  /// Why this database cannot hold a number, and the capability that it lacks; `nil` where it can.
  package func refusal(of value: SQLValue) -> (capability: String, reason: String)? {
    switch value {
    case .double(let number):
      if number.isNaN, !capabilities.contains(.notANumber) { return ("notANumber", "\(name) has no NaN") }
      if number.isInfinite, !capabilities.contains(.infinity) { return ("infinity", "\(name) has no infinite numbers") }
    case .decimal(let number):
      if number.isNaN { return capabilities.contains(.notANumber) ? nil : ("notANumber", "\(name) has no NaN") }
      if !capabilities.contains(.exactDecimals), !NumberText.isKeptByNumericAffinity(number) {
        return (
          "exactDecimals", "\(name) keeps 15 digits of a decimal, and this one has \(NumberText.digits(of: number).significant)"
        )
      }
    default: break
    }
    return nil
  }
}
