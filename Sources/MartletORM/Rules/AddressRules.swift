import Foundation

/// Addresses as Django's validators take them, each looked at once from left to right.
enum AddressRules {
  /// Letters, digits, `_` and `-`.
  static func isSlug(_ text: String, allowsUnicode: Bool) -> Bool {
    !text.isEmpty
      && text.unicodeScalars.allSatisfy { scalar in
        isASCIILetterOrDigit(scalar) || scalar == "_" || scalar == "-"
          || allowsUnicode && !scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
      }
  }

  /// RFC 5321, section 4.1.2, without quoted names: 64 bytes at most before the `@`, 254 in all.
  static func isEmail(_ text: String) -> Bool {
    guard text.utf8.count <= 254, let at = text.lastIndex(of: "@") else { return false }
    let name = text[..<at], domain = text[text.index(after: at)...]
    guard !name.isEmpty, name.utf8.count <= 64, !name.hasPrefix("."), !name.hasSuffix("."), !name.contains(".."),
      name.unicodeScalars.allSatisfy({ isASCIILetterOrDigit($0) || "!#$%&'*+/=?^_`{}|~.-".unicodeScalars.contains($0) })
    else { return false }
    if domain.hasPrefix("["), domain.hasSuffix("]") {
      let literal = domain.dropFirst().dropLast()
      return isIPAddress(String(literal.hasPrefix("IPv6:") ? literal.dropFirst(5) : literal), nil)
    }
    return domain == "localhost" || isDomain(domain)
  }

  /// `scheme://[user[:password]@]host[:port][/path][?query][#fragment]`, without white space and control characters.
  static func isURL(_ text: String, schemes: [String]) -> Bool {
    guard text.utf8.count <= 2048, let colon = text.range(of: "://"),
      schemes.contains(text[..<colon.lowerBound].lowercased()),
      text.unicodeScalars.allSatisfy({ $0.value > 32 && $0.value != 127 && !$0.properties.isWhitespace })
    else { return false }
    let rest = text[colon.upperBound...]
    var authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    if let at = authority.lastIndex(of: "@") {
      guard !authority[..<at].contains("@") else { return false }
      authority = authority[authority.index(after: at)...]
    }
    var host = authority, port: Substring?
    if authority.hasPrefix("[") {
      guard let end = authority.firstIndex(of: "]") else { return false }
      host = authority[authority.index(after: authority.startIndex)..<end]
      let tail = authority[authority.index(after: end)...]
      guard tail.isEmpty || tail.hasPrefix(":"), isIPAddress(String(host), .v6) else { return false }
      return tail.isEmpty || isPort(tail.dropFirst())
    }
    if let mark = authority.firstIndex(of: ":") {
      host = authority[..<mark]
      port = authority[authority.index(after: mark)...]
    }
    if let port, !isPort(port) { return false }
    return host.lowercased() == "localhost" || isIPAddress(String(host), .v4) || isDomain(host)
  }

  /// `192.0.2.1`, `2001:db8::1`; without a zone, a port or a mask.
  static func isIPAddress(_ text: String, _ version: IPVersion?) -> Bool {
    guard text.utf8.count <= 45, text.utf8.allSatisfy({ $0 == 46 || $0 == 58 || isHexDigit($0) }) else { return false }
    var buffer = in6_addr()
    return version != .v6 && isIPv4(text) || version != .v4 && inet_pton(AF_INET6, text, &buffer) == 1
  }
  private static func isIPv4(_ text: String) -> Bool {
    let parts = text.utf8.split(separator: 46, omittingEmptySubsequences: false)
    return parts.count == 4
      && parts.allSatisfy { part in
        // A zero in front is octal to some readers, and so refused (CVE-2021-33571).
        (1...3).contains(part.count) && part.allSatisfy { (48...57).contains($0) } && (part.count == 1 || part.first != 48)
          && (Int(String(decoding: part, as: UTF8.self)) ?? 256) < 256
      }
  }

  /// A name of at least two labels, the last of them no number.
  private static func isDomain(_ text: Substring) -> Bool {
    guard text.utf8.count <= 253 else { return false }
    let labels = (text.hasSuffix(".") ? text.dropLast() : text).split(separator: ".", omittingEmptySubsequences: false)
    guard labels.count >= 2, let last = labels.last, last.unicodeScalars.count >= 2,
      !last.unicodeScalars.contains(where: { ("0"..."9").contains($0) }) || last.lowercased().hasPrefix("xn--")
    else { return false }
    return labels.allSatisfy { label in
      (1...63).contains(label.unicodeScalars.count) && !label.hasPrefix("-") && !label.hasSuffix("-")
        && label.unicodeScalars.allSatisfy {
          isASCIILetterOrDigit($0) || $0 == "-"
            || !$0.isASCII
              && ($0.properties.isAlphabetic || $0.properties.generalCategory == .nonspacingMark
                || $0.properties.numericType != nil)
        }
    }
  }
  private static func isPort(_ text: Substring) -> Bool {
    (1...5).contains(text.utf8.count) && text.utf8.allSatisfy { (48...57).contains($0) } && (Int(text) ?? 65_536) < 65_536
  }
  private static func isASCIILetterOrDigit(_ scalar: Unicode.Scalar) -> Bool {
    ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
  }
  private static func isHexDigit(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (65...70).contains(byte) || (97...102).contains(byte)
  }
}
