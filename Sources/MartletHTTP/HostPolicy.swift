/// Which hosts a request may ask for, after Django's `validate_host`.
struct HostPolicy: Sendable {
  private let patterns: [String]
  private let takesAny: Bool

  init(allowedHosts: [String], debug: Bool) {
    patterns =
      allowedHosts.isEmpty && debug
      ? ["localhost", ".localhost", "127.0.0.1", "[::1]"] : allowedHosts.map { $0.lowercased() }
    takesAny = patterns.contains("*")
  }

  /// Fails for a missing, malformed or unknown host.
  func validate(_ host: String?) throws {
    guard let host else { throw HTTPError(.invalidHost, "The request has no Host field.") }
    guard let length = HostPolicy.nameLength(of: host) else {
      throw HTTPError(.invalidHost, "“\(host.prefix(120))” is not a host name.")
    }
    guard takesAny || patterns.contains(where: { HostPolicy.matches(host, length, $0) }) else {
      throw HTTPError(.invalidHost, "“\(host.prefix(120))” is not served here. Add it to ALLOWED_HOSTS if it should be.")
    }
  }

  /// The name without its port and its last dot, in lower case; `nil` where it is malformed.
  static func name(of host: String) -> String? {
    nameLength(of: host).map { String(decoding: host.utf8.prefix($0), as: UTF8.self).lowercased() }
  }

  /// How many bytes of a well-formed host are its name, without port and last dot.
  private static func nameLength(of host: String) -> Int? {
    var host = host
    return host.withUTF8 { bytes in
      if bytes.first == UInt8(ascii: "[") { return addressLength(of: bytes) }
      var length = 0
      while length < bytes.count, bytes[length] != UInt8(ascii: ":") {
        guard isNameByte(bytes[length]) else { return nil }
        length += 1
      }
      guard length == bytes.count || isPort(bytes[(length + 1)...]) else { return nil }
      if length > 0, bytes[length - 1] == UInt8(ascii: ".") { length -= 1 }
      return length == 0 ? nil : length
    }
  }
  /// The same of an address in brackets.
  private static func addressLength(of bytes: UnsafeBufferPointer<UInt8>) -> Int? {
    guard let end = bytes.firstIndex(of: UInt8(ascii: "]")), end > 1,
      bytes[1..<end].allSatisfy({ PercentCoding.nibble($0) != nil || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") })
    else { return nil }
    let rest = bytes[(end + 1)...]
    return rest.isEmpty || (rest.first == UInt8(ascii: ":") && isPort(rest.dropFirst())) ? end + 1 : nil
  }
  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
      true
    default: false
    }
  }
  private static func isPort(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    (1...5).contains(bytes.count) && bytes.allSatisfy { (48...57).contains($0) }
  }

  /// Whether the first bytes of the host, `length` of them, fit a pattern in lower case.
  private static func matches(_ host: String, _ length: Int, _ pattern: String) -> Bool {
    let size = pattern.utf8.count
    guard size > 0, size <= length + 1 else { return false }
    let isDomain = pattern.utf8.first == UInt8(ascii: ".")
    guard size <= length || isDomain else { return false }
    var host = host, pattern = pattern
    return host.withUTF8 { host in
      pattern.withUTF8 { pattern in
        let name = host[..<length]
        if size == length || (isDomain && size < length) { return same(name.suffix(size), pattern[...]) }
        return isDomain && size == length + 1 && same(name, pattern.dropFirst())
      }
    }
  }
  private static func same(_ name: Slice<UnsafeBufferPointer<UInt8>>, _ pattern: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    name.elementsEqual(pattern) { ($0 >= 65 && $0 <= 90 ? $0 | 0x20 : $0) == $1 }
  }
}
