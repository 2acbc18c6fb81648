/// The decoded segments of a path as one text, each behind a separator: what the router walks along.
///
/// The text is the path itself but where a segment holds an escaped slash, or where only its segments tell a path from another:
/// of these the separator is NUL, which no segment holds.
struct PathTrail: Sendable {
  /// Separator, segment, separator, segment; empty for `/`.
  let text: String
  let separator: UInt8

  /// The trail of a path whose segments are what stands between its slashes.
  init(path: String) {
    text = path == "/" ? "" : path
    separator = UInt8(ascii: "/")
  }
  /// The trail of any segments.
  init(segments: [String]) {
    text = segments.map { "\0" + $0 }.joined()
    separator = 0
  }

  /// The segments.
  var segments: [String] {
    text.utf8.split(separator: separator, omittingEmptySubsequences: false).dropFirst().map { String(Substring($0)) }
  }
}
