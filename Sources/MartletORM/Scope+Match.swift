import MartletSQL

/// Text matched by code points, not by LIKE, whose case rules differ from database to database and which knows wildcards.
extension Scope {
  func writeMatch(_ text: Node, _ kind: TextMatch, _ pattern: Node, _ ignoringCase: Bool, _ negated: Bool) throws {
    let wasSecret = builder.isSecret
    builder.isSecret = wasSecret || Scope.isSecret(text) || Scope.isSecret(pattern)
    defer { builder.isSecret = wasSecret }
    var nullTests: [Node] = []
    if Scope.isNullable(text) { nullTests.append(text) }
    if Scope.isNullable(pattern) { nullTests.append(pattern) }
    let needsNull = negated && !nullTests.isEmpty
    if needsNull { builder.write("(") }
    func side(_ node: Node) -> Node { ignoringCase ? .function(.lower, [node]) : node }
    switch builder.dialect.family {
    case .sqlite: try writeSQLiteMatch(side(text), kind, side(pattern), negated)
    case .postgres: try writePostgresMatch(side(text), kind, side(pattern), negated)
    case .mysql: try writeMySQLMatch(side(text), kind, side(pattern), negated)
    }
    if needsNull {
      for test in nullTests {
        builder.write(" OR ")
        try writeExpression(test)
        builder.write(" IS NULL")
      }
      builder.write(")")
    }
  }

  private func writeSQLiteMatch(_ text: Node, _ kind: TextMatch, _ pattern: Node, _ negated: Bool) throws {
    switch kind {
    case .equal:
      try writeExpression(text)
      builder.write(negated ? " <> " : " = ")
      try writeExpression(pattern)
    case .contains:
      try writeCall("instr", [text, pattern])
      builder.write(negated ? " = 0" : " > 0")
    case .prefix:
      builder.write("substr(")
      try writeExpression(text)
      builder.write(", 1, length(")
      try writeExpression(pattern)
      builder.write(negated ? ")) <> " : ")) = ")
      try writeExpression(pattern)
    case .suffix:
      // substr(x, length(x) - length(p) + 1), where a pattern longer than the text must not match its beginning.
      builder.write("substr(")
      try writeExpression(text)
      builder.write(", max(length(")
      try writeExpression(text)
      builder.write(") - length(")
      try writeExpression(pattern)
      builder.write(") + 1, 1))")
      builder.write(negated ? " <> " : " = ")
      try writeExpression(pattern)
    }
  }

  private func writePostgresMatch(_ text: Node, _ kind: TextMatch, _ pattern: Node, _ negated: Bool) throws {
    switch kind {
    case .equal:
      try writeExpression(text)
      builder.write(negated ? " <> " : " = ")
      try writeExpression(pattern)
    case .contains:
      try writeCall("strpos", [text, pattern])
      builder.write(negated ? " = 0" : " > 0")
    case .prefix:
      if negated { builder.write("NOT ") }
      try writeCall("starts_with", [text, pattern])
    case .suffix:
      builder.write("right(")
      try writeExpression(text)
      builder.write(", length(")
      try writeExpression(pattern)
      builder.write(negated ? ")) <> " : ")) = ")
      try writeExpression(pattern)
    }
  }

  /// The collation stands with the pattern, where it goes for both sides: a column's own may ignore case and accents.
  private func writeMySQLMatch(_ text: Node, _ kind: TextMatch, _ pattern: Node, _ negated: Bool) throws {
    let collation = " COLLATE " + ((builder.dialect as? MySQLDialect)?.collation ?? "utf8mb4_bin")
    switch kind {
    case .contains:
      builder.write("LOCATE(")
      try writeExpression(pattern)
      builder.write(collation + ", ")
      try writeExpression(text)
      return builder.write(negated ? ") = 0" : ") > 0")
    case .equal: try writeExpression(text)
    case .prefix, .suffix:
      builder.write(kind == .prefix ? "LEFT(" : "RIGHT(")
      try writeExpression(text)
      builder.write(", CHAR_LENGTH(")
      try writeExpression(pattern)
      builder.write("))")
    }
    builder.write(negated ? " <> " : " = ")
    try writeExpression(pattern)
    builder.write(collation)
  }
}
