/// A request target, split and decoded: RFC 9112 §3.2.
///
/// The path is decoded segment by segment, so that an escaped slash stays inside of its segment.
struct RequestTarget: Sendable {
  /// The decoded path with a leading slash; `*` for an OPTIONS of the server.
  let path: String
  /// The decoded segments; a trailing slash leaves none behind.
  let trail: PathTrail
  /// The query string without `?`.
  let query: String
  /// The host of the absolute form, which wins over the `Host` field (RFC 9112 §3.2.2).
  let authority: String?
  /// What is wrong with the path.
  let problem: String?

  init(_ target: String) {
    self = RequestTarget(plain: target) ?? RequestTarget(any: target)
  }

  /// A target of which nothing needs decoding, as nearly all are: one look at each byte, no segment on its own.
  init?(plain target: String) {
    var target = target
    let ends: (path: Int, query: Int, whole: Int)? = target.withUTF8 { bytes in
      guard let path = RequestTarget.plainLength(of: bytes) else { return nil }
      if path == bytes.count { return (path, path, path) }
      // Beyond ASCII, a mark may be part of a longer character.
      guard bytes[path...].allSatisfy({ $0 < 128 }) else { return nil }
      return (path, bytes[path...].firstIndex(of: UInt8(ascii: "#")) ?? bytes.count, bytes.count)
    }
    guard let ends else { return nil }
    let bytes = target.utf8
    func text(_ from: Int, _ to: Int) -> String {
      String(target[bytes.index(bytes.startIndex, offsetBy: from)..<bytes.index(bytes.startIndex, offsetBy: to)])
    }
    query = ends.path < ends.query ? text(ends.path + 1, ends.query) : ""
    let isOpen = ends.path > 1 && bytes[bytes.index(bytes.startIndex, offsetBy: ends.path - 1)] == UInt8(ascii: "/")
    let end = isOpen ? ends.path - 1 : ends.path
    path = end == ends.whole ? target : text(0, end)
    trail = PathTrail(path: path)
    authority = nil
    problem = nil
  }

  /// The length of a path that begins with a slash and holds neither an escape nor anything else that must be looked at closely;
  /// `nil` for others.
  private static func plainLength(of bytes: UnsafeBufferPointer<UInt8>) -> Int? {
    guard bytes.first == UInt8(ascii: "/") else { return nil }
    var previous = UInt8(ascii: "/"), place = 1
    while place < bytes.count {
      let byte = bytes[place]
      if byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#") { break }
      guard byte >= 32, byte < 128, byte != UInt8(ascii: "%"), byte != UInt8(ascii: "\\") else { return nil }
      if previous == UInt8(ascii: "/"), byte == UInt8(ascii: ".") || byte == UInt8(ascii: "/") { return nil }
      previous = byte
      place += 1
    }
    return place
  }

  init(any target: String) {
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
      (path, trail, problem) = ("*", PathTrail(segments: ["*"]), nil)
      return
    }
    guard raw.first == "/" else {
      (path, trail, problem) = ("/", PathTrail(path: "/"), "The path must begin with a slash.")
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
    if problem != nil { parts = [] }
    path = "/" + parts.joined(separator: "/")
    trail = PathTrail(segments: parts)
  }
  /// Whether a part of the segment, between escaped slashes too, is `.` or `..`: code that takes the path or a rest
  /// `{name...}` for a file's must not be led out of its folder.
  private static func climbs(_ segment: String) -> Bool {
    segment.utf8.split(separator: UInt8(ascii: "/")).contains { $0.elementsEqual(".".utf8) || $0.elementsEqual("..".utf8) }
  }
}
