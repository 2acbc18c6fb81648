import Foundation

extension ProbeDecoder {
  /// A value of each type that is no object of its own.
  static let samples: [any Sendable] = [
    "", false, 0, 0.0, Float(0), Int8(0), Int16(0), Int32(0), Int64(0), UInt(0), UInt8(0), UInt16(0), UInt32(0), UInt64(0),
    Decimal(0), Date(timeIntervalSince1970: 0), UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)), Data(),
    URL(fileURLWithPath: "/"),
  ]
}
