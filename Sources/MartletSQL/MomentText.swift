import MartletCore

/// Moments in the texts that databases write.
package enum MomentText {
  /// Django's text on SQLite, RFC 3339, and PostgreSQL's `2026-11-23 20:21:00+00`, whose zone has no minutes.
  package static func parse(_ bytes: UnsafeRawBufferPointer) -> Int64? {
    let text = String(decoding: bytes, as: UTF8.self)
    guard bytes.count >= 19, let sign = bytes.dropLast(2).last, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else {
      return TimestampText.parse(text)
    }
    return TimestampText.parse(text + ":00")
  }
}
