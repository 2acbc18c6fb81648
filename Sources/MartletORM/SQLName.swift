import MartletSQL

/// Names that come from the program and stand in SQL: refused where they are no names.
enum SQLName {
  /// A function's name, with its schema before it or not.
  static func function(_ name: String) throws {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), parts.allSatisfy({ isIdentifier($0) }) else {
      throw ORMError(
        .invalidExpression, "'\(shortened(name))' is no function's name",
        hint: "a name has letters, digits and _, and one point at most, between the schema and the name")
    }
  }

  /// A collation's name: `utf8mb4_bin`, `de-DE-x-icu`, `en_US.utf8`.
  static func collation(_ name: String) throws {
    let rest = name.unicodeScalars.dropFirst()
    guard let first = name.unicodeScalars.first, isLetter(first), name.utf8.count <= 63,
      rest.allSatisfy({ isLetter($0) || isDigit($0) || $0 == "." || $0 == "-" || $0 == "@" })
    else {
      throw ORMError(.invalidExpression, "'\(shortened(name))' is no collation's name", hint: "as \"de-DE-x-icu\" or \"NOCASE\"")
    }
  }

  /// The name of a table that a query defines: it is quoted, and may be any text that a database takes as a name.
  static func table(_ name: String) throws {
    guard !name.isEmpty, name.utf8.count <= 63, name.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value <= 0xFFFF }),
      name.last != " "
    else {
      throw ORMError(
        .invalidExpression, "'\(shortened(name))' cannot name a table",
        hint: "1 to 63 bytes, no control characters, no space at the end")
    }
  }

  private static func isIdentifier(_ name: Substring) -> Bool {
    guard let first = name.unicodeScalars.first, isLetter(first), name.utf8.count <= 63 else { return false }
    return name.unicodeScalars.allSatisfy { isLetter($0) || isDigit($0) }
  }
  private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
    ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || scalar == "_"
  }
  private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }
  private static func shortened(_ name: String) -> String { name.count > 60 ? name.prefix(60) + "…" : name }
}
