import MartletSQL

/// The conditions of checks and of partial indexes, and the expressions of generated columns, as migrations keep them:
/// names in double quotes, texts in single ones, functions by SQLite's names. Each database is given its own form.
///
/// The same migration file runs on every database, and files that were written for SQLite alone go on to work. What has no
/// form on a database (a function of Martlet's own, which only SQLite knows) is an error, never pasted.
struct PortableSQL {
  private enum Token: Equatable {
    case word(String), name(String), text(String), symbol(String), space(String)
  }
  private let tokens: [Token]
  private let source: String

  init(_ source: String) {
    self.source = source
    tokens = Self.scan(source)
  }

  /// The form for a dialect.
  /// - Parameter table: The table whose columns it names: a comparison of a boolean with 0 or 1 needs to know which are.
  /// - Throws: ``MigrationError`` of kind `unsupported`.
  func text(_ dialect: any SQLDialect, table: TableState) throws -> String {
    if dialect.family == .sqlite { return source }
    var translation = Translation(dialect: dialect, table: table, tokens: tokens)
    do { return try translation.run() } catch let error as MigrationError {
      throw MigrationError(error.kind, "\(table.name): \(error.message), in: \(source)", hint: error.hint)
    }
  }

  // MARK: Reading

  private static func scan(_ source: String) -> [Token] {
    var tokens: [Token] = [], rest = Array(source.unicodeScalars)[...]
    func take(while condition: (Unicode.Scalar) -> Bool) -> String {
      let part = rest.prefix(while: condition)
      rest = rest.dropFirst(part.count)
      return String(String.UnicodeScalarView(part))
    }
    while let first = rest.first {
      switch first {
      case "\"", "'", "`":
        rest = rest.dropFirst()
        var content = ""
        while let next = rest.popFirst() {
          guard next == first else {
            content.unicodeScalars.append(next)
            continue
          }
          guard rest.first == first else { break }
          content.unicodeScalars.append(next)
          rest = rest.dropFirst()
        }
        tokens.append(first == "'" ? .text(content) : .name(content))
      case _ where first.properties.isWhitespace: tokens.append(.space(take { $0.properties.isWhitespace }))
      case _ where isWord(first): tokens.append(.word(take(while: isWord)))
      default:
        rest = rest.dropFirst()
        var symbol = String(Character(first))
        if let next = rest.first,
          ["<>", "<=", ">=", "!=", "==", "||", "::", "->", "<<", ">>"].contains(symbol + String(Character(next)))
        {
          symbol += String(Character(next))
          rest = rest.dropFirst()
        }
        tokens.append(.symbol(symbol))
      }
    }
    return tokens
  }

  private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || scalar == "_" || scalar == "." || scalar == "$"
  }

  // MARK: Writing

  private struct Translation {
    let dialect: any SQLDialect
    let table: TableState
    let tokens: [Token]
    private var place = 0
    private var out = ""
    /// By depth of parentheses: whether `||` stands there, which MySQL writes as `CONCAT(…, …)`.
    private var joins = [false]
    /// By depth of parentheses: what has to follow the operand that is being written (MySQL has no `IS NOT` of two values).
    private var closing: [String] = [""]

    init(dialect: any SQLDialect, table: TableState, tokens: [Token]) {
      self.dialect = dialect
      self.table = table
      self.tokens = tokens
    }

    mutating func run() throws -> String {
      if !isPostgres {
        joins[0] = try joinsTexts(from: 0)
        if joins[0] { out += "CONCAT(" }
      }
      while place < tokens.count {
        let token = tokens[place]
        place += 1
        switch token {
        case .space(let text): out += text
        case .name(let name):
          out += dialect.quote(name)
          writeComparison(ofBoolean: name)
        case .text(let text): out += dialect.literal(.text(text))
        case .symbol(let symbol): try write(symbol)
        case .word(let word): try write(word: word)
        }
      }
      close()
      return joins[0] ? out + ")" : out
    }

    /// Whether the operands from here to the end of the parentheses are texts that `||` joins.
    /// - Throws: ``MigrationError`` where something else stands between them: `||` binds more tightly than all else.
    private func joinsTexts(from start: Int) throws -> Bool {
      var depth = 0, hasJoin = false, hasOther = false
      scan: for token in tokens[start...] {
        switch token {
        case .symbol("("): depth += 1
        case .symbol(")"):
          depth -= 1
          if depth < 0 { break scan }
        case .symbol("||") where depth == 0: hasJoin = true
        case .symbol where depth == 0: hasOther = true
        case .word(let word) where depth == 0:
          if ["AND", "OR", "NOT", "IS", "IN", "LIKE", "BETWEEN", "CASE", "WHEN", "AS", "ESCAPE"].contains(word.uppercased()) {
            hasOther = true
          }
        default: break
        }
      }
      if hasJoin, hasOther {
        throw MigrationError(
          .unsupported, "\(dialect.name) reads || as OR", hint: "put what || joins into parentheses of its own: (a || b) = c")
      }
      return hasJoin
    }

    private var isPostgres: Bool { dialect.family == .postgres }

    private mutating func write(_ symbol: String) throws {
      switch symbol {
      case "||" where !isPostgres:
        out += ","
        return
      case "(":
        closing.append("")
        joins.append(isPostgres ? false : try joinsTexts(from: place))
        // Behind the name of a function the parentheses are its own.
        if joins[joins.count - 1] { out += "(CONCAT" }
      case ")":
        close()
        closing.removeLast()
        if closing.isEmpty { closing = [""] }
        if joins.count > 1, joins.removeLast() { out += ")" }
      case ",": close()
      case "==":
        out += "="
        return
      default: break
      }
      out += symbol
    }

    /// Ends an operand that something has to follow.
    private mutating func close() {
      guard let end = closing.last, !end.isEmpty else { return }
      let spaces = String(out.reversed().prefix { $0 == " " })
      out = String(out.dropLast(spaces.count)) + end + spaces
      closing[closing.count - 1] = ""
    }

    private mutating func write(word: String) throws {
      let upper = word.uppercased()
      switch upper {
      case "AND", "OR", "THEN", "ELSE", "END", "WHEN": close()
      case "IS": return writeIs(word)
      case "AS" where !isPostgres || nextWord() != nil: return writeType(word)
      case "X":
        if case .text(let hex)? = next() {
          place += 1
          out += isPostgres ? "'\\x\(hex)'::bytea" : "x'\(hex)'"
          return
        }
      default: break
      }
      guard case .symbol("(")? = next() else {
        out += word
        return
      }
      out += try function(word)
    }

    /// What comes next, behind spaces: `nil` at the end.
    private func next(after start: Int? = nil) -> Token? {
      tokens[(start ?? place)...].first { if case .space = $0 { false } else { true } }
    }
    private func nextWord() -> String? { if case .word(let word)? = next() { word.uppercased() } else { nil } }
    private mutating func skip(_ word: String) -> Bool {
      guard nextWord() == word else { return false }
      while place < tokens.count {
        defer { place += 1 }
        if case .word = tokens[place] { return true }
      }
      return true
    }

    /// `a IS b` of two values, which compares NULLs as equal.
    private mutating func writeIs(_ word: String) {
      let isNegated = skip("NOT")
      if let next = nextWord(), ["NULL", "TRUE", "FALSE", "UNKNOWN", "DISTINCT"].contains(next) {
        out += word + (isNegated ? " NOT" : "")
      } else if isPostgres {
        out += isNegated ? "IS DISTINCT FROM" : "IS NOT DISTINCT FROM"
      } else {
        out += "<=>"
        if isNegated { closing[closing.count - 1] = " = 0" }
      }
    }

    /// The type of a CAST.
    private mutating func writeType(_ word: String) {
      let names: [String: String] =
        isPostgres
        ? ["INTEGER": "bigint", "REAL": "double precision", "NUMERIC": "numeric", "TEXT": "text", "BLOB": "bytea"]
        : ["INTEGER": "signed", "REAL": "double", "NUMERIC": "decimal(65, 30)", "TEXT": "char", "BLOB": "binary"]
      guard let type = nextWord(), let own = names[type], skip(type) else {
        out += word
        return
      }
      out += word + " " + own
    }

    /// PostgreSQL compares no boolean with a number.
    private mutating func writeComparison(ofBoolean name: String) {
      guard isPostgres, table.column(name)?.type == .bool else { return }
      var end = place, text = ""
      while end < tokens.count {
        switch tokens[end] {
        case .space(let space): text += space
        case .symbol(let symbol) where ["=", "==", "<>", "!="].contains(symbol): text += symbol == "==" ? "=" : symbol
        case .word(let word) where ["IS", "NOT"].contains(word.uppercased()): text += word
        case .word("0"), .word("1"):
          out += text + (tokens[end] == .word("1") ? "TRUE" : "FALSE")
          place = end + 1
          return
        default: return
        }
        end += 1
      }
    }

    private func function(_ name: String) throws -> String {
      let lower = name.lowercased()
      let own: [String: String] =
        isPostgres
        ? [
          "instr": "strpos", "max": "greatest", "min": "least", "ifnull": "coalesce", "martlet_lower": "lower",
          "martlet_upper": "upper", "json_array_length": "jsonb_array_length",
        ]
        : [
          "length": "char_length", "max": "greatest", "min": "least", "martlet_lower": "lower", "martlet_upper": "upper",
          "json_array_length": "json_length",
        ]
      if let found = own[lower] { return found }
      guard lower.hasPrefix("martlet_") || lower == "strftime" || lower == "json_extract" && isPostgres else { return name }
      throw MigrationError(
        .unsupported, "the function \(name) is SQLite's alone",
        hint: "write the rule with comparisons, length, lower, coalesce or in")
    }
  }
}
