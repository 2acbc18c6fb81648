/// Which hosts a request may ask for, after Django's `validate_host`.
struct HostPolicy: Sendable {
  private let patterns: [String]

  init(allowedHosts: [String], debug: Bool) {
    patterns =
      allowedHosts.isEmpty && debug
      ? ["localhost", ".localhost", "127.0.0.1", "[::1]"] : allowedHosts.map { $0.lowercased() }
  }

  /// Fails for a missing, malformed or unknown host.
  func validate(_ host: String?) throws {
    guard let host else { throw HTTPError(.invalidHost, "The request has no Host field.") }
    guard let name = HostPolicy.name(of: host) else {
      throw HTTPError(.invalidHost, "“\(host.prefix(120))” is not a host name.")
    }
    guard patterns.contains(where: { HostPolicy.matches(name, $0) }) else {
      throw HTTPError(.invalidHost, "“\(host.prefix(120))” is not served here. Add it to ALLOWED_HOSTS if it should be.")
    }
  }

  /// The name without its port and its last dot, in lower case; `nil` where it is malformed.
  static func name(of host: String) -> String? {
    var name = host.lowercased()[...]
    if name.hasPrefix("[") {
      guard let end = name.firstIndex(of: "]") else { return nil }
      let rest = name[name.index(after: end)...]
      guard rest.isEmpty || (rest.hasPrefix(":") && isPort(rest.dropFirst())) else { return nil }
      name = name[...end]
      let inner = name.dropFirst().dropLast()
      guard !inner.isEmpty,
        inner.utf8.allSatisfy({ PercentCoding.nibble($0) != nil || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") })
      else { return nil }
      return String(name)
    }
    if let colon = name.firstIndex(of: ":") {
      guard isPort(name[name.index(after: colon)...]) else { return nil }
      name = name[..<colon]
    }
    if name.hasSuffix(".") { name = name.dropLast() }
    let valid = name.utf8.allSatisfy { byte in
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (48...57).contains(byte) || byte == UInt8(ascii: "-")
        || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
    }
    return name.isEmpty || !valid ? nil : String(name)
  }
  private static func isPort(_ text: Substring) -> Bool {
    (1...5).contains(text.utf8.count) && text.utf8.allSatisfy { (48...57).contains($0) }
  }
  private static func matches(_ name: String, _ pattern: String) -> Bool {
    pattern == "*" || pattern == name || (pattern.hasPrefix(".") && (name.hasSuffix(pattern) || name == pattern.dropFirst()))
  }
}
