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
    var parts: [Substring] = [], start = text.startIndex, index = start, quoted = false
    while index < text.endIndex {
      switch text[index] {
      case "\"": quoted.toggle()
      case "\\" where quoted:
        index = text.index(after: index)
        if index == text.endIndex { continue }
      case ";" where !quoted:
        parts.append(text[start..<index])
        start = text.index(after: index)
      default: break
      }
      index = text.index(after: index)
    }
    parts.append(text[start...])
    return parts
  }

  private static func unquoted(_ text: Substring) -> String {
    var out = "", escaped = false
    for character in text {
      if character == "\\", !escaped {
        escaped = true
      } else {
        out.append(character)
        escaped = false
      }
    }
    return out
  }
}
