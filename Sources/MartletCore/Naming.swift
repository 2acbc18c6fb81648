/// How names of Swift become names of tables, columns and labels.
public enum Naming {
  /// `publishedAt` → `published_at`, `htmlURL` → `html_url`.
  public static func snakeCase(_ name: String) -> String {
    var result = ""
    let letters = Array(name)
    for (i, letter) in letters.enumerated() {
      if letter.isUppercase, i > 0 {
        let startsWord = !letters[i - 1].isUppercase && letters[i - 1] != "_"
        let endsAcronym = letters[i - 1].isUppercase && i + 1 < letters.count && letters[i + 1].isLowercase
        if startsWord || endsAcronym { result.append("_") }
      }
      result += letter.lowercased()
    }
    return result
  }

  /// `published_at` → `publishedAt`.
  public static func camelCase(_ name: String) -> String {
    var parts = name.split(separator: "_").map(String.init)
    for i in parts.indices.dropFirst() { parts[i] = parts[i].prefix(1).uppercased() + parts[i].dropFirst() }
    return parts.joined()
  }

  /// `BlogPost` → `blog post`.
  public static func words(_ name: String) -> String { snakeCase(name).split(separator: "_").joined(separator: " ") }

  /// The usual English plural of the last word: `blog post` → `blog posts`, `category` → `categories`, `person` → `people`.
  public static func plural(_ words: String) -> String {
    let start = words.lastIndex { $0 == " " || $0 == "_" || $0 == "-" }.map { words.index(after: $0) } ?? words.startIndex
    let head = words[..<start], last = String(words[start...])
    if let irregular = irregularPlurals[last.lowercased()] { return head + irregular }
    let vowels: Set<Character> = ["a", "e", "i", "o", "u"]
    if last.hasSuffix("y"), let before = last.dropLast().last, !vowels.contains(before) { return head + last.dropLast() + "ies" }
    if ["s", "x", "z", "ch", "sh"].contains(where: { last.hasSuffix($0) }) { return head + last + "es" }
    return head + last + "s"
  }

  private static let irregularPlurals = [
    "person": "people", "child": "children", "man": "men", "woman": "women", "mouse": "mice", "foot": "feet",
    "tooth": "teeth", "datum": "data", "medium": "media", "series": "series", "species": "species", "news": "news",
    "leaf": "leaves", "life": "lives", "knife": "knives", "half": "halves", "analysis": "analyses", "criterion": "criteria",
  ]
}
