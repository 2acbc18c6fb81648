/// A media type with its parameters: RFC 9110 §8.3.1.
struct MediaType: Sendable, Hashable {
  /// `application/json`, in lower case.
  let essence: String
  /// The parameters, names in lower case.
  let parameters: [String: String]

  init?(_ text: String) {
    let parts = MediaType.split(text)
    let essence = parts[0].trimmed.lowercased()
    let halves = essence.split(separator: "/", omittingEmptySubsequences: false)
    guard halves.count == 2, halves.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(isTokenByte) }) else { return nil }
    self.essence = essence
    parameters = MediaType.parameters(parts.dropFirst())
  }

  /// `application/json` or `application/*+json`.
  var isJSON: Bool { essence == "application/json" || (essence.hasPrefix("application/") && essence.hasSuffix("+json")) }

  /// `name=value` and `name="value"` parts; what is neither is passed over.
  static func parameters(_ parts: some Sequence<Substring>) -> [String: String] {
    var found: [String: String] = [:]
    for part in parts {
      guard let equals = part.firstIndex(of: "=") else { continue }
      var value = part[part.index(after: equals)...].trimmed
      if value.hasPrefix("\""), value.hasSuffix("\""), value.utf8.count >= 2 {
        value = unquoted(value.dropFirst().dropLast())
      }
      found[part[..<equals].trimmed.lowercased()] = value
    }
    return found
  }

  /// The parts between semicolons that stand outside of quotes.
  static func split(_ text: String) -> [Substring] {
    let bytes = text.utf8
    var parts: [Substring] = [], start = bytes.startIndex, index = start, quoted = false
    while index < bytes.endIndex {
      switch bytes[index] {
      case UInt8(ascii: "\""): quoted.toggle()
      case UInt8(ascii: "\\") where quoted && isEscape(bytes, index): index = bytes.index(after: index)
      case UInt8(ascii: ";") where !quoted:
        parts.append(text[start..<index])
        start = bytes.index(after: index)
      default: break
      }
      index = bytes.index(after: index)
    }
    parts.append(text[start...])
    return parts
  }

  /// Only a quote and a backslash are escaped: some clients send `filename="C:\dir\a.txt"` as it is.
  private static func isEscape(_ bytes: String.UTF8View, _ index: String.Index) -> Bool {
    let next = bytes.index(after: index)
    return next < bytes.endIndex && (bytes[next] == UInt8(ascii: "\"") || bytes[next] == UInt8(ascii: "\\"))
  }
  private static func unquoted(_ text: Substring) -> String {
    let whole = String(text), bytes = whole.utf8
    var out: [UInt8] = [], index = bytes.startIndex
    while index < bytes.endIndex {
      if bytes[index] == UInt8(ascii: "\\"), isEscape(bytes, index) { index = bytes.index(after: index) }
      out.append(bytes[index])
      index = bytes.index(after: index)
    }
    return String(decoding: out, as: UTF8.self)
  }
}
