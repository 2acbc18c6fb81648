/// What a person typed into a search field: words, `"phrases"`, `-without`, `OR` between alternatives; `AND` is what
/// words side by side mean anyway. Nothing is a mistake: what has no meaning is left out.
struct SearchWords: Sendable, Hashable {
  /// What has to be there, all of it, and what must not.
  struct Alternative: Sendable, Hashable {
    var wanted: [String] = []
    var unwanted: [String] = []
  }
  private(set) var alternatives: [Alternative] = []

  /// As many words and phrases count; no query of a person's is longer, and a server's parser has its limits.
  static let maximumCount = 64
  /// As many characters of a word or phrase count.
  static let maximumLength = 200

  init(_ text: String) {
    var alternative = Alternative(), count = 0
    for token in Self.tokens(text) {
      switch token {
      case .or:
        close(&alternative)
      case .term(let term, let isUnwanted):
        guard count < Self.maximumCount, term.unicodeScalars.contains(where: Self.isOfWord) else { continue }
        count += 1
        let short = String(String.UnicodeScalarView(term.unicodeScalars.prefix(Self.maximumLength)))
        if isUnwanted { alternative.unwanted.append(short) } else { alternative.wanted.append(short) }
      }
    }
    close(&alternative)
  }

  private mutating func close(_ alternative: inout Alternative) {
    if !alternative.wanted.isEmpty || !alternative.unwanted.isEmpty { alternatives.append(alternative) }
    alternative = Alternative()
  }

  /// Everything that would be good to find.
  var wanted: [String] { alternatives.flatMap(\.wanted) }

  // MARK: Reading

  private enum Token {
    case or
    case term(String, isUnwanted: Bool)
  }

  private static func tokens(_ text: String) -> [Token] {
    var tokens: [Token] = []
    var rest = Array(text.unicodeScalars)[...]
    while let first = rest.first {
      if isBlank(first) {
        rest = rest.dropFirst()
        continue
      }
      var isUnwanted = false
      if first == "-", let next = rest.dropFirst().first, !isBlank(next) {
        isUnwanted = true
        rest = rest.dropFirst()
      }
      let isPhrase = rest.first.map(isQuote) ?? false
      if isPhrase { rest = rest.dropFirst() }
      let end = rest.firstIndex { isQuote($0) || !isPhrase && isBlank($0) } ?? rest.endIndex
      // No control character and no NUL reaches a server.
      let term = String(String.UnicodeScalarView(rest[..<end].map { isBlank($0) ? " " : $0 }))
      rest = isPhrase ? rest[end...].dropFirst() : rest[end...]
      if !isPhrase, !isUnwanted, term == "OR" {
        tokens.append(.or)
      } else if isPhrase || isUnwanted || term != "AND" {
        tokens.append(.term(term, isUnwanted: isUnwanted))
      }
    }
    return tokens
  }

  private static func isQuote(_ scalar: Unicode.Scalar) -> Bool { scalar == "\"" || scalar == "\u{201C}" || scalar == "\u{201D}" }
  private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isWhitespace || scalar.properties.generalCategory == .control
  }
  /// A letter or a digit: what every database makes words of.
  static func isOfWord(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber, .letterNumber,
      .otherNumber:
      true
    default: false
    }
  }

  // MARK: In the languages of the databases; each is bound as one value

  /// For PostgreSQL's `websearch_to_tsquery`; nothing of a term is an operator between quotes.
  var postgres: String {
    alternatives.map { alternative in
      (alternative.wanted.map { "\"\($0)\"" } + alternative.unwanted.map { "-\"\($0)\"" }).joined(separator: " ")
    }.joined(separator: " or ")
  }

  /// Everything wanted, for the rank.
  var postgresRank: String { wanted.map { "\"\($0)\"" }.joined(separator: " or ") }

  /// For SQLite's FTS5, which has no way to ask for what lacks a word alone: those words are told apart.
  var sqlite: (match: String, lacking: [String]) {
    func quoted(_ terms: [String], _ separator: String) -> String {
      "(" + terms.map { "\"\($0)\"" }.joined(separator: separator) + ")"
    }
    let matches = alternatives.filter { !$0.wanted.isEmpty }.map { alternative in
      let wanted = quoted(alternative.wanted, " AND ")
      return alternative.unwanted.isEmpty ? wanted : "(\(wanted) NOT \(quoted(alternative.unwanted, " OR ")))"
    }
    let lacking = alternatives.filter(\.wanted.isEmpty).map { quoted($0.unwanted, " OR ") }
    return (matches.joined(separator: " OR "), lacking)
  }
  /// Everything wanted, for the rank.
  var sqliteRank: String { wanted.map { "\"\($0)\"" }.joined(separator: " OR ") }

  /// For MySQL's boolean mode: words of letters, digits and `_` alone, so that nothing is an operator.
  var mysql: (match: String, lacking: [String]) {
    let matches = alternatives.filter { !$0.wanted.isEmpty }.map { alternative in
      let wanted = alternative.wanted.map { term in
        let words = Self.mysqlWords(term)
        // InnoDB indexes no others: to ask for one would find nothing at all.
        let isIndexed = words.contains {
          $0.unicodeScalars.count >= Self.mysqlLength && !Self.mysqlCommon.contains($0.lowercased())
        }
        return (isIndexed ? "+" : "") + Self.mysqlTerm(words)
      }
      let unwanted = alternative.unwanted.map { "-" + Self.mysqlTerm(Self.mysqlWords($0)) }
      return "(" + (wanted + unwanted).joined(separator: " ") + ")"
    }
    let lacking = alternatives.filter(\.wanted.isEmpty).map { alternative in
      alternative.unwanted.map { Self.mysqlTerm(Self.mysqlWords($0)) }.joined(separator: " ")
    }
    return (matches.joined(separator: " "), lacking)
  }
  /// Everything wanted, for the natural language mode.
  var mysqlRank: String { wanted.flatMap(Self.mysqlWords).joined(separator: " ") }

  /// `innodb_ft_min_token_size`, as servers come.
  private static let mysqlLength = 3
  /// What servers leave out of an index (`INFORMATION_SCHEMA.INNODB_FT_DEFAULT_STOPWORD`), as they come.
  private static let mysqlCommon: Set<String> = [
    "a", "about", "an", "are", "as", "at", "be", "by", "com", "de", "en", "for", "from", "how", "i", "in", "is", "it", "la", "of",
    "on", "or", "that", "the", "this", "to", "was", "what", "when", "where", "who", "will", "with", "und", "www",
  ]
  private static func mysqlTerm(_ words: [String]) -> String {
    words.count == 1 ? words[0] : "\"" + words.joined(separator: " ") + "\""
  }
  private static func mysqlWords(_ term: String) -> [String] {
    let isOfWord: (Unicode.Scalar) -> Bool = { scalar in
      switch scalar.properties.generalCategory {
      case .nonspacingMark, .spacingMark: true
      default: scalar == "_" || Self.isOfWord(scalar)
      }
    }
    return term.unicodeScalars.split { !isOfWord($0) }.map { String(String.UnicodeScalarView($0)) }
  }
}
