import MartletCore

/// Moments in the texts that databases write.
package enum MomentText {
  /// Django's text on SQLite, RFC 3339, and PostgreSQL's `2026-11-23 20:21:00+00`, whose zone has no minutes.
  package static func parse(_ bytes: UnsafeRawBufferPointer) -> Int64? { TimestampText.parse(utf8: bytes, allowsHours: true) }
}
