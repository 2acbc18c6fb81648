/// A request target, split and decoded: RFC 9112 §3.2.
///
/// The path is decoded segment by segment, so that an escaped slash stays inside of its segment.
struct RequestTarget: Sendable {
  /// The decoded path with a leading slash; `*` for an OPTIONS of the server.
  let path: String
  /// The decoded segments; a trailing slash leaves none behind.
  let segments: [String]
  /// The query string without `?`.
  let query: String
  /// The host of the absolute form, which wins over the `Host` field (RFC 9112 §3.2.2).
  let authority: String?
  /// What is wrong with the path.
  let problem: String?

  init(_ target: String) {
    var rest = target[...]
    var authority: String?
    for scheme in ["http://", "https://"] where rest.hasPrefix(scheme) {
      rest = rest.dropFirst(scheme.count)
      let end = rest.firstIndex(where: { $0 == "/" || $0 == "?" }) ?? rest.endIndex
      authority = String(rest[..<end])
      rest = rest[end...]
      if rest.isEmpty || rest.first == "?" { rest = "/" + rest }
    }
    self.authority = authority
    if let hash = rest.firstIndex(of: "#") { rest = rest[..<hash] }
    let mark = rest.firstIndex(of: "?")
    query = mark.map { String(rest[rest.index(after: $0)...]) } ?? ""
    let raw = mark.map { rest[..<$0] } ?? rest

    if raw == "*" {
      (path, segments, problem) = ("*", ["*"], nil)
      return
    }
    guard raw.first == "/" else {
      (path, segments, problem) = ("/", [], "The path must begin with a slash.")
      return
    }
    var parts: [String] = [], problem: String?
    for segment in raw.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
      guard let text = PercentCoding.decode(segment) else {
        problem = "The path holds a malformed escape, a NUL or bytes that are not UTF-8."
        break
      }
      if RequestTarget.climbs(text) || text.contains("\\") || text.unicodeScalars.contains(where: { $0.value < 32 }) {
        problem = "The path holds “.” or “..” segments, backslashes or control characters."
        break
      }
      parts.append(text)
    }
    if parts.last?.isEmpty == true { parts.removeLast() }
    self.problem = problem
    segments = problem == nil ? parts : []
    path = problem == nil ? "/" + parts.joined(separator: "/") : "/"
  }
  /// Whether a part of the segment, between escaped slashes too, is `.` or `..`: code that takes the path or a rest
  /// `{name...}` for a file's must not be led out of its folder.
  private static func climbs(_ segment: String) -> Bool {
    segment.utf8.split(separator: UInt8(ascii: "/")).contains { $0.elementsEqual(".".utf8) || $0.elementsEqual("..".utf8) }
  }
}
