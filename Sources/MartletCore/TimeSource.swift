public import Foundation

/// Where the current time comes from; tests put a fixed one in its place.
public struct TimeSource: Sendable {
  private let read: @Sendable () -> Date

  /// A source that calls `read` each time.
  public init(_ read: @escaping @Sendable () -> Date) { self.read = read }

  /// The current time.
  public func now() -> Date { read() }

  /// The machine's clock.
  public static let system = TimeSource { Date() }
  /// Always the same moment.
  public static func fixed(_ moment: Date) -> TimeSource { TimeSource { moment } }
}

extension Date {
  /// Whole microseconds since 1970-01-01T00:00:00Z, rounded: the precision that databases keep.
  @inlinable public var microsecondsSince1970: Int64 {
    // From the reference date (2001): a Double keeps every microsecond within 2^32 s of it, from 1865 to 2137; beyond,
    // some values are off by one.
    let value = (timeIntervalSinceReferenceDate * 1_000_000).rounded()
    // What texts of moments can say: year 1 to year 9999. Without it a Date that decoding made of a huge number would trap.
    guard value > -63_113_904_000_000_000 else { return -62_135_596_800_000_000 }
    guard value < 252_423_993_599_999_999 else { return 253_402_300_799_999_999 }
    return Int64(value) + 978_307_200_000_000
  }
  /// The moment that many microseconds after 1970-01-01T00:00:00Z.
  @inlinable public init(microsecondsSince1970 value: Int64) {
    self.init(timeIntervalSinceReferenceDate: Double(value - 978_307_200_000_000) / 1_000_000)
  }
}
