/// A number of bytes, written as people write it: `10MB`, `512KB`.
///
/// The units are powers of 1,024, as in the configuration of web servers.
public struct ByteSize: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// How many bytes; never negative.
  public let bytes: Int

  /// That many bytes; a negative number counts as 0.
  public init(bytes: Int) { self.bytes = max(0, bytes) }
  /// That many times 1,024 bytes, at most `Int.max`.
  public static func kilobytes(_ count: Int) -> ByteSize { ByteSize(count, times: 1 << 10) }
  /// That many times 1,048,576 bytes, at most `Int.max`.
  public static func megabytes(_ count: Int) -> ByteSize { ByteSize(count, times: 1 << 20) }
  /// That many times 1,073,741,824 bytes, at most `Int.max`.
  public static func gigabytes(_ count: Int) -> ByteSize { ByteSize(count, times: 1 << 30) }

  private init(_ count: Int, times unit: Int) {
    let (product, overflow) = count.multipliedReportingOverflow(by: unit)
    self.init(bytes: overflow ? (count < 0 ? 0 : .max) : product)
  }

  /// A size in the form `1048576`, `512KB`, `10MB` or `2GB`; `K`, `KiB` and lower case are understood.
  public init?(_ text: some StringProtocol) {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard let count = Int(digits) else { return nil }
    let units: [String: Int] = [
      "": 1, "b": 1, "k": 1 << 10, "kb": 1 << 10, "kib": 1 << 10, "m": 1 << 20, "mb": 1 << 20, "mib": 1 << 20,
      "g": 1 << 30, "gb": 1 << 30, "gib": 1 << 30,
    ]
    let name = text[digits.endIndex...].drop { $0 == " " }.lowercased()
    guard let unit = units[name] else { return nil }
    let (product, overflow) = count.multipliedReportingOverflow(by: unit)
    guard !overflow else { return nil }
    self.init(bytes: product)
  }

  /// In the largest unit that is exact: `10MB`, `1500`.
  public var description: String {
    for (unit, name) in [(1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "KB")] where bytes > 0 && bytes % unit == 0 {
      return "\(bytes / unit)\(name)"
    }
    return String(bytes)
  }
  /// Fewer before more.
  public static func < (l: ByteSize, r: ByteSize) -> Bool { l.bytes < r.bytes }
}
