/// Names of types that one database has, in DDL and casts.
enum NativeTypeName {
  /// The name as it stands where it has the form of one (`inet`, `double precision`, `shop.mood`, `"Mood"[]`, `varchar(10)`,
  /// `enum('a', 'b')`); anything else in quotes, as one name that no database knows.
  static func sql(_ name: String, quote: (String) -> String) -> String {
    let isPlain = name.utf8.allSatisfy { (97...122).contains($0) || (65...90).contains($0) || (48...57).contains($0) || $0 == 95 }
    return isPlain && !name.isEmpty || isType(name) ? name : quote(name)
  }

  private static func isType(_ name: String) -> Bool {
    let words = #/[A-Za-z_][A-Za-z0-9_]*(?: [A-Za-z_][A-Za-z0-9_]*)*/#
    let part = #/(?:[A-Za-z_][A-Za-z0-9_]*|"(?:[^"\u{0}]|"")+")/#
    let argument = #/(?:[0-9]+|[A-Za-z_][A-Za-z0-9_]*|'(?:[^'\\\u{0}]|'')*')/#
    var rest = name[...]
    // A schema before the name, both in quotes or not; or the words of a standard type.
    if let match = rest.prefixMatch(of: part), match.range.upperBound < rest.endIndex, rest[match.range.upperBound] == ".",
      let second = rest[rest.index(after: match.range.upperBound)...].prefixMatch(of: part)
    {
      rest = rest[second.range.upperBound...]
    } else if let match = rest.prefixMatch(of: words) {
      rest = rest[match.range.upperBound...]
    } else if let match = rest.prefixMatch(of: part) {
      rest = rest[match.range.upperBound...]
    } else {
      return false
    }
    if rest.first == "(" {
      rest = rest.dropFirst()
      while let match = rest.prefixMatch(of: argument) {
        rest = rest[match.range.upperBound...].drop { $0 == " " }
        guard rest.first == "," else { break }
        rest = rest.dropFirst().drop { $0 == " " }
      }
      guard rest.first == ")" else { return false }
      rest = rest.dropFirst()
      if rest.first == " ", let match = rest.dropFirst().prefixMatch(of: words) { rest = rest[match.range.upperBound...] }
    }
    while rest.hasPrefix("[]") { rest = rest.dropFirst(2) }
    return rest.isEmpty
  }
}
