public import MartletSQL
public import Testing

/// Texts that break out of quotes, comments, placeholders and encodings, where something pastes them.
public enum HostileText {
  /// The texts, each of which tries to do away with the table of a ``Canary``.
  public static let all: [String] = {
    let ends = [
      "'", "\"", "`", "\\'", "\\\"", "')", "\")", "`)", "'))", "]", "\u{2019}", "\u{FF07}", "\u{02BC}", "¿'", "\u{bf}\u{5c}'",
      "0", "0)",
    ]
    let attacks = ["; DROP TABLE canary; -- ", "; DELETE FROM canary; #", " OR 1=1 -- ", " UNION SELECT word FROM canary -- "]
    return ends.flatMap { end in attacks.map { end + $0 } } + single
  }()

  private static let single = [
    "", " ", "'", "''", "\"", "\"\"", "`", "``", "\\", "\\\\", "\\'", ";", "--", "-- \n; DELETE FROM canary", "#", "/*", "*/",
    "*/ DELETE FROM canary; /*", "/*! DELETE FROM canary */", "?", "??", "$1", "$0", ":word", "@word", "@@version", "%", "%s",
    "%'",
    "_", "\\%", "[", "]", "{", "}", "(", ")", "$$; DELETE FROM canary; $$", "$x$'$x$", "E'\\047'", "X'27'", "U&\"d\\0061t\"",
    "\0", "a\0b", "\u{0}0\u{0}", "\0'; DELETE FROM canary; -- ", "\u{1}", "\u{1A}", "\u{8}", "\n", "\r\n", "\t", "\u{85}",
    "\u{2028}",
    "\u{FEFF}'", "🦜'🦜", "e\u{301}'", "\u{10FFFF}", "\u{202E}'", "NULL", "null", "TRUE", "DEFAULT", "word", "canary", "t0", "v",
    "canary\" WHERE \"word", "t0\".\"id", "id) FROM canary; -- ", "word\" AS x, (SELECT word FROM canary) AS \"y", "main.canary",
    "{fn now()}", "pg_sleep(9)", "SLEEP(9)", "(SELECT 1)", "1; DELETE FROM canary", "1 OR 1=1", "-1", "1e999", "a.b", "a.b.c",
    "$",
    "$.a", "$.\"a\"", "$[0]", "a[0]", "..", "../../etc/passwd", "{\"a\": 1}", "\"}; DELETE FROM canary; --", "<script>", "%27%3B",
    String(repeating: "a'\"`\\", count: 2000), String(repeating: "x", count: 64), String(repeating: "é", count: 63),
  ]
}

/// A table that nothing but an injected statement touches.
public struct Canary: Sendable {
  private let db: Database
  private let tables: [String]

  /// Makes the table; what else the database has at that moment is to stay, and to stay alone.
  public init(_ db: Database) async throws {
    self.db = db
    for text in ["CREATE TABLE canary (word varchar(20) NOT NULL)", "INSERT INTO canary VALUES ('alive')"] {
      try await db.run(SQLStatement(text, effect: .definition))
    }
    tables = try await Self.tables(db)
  }

  /// What is not as it was, as a sentence; `nil` where all is well.
  public func damage() async throws -> String? {
    let tables = try await Self.tables(db)
    guard tables == self.tables else { return "the tables are \(tables), and were \(self.tables)" }
    let words = try await db.query(SQLStatement("SELECT word FROM canary", effect: .read)) { try $0.text() }
    return words == ["alive"] ? nil : "the canary holds \(words)"
  }

  private static func tables(_ db: Database) async throws -> [String] {
    let text =
      switch db.dialect.family {
      case .sqlite: "SELECT name FROM sqlite_master ORDER BY name"
      case .postgres: "SELECT relname::text FROM pg_class WHERE relnamespace = current_schema()::regnamespace ORDER BY relname"
      case .mysql: "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY table_name"
      }
    return try await db.query(SQLStatement(text, effect: .read)) { try $0.text() }
  }
}

/// One public entry that takes a text, and what it does with it.
public struct InjectionEntry: Sendable, CustomTestStringConvertible {
  /// What a text may come to.
  public enum Outcome: Sendable {
    /// It meant what it says.
    case literal
    /// It meant something else.
    case changed(String)
  }
  /// The entry, as it is called.
  public let name: String
  /// Whether a text without a NUL may be refused: true of names, never of values.
  public let mayRefuse: Bool
  private let attempt: @Sendable (String, Database) async throws -> Outcome

  /// An entry whose closure uses the text, and says whether the result is that of the text's literal meaning.
  public init(
    _ name: String, mayRefuse: Bool = false, _ attempt: @escaping @Sendable (String, Database) async throws -> Outcome
  ) {
    self.name = name
    self.mayRefuse = mayRefuse
    self.attempt = attempt
  }

  public var testDescription: String { name }

  /// Tries all hostile texts; records an issue for each that was refused without a right to, meant something else, or did harm.
  /// - Parameter step: Only one of so many, where each text costs a connection or a table.
  /// - Returns: How many were taken literally.
  @discardableResult
  public func tryAll(_ db: Database, _ canary: Canary, every step: Int = 1) async throws -> Int {
    var taken = 0
    let texts = stride(from: 0, to: HostileText.all.count, by: step).map { HostileText.all[$0] }
    for (place, text) in texts.enumerated() {
      let shown = String(reflecting: text.prefix(60))
      do {
        switch try await attempt(text, db) {
        case .literal: taken += 1
        case .changed(let what): Issue.record("\(name) of \(shown): \(what)")
        }
      } catch {
        if !mayRefuse, !text.utf8.contains(0) { Issue.record("\(name) refused \(shown): \(error)") }
      }
      // Not after each: what an attack has done is still done a few texts later.
      guard place % 16 == 15 || place == texts.count - 1 else { continue }
      if let damage = try await canary.damage() {
        Issue.record("\(name) of \(shown), or of a text shortly before: \(damage)")
        return taken
      }
    }
    return taken
  }
}

extension InjectionEntry.Outcome {
  /// Whether what came is what the text means.
  public static func expecting<T: Equatable>(_ wanted: T, _ found: T) -> Self {
    wanted == found
      ? .literal : .changed("expected \(String(reflecting: wanted).prefix(80)), found \(String(reflecting: found).prefix(80))")
  }
  /// Texts are the same where their bytes are.
  public static func expecting(_ wanted: String, _ found: String?) -> Self {
    expecting(Array(wanted.utf8), Array((found ?? "\0absent").utf8))
  }
}
