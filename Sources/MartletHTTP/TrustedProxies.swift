/// The proxies whose word about the client counts.
struct TrustedProxies: Sendable {
  private struct Range: Sendable {
    let bytes: [UInt8]
    let bits: Int
  }
  private let ranges: [Range]

  /// - Throws: ``HTTPError`` (`invalid-configuration`) for what is neither an address nor a CIDR range.
  init(_ texts: [String]) throws {
    ranges = try texts.map { text in
      let parts = text.split(separator: "/", omittingEmptySubsequences: false)
      guard let bytes = IPAddress.bytes(of: String(parts[0])), parts.count <= 2,
        let bits = parts.count == 2 ? Int(parts[1]) : bytes.count * 8, (0...bytes.count * 8).contains(bits)
      else {
        throw HTTPError(
          .invalidConfiguration, "“\(text)” is no address of a trusted proxy. Write an address or a range such as 10.0.0.0/8.")
      }
      return Range(bytes: bytes, bits: bits)
    }
  }

  func contains(_ address: String) -> Bool {
    guard let bytes = IPAddress.bytes(of: address) else { return false }
    return ranges.contains { range in
      let whole = range.bits / 8, rest = UInt8(range.bits % 8)
      guard range.bytes.count == bytes.count, range.bytes[..<whole] == bytes[..<whole] else { return false }
      return rest == 0 || (range.bytes[whole] ^ bytes[whole]) >> (8 - rest) == 0
    }
  }

  /// What the proxy says, where the connection comes from a trusted one. Of `X-Forwarded-For` the last
  /// address that is not a trusted proxy is the client: what stands before it the client may have made up.
  func resolve(_ origin: inout RequestOrigin, headers: HeaderFields) {
    guard !ranges.isEmpty, let peer = origin.peer, contains(peer) else { return }
    if let chain = headers["x-forwarded-for"]?.split(separator: ",").map(\.trimmed) {
      for address in chain.reversed() {
        guard IPAddress.bytes(of: address) != nil else { break }
        origin.peer = address
        if !contains(address) { break }
      }
    }
    if let scheme = headers["x-forwarded-proto"]?.split(separator: ",").last?.trimmed.lowercased(),
      scheme == "https" || scheme == "http"
    {
      origin.isSecure = scheme == "https"
    }
    if let host = headers["x-forwarded-host"]?.split(separator: ",").last?.trimmed { origin.host = host }
  }
}

/// IP addresses as bytes: 4 or 16.
enum IPAddress {
  static func bytes(of text: String) -> [UInt8]? {
    text.utf8.contains(UInt8(ascii: ":")) ? v6(text) : v4(text[...])
  }

  private static func v4(_ text: Substring) -> [UInt8]? {
    var bytes: [UInt8] = [], value = 0, digits = 0
    bytes.reserveCapacity(4)
    for byte in text.utf8 {
      if byte == UInt8(ascii: ".") {
        guard digits > 0, bytes.count < 3 else { return nil }
        bytes.append(UInt8(value))
        (value, digits) = (0, 0)
      } else {
        guard (48...57).contains(byte), digits < 3 else { return nil }
        value = value * 10 + Int(byte - 48)
        digits += 1
        guard value < 256 else { return nil }
      }
    }
    guard digits > 0, bytes.count == 3 else { return nil }
    bytes.append(UInt8(value))
    return bytes
  }

  private static func v6(_ text: String) -> [UInt8]? {
    let zoneless = text.prefix { $0 != "%" }
    let halves = zoneless.split(separator: "::", maxSplits: 2, omittingEmptySubsequences: false)
    guard halves.count <= 2 else { return nil }
    func groups(_ half: Substring) -> [UInt8]? {
      if half.isEmpty { return [] }
      var bytes: [UInt8] = []
      let parts = half.split(separator: ":", omittingEmptySubsequences: false)
      for (index, part) in parts.enumerated() {
        if part.contains("."), index == parts.count - 1 {
          guard let tail = v4(part) else { return nil }
          bytes += tail
        } else {
          guard (1...4).contains(part.utf8.count), let word = UInt16(part, radix: 16), part.first != "+" else { return nil }
          bytes += [UInt8(word >> 8), UInt8(word & 0xFF)]
        }
      }
      return bytes
    }
    guard let head = groups(halves[0]), let tail = halves.count == 2 ? groups(halves[1]) : [] else { return nil }
    let missing = 16 - head.count - tail.count
    guard halves.count == 2 ? missing >= 2 : missing == 0 else { return nil }
    let bytes = head + [UInt8](repeating: 0, count: missing) + tail
    // ::ffff:a.b.c.d is the IPv4 address that a dual-stack socket reports.
    if bytes.prefix(10).allSatisfy({ $0 == 0 }), bytes[10] == 0xFF, bytes[11] == 0xFF { return Array(bytes.suffix(4)) }
    return bytes
  }
}
