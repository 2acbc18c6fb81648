/// A cookie to set: RFC 6265 §4.1, with `SameSite`. The defaults are the safe ones.
///
/// ```swift
/// response.setCookie(Cookie("sessionid", token, maxAge: .seconds(1_209_600)))
/// ```
public struct Cookie: Sendable, Hashable {
  /// Which cross-site requests carry the cookie.
  public enum SameSite: String, Sendable, Hashable {
    case strict = "Strict"
    case lax = "Lax"
    case none = "None"
  }

  /// The name, an RFC 9110 token.
  public var name: String
  /// The value.
  public var value: String
  /// How long to keep it; `nil` until the browser closes; zero removes it.
  public var maxAge: Duration?
  /// The path it is sent to, with everything below.
  public var path: String
  /// The domain it is sent to, with its subdomains; `nil` for this host only.
  public var domain: String?
  /// Sent over HTTPS only. `nil` follows the request's scheme when the response leaves.
  public var secure: Bool?
  /// Out of reach of scripts.
  public var httpOnly: Bool
  /// Which cross-site requests carry it.
  public var sameSite: SameSite?

  /// A cookie.
  public init(
    _ name: String, _ value: String, maxAge: Duration? = nil, path: String = "/", domain: String? = nil,
    secure: Bool? = nil, httpOnly: Bool = true, sameSite: SameSite? = .lax
  ) {
    self.name = name
    self.value = value
    self.maxAge = maxAge
    self.path = path
    self.domain = domain
    self.secure = secure
    self.httpOnly = httpOnly
    self.sameSite = sameSite
  }

  /// A cookie that removes the one of that name, path and domain.
  public static func removal(of name: String, path: String = "/", domain: String? = nil) -> Cookie {
    Cookie(name, "", maxAge: .zero, path: path, domain: domain)
  }

  /// The value of a `Set-Cookie` field. Characters that would end the value or begin an attribute
  /// are percent-encoded.
  public func header(secureRequest: Bool) -> String {
    var text = Cookie.safe(name, name: true) + "=" + Cookie.safe(value)
    if let maxAge {
      text += "; Max-Age=\(max(0, maxAge.components.seconds))"
      if maxAge == .zero { text += "; Expires=Thu, 01 Jan 1970 00:00:00 GMT" }
    }
    text += "; Path=" + (path.isEmpty ? "/" : Cookie.attribute(path))
    if let domain { text += "; Domain=" + Cookie.attribute(domain) }
    if secure ?? secureRequest || sameSite == Cookie.SameSite.none { text += "; Secure" }
    if httpOnly { text += "; HttpOnly" }
    if let sameSite { text += "; SameSite=" + sameSite.rawValue }
    return text
  }

  private static func safe(_ text: String, name: Bool = false) -> String {
    func allowed(_ byte: UInt8) -> Bool {
      if name { return isTokenByte(byte) }
      // RFC 6265 `cookie-octet`.
      return byte == 0x21 || (0x23...0x2B).contains(byte) || (0x2D...0x3A).contains(byte) || (0x3C...0x5B).contains(byte)
        || (0x5D...0x7E).contains(byte)
    }
    if text.utf8.allSatisfy(allowed) { return text }
    return String(decoding: text.utf8.flatMap { allowed($0) ? [$0] : percentEncoded($0) }, as: UTF8.self)
  }
  private static func attribute(_ text: String) -> String {
    String(decoding: text.utf8.filter { $0 > 32 && $0 < 127 && $0 != UInt8(ascii: ";") }, as: UTF8.self)
  }
}

/// The cookies of a request, by name: RFC 6265 §4.2.
public struct RequestCookies: Sendable, Hashable {
  /// Name and value in the order sent.
  public let pairs: [HeaderFields.Field]

  /// The cookies of every `Cookie` field. A part that is no pair is passed over, as browsers' servers do.
  public init(_ headers: HeaderFields) {
    var pairs: [HeaderFields.Field] = []
    for line in headers.values(for: "cookie") {
      for part in line.split(separator: ";") {
        guard let equals = part.firstIndex(of: "=") else { continue }
        let name = part[..<equals].trimmed
        var value = part[part.index(after: equals)...].trimmed
        if value.utf8.count >= 2, value.hasPrefix("\""), value.hasSuffix("\"") { value = String(value.dropFirst().dropLast()) }
        if !name.isEmpty { pairs.append(HeaderFields.Field(name: name, value: value)) }
      }
    }
    self.pairs = pairs
  }

  /// The first cookie of the name: the one of the longest path, by the order that RFC 6265 §5.4 asks for.
  public subscript(_ name: String) -> String? { pairs.first { $0.name == name }?.value }
}
