/// How names of Swift become names of tables and columns. `MartletCore.Naming` says the same; a plug-in cannot import it.
enum ColumnNaming {
  /// `publishedAt` → `published_at`, `htmlURL` → `html_url`.
  static func snakeCase(_ name: String) -> String {
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
  /// Django's `model_name`: `BlogPost` → `blogpost`, `Blog.Post` → `post`.
  static func modelName(_ type: String) -> String { lastComponent(type).lowercased() }
  /// The property that would refer to the type: `BlogPost` → `blogPost`.
  static func property(for type: String) -> String {
    let name = lastComponent(type)
    return name.prefix(1).lowercased() + name.dropFirst()
  }
  /// `Blog.Post` → `Post`.
  static func lastComponent(_ type: String) -> String { type.split(separator: ".").last.map(String.init) ?? type }
}
