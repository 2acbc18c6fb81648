/// Names of an API as identifiers of a program. What an identifier cannot hold separates words: no character of a document
/// gets into code by way of a name.
enum ClientNames {
  /// `author.name[contains]` → `["author", "name", "contains"]`
  private static func words(_ text: String) -> [Substring] {
    text.split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
  }
  /// `ArticleAnswer.Article` → `ArticleAnswerArticle`
  static func type(_ text: String) -> String {
    let name = words(text).map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    return name.isEmpty ? "Schema" : name.first?.isNumber == true ? "Schema" + name : name
  }
  /// `page_size` → `pageSize`, `If-Match` → `ifMatch`, `-views` → `minusViews`
  static func member(_ text: String) -> String {
    let words = words(text.hasPrefix("-") ? "minus " + text.dropFirst() : text)
    guard let first = words.first else { return "unnamed" }
    let start = first.allSatisfy { !$0.isLowercase } ? first.lowercased() : first.prefix(1).lowercased() + first.dropFirst()
    let name = start + words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    return name.first?.isNumber == true ? "_" + name : name
  }
}

/// Names that stand side by side, each once.
struct NameScope {
  private var taken: Set<String>

  init(reserved: Set<String> = []) { taken = reserved }

  /// The name, or the name with a number where it is taken.
  mutating func claim(_ name: String) -> String {
    var candidate = name, number = 2
    while !taken.insert(candidate).inserted {
      candidate = "\(name)\(number)"
      number += 1
    }
    return candidate
  }
}

/// The text of a program, line by line.
struct SourceText {
  private(set) var lines: [String] = []
  private var indent = ""

  var text: String { lines.joined(separator: "\n") + "\n" }

  mutating func line(_ text: String = "") { lines.append(text.isEmpty ? "" : indent + text) }
  mutating func lines(_ text: String) {
    for part in text.split(separator: "\n", omittingEmptySubsequences: false) { line(String(part)) }
  }
  /// Lines between an opening and a closing one.
  mutating func block(_ opening: String, _ closing: String, _ body: (inout SourceText) -> Void) {
    line(opening)
    indent += "  "
    body(&self)
    indent = String(indent.dropLast(2))
    line(closing)
  }
  /// A document's sentence as lines without anything that could end a comment.
  static func commentLines(_ text: String) -> [String] {
    // Scalar by scalar, as compilers read: a mark before or behind makes another character of what is the same to them.
    var lines: [[Unicode.Scalar]] = [[]], previous: Unicode.Scalar?
    for scalar in text.unicodeScalars {
      var scalar = scalar
      switch scalar {
      case "\n" where previous == "\r": break
      case "\n", "\r", "\u{2028}", "\u{2029}", "\u{85}", "\u{B}", "\u{C}": lines.append([])
      default:
        let last = lines[lines.count - 1].last
        if scalar.value < 32 || scalar.value == 127 { scalar = " " }
        if last == "*", scalar == "/" { scalar = "\u{2215}" }
        if last == "/", scalar == "*" { lines[lines.count - 1][lines[lines.count - 1].count - 1] = "\u{2215}" }
        lines[lines.count - 1].append(scalar)
      }
      previous = scalar
    }
    return lines.map { line in
      String(String.UnicodeScalarView(line[..<(line.lastIndex { $0 != " " }.map { $0 + 1 } ?? 0)]))
    }
  }
}
