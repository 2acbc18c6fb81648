/// What a filter is compared with, as the client wrote it.
enum FilterText: Sendable, Hashable {
  /// As it stands.
  case plain(String)
  /// In quotation marks: one value, whatever is in it.
  case quoted(String)
  /// In parentheses.
  case list([String])

  /// The values: `a,b`, where a value with commas stands in quotation marks: `"a,b",c`. No text is no value.
  var values: [String] {
    switch self {
    case .plain(let text): FilterText.split(text)
    case .quoted(let text): [text]
    case .list(let values): values
    }
  }
  /// The one value; `nil` for a list in parentheses.
  var single: String? {
    switch self {
    case .plain(let text), .quoted(let text): text
    case .list: nil
    }
  }

  /// A quotation mark that is not closed before a comma or the end is a character like others.
  private static func split(_ text: String) -> [String] {
    guard !text.isEmpty else { return [] }
    var values: [String] = [], rest = text.unicodeScalars[...]
    while true {
      var ahead = rest
      if let value = quoted(&ahead), ahead.isEmpty || ahead.first == "," {
        values.append(value)
        rest = ahead
      } else {
        let end = rest.firstIndex(of: ",") ?? rest.endIndex
        values.append(String(rest[..<end]))
        rest = rest[end...]
      }
      guard rest.popFirst() != nil else { return values }
    }
  }

  /// Reads `"…"` with `\"` and `\\` in it; `nil` where no closed quotation begins here.
  static func quoted(_ rest: inout Substring.UnicodeScalarView) -> String? {
    var ahead = rest, value = String.UnicodeScalarView()
    guard ahead.popFirst() == "\"" else { return nil }
    while let scalar = ahead.popFirst() {
      switch scalar {
      case "\"":
        rest = ahead
        return String(value)
      case "\\":
        guard let next = ahead.popFirst() else { return nil }
        value.append(next)
      default: value.append(scalar)
      }
    }
    return nil
  }
}
