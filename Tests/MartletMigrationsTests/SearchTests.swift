import Foundation
import MartletCore
import MartletORM
import MartletSQL
import TestDatabases
import Testing

@testable import MartletMigrations

@Model(app: "search")
private struct Writer {
  var id: ID
  @Field(maxLength: 50) var name: String

  static let constraints = MartletORM.constraints(Writer.self) { fullText($0.name) }
}

@Model(app: "search")
private struct Article {
  var id: ID
  @Field(maxLength: 200) var title: String
  var body: String?
  var note: String = ""
  @Relation(onDelete: .setNull) var writer: Ref<Writer>?

  static let constraints = MartletORM.constraints(Article.self) {
    fullText($0.title, $0.body, language: .english)
    fullText($0.note, name: "article_notes")
  }
}

@Model(app: "search", key: .uuidV7)
private struct Token {
  var id: ID
  var text: String

  static let constraints = MartletORM.constraints(Token.self) { fullText($0.text) }
}

private func migrated(_ models: [any Model.Type], _ kind: TestDatabaseKind) async throws -> Database {
  let db = try await TestDatabases.make(kind)
  let operations = try SchemaDiff.operations(from: SchemaState(), to: SchemaTarget(models: models, dialect: db.dialect))
  try await MigrationExecutor([Migration("0001_initial", operations: operations)]).migrate(db)
  return db
}

@Suite("Full-text search") struct SearchTests {
  private func library(_ kind: TestDatabaseKind) async throws -> Database {
    let db = try await migrated([Writer.self, Article.self], kind)
    let ann = try await Writer(name: "Ann Lee").insert(db)
    try await Article.insert(
      [
        Article(title: "Swift on the server", body: "Web frameworks for servers", writer: Ref(ann)),
        Article(title: "The web of birds", body: "A swift sleeps while it flies: swift, swift, swift", note: "draft"),
        Article(title: "Java on the server", body: nil, note: "Old draft, keep"),
        Article(title: "Nothing", body: "of interest\nhere"),
      ], db)
    return db
  }
  private func places(_ typed: String, _ db: Database) async throws -> [Int] {
    try await Article.filter { $0.search(typed) }.order { $0.id.asc }.all(db).map { Int($0.id.description) ?? 0 }
  }

  @Test("words, phrases, words to leave out and alternatives mean the same everywhere", arguments: TestDatabaseKind.allCases)
  func meaning(_ kind: TestDatabaseKind) async throws {
    let db = try await library(kind)
    let expected: [(String, [Int])] = [
      ("swift", [1, 2]), ("SWIFT", [1, 2]), ("swift web", [1, 2]), ("swift AND server", [1]), ("swift -server", [2]),
      ("\"on the server\"", [1, 3]), ("\"server swift\"", []), ("\u{201C}web of birds\u{201D}", [2]), ("java OR birds", [2, 3]),
      ("java OR swift server", [1, 3]), ("java OR swift -web", [3]), ("-swift", [3, 4]), ("-server -birds", [4]),
      ("-swift OR sleeps", [2, 3, 4]), ("-\"web of birds\" swift", [1]), ("swift OR", [1, 2]), ("OR OR swift", [1, 2]),
      ("interest here", [4]), ("", []), ("  ", []), ("-", []), ("\"\"", []), ("!?", []), ("nowhere", []),
      ("swift ... web", [1, 2]),
      ("swift-web", []), ("java\u{0}server", [3]),
    ]
    for (typed, wanted) in expected {
      let found = try await places(typed, db)
      #expect(found == wanted, "\(typed)")
      let others = try await Article.filter { !$0.search(typed) }.count(db)
      #expect(others == 4 - wanted.count, "not \(typed)")
    }
  }

  @Test("what differs is what the guide says", arguments: TestDatabaseKind.allCases)
  func differences(_ kind: TestDatabaseKind) async throws {
    let db = try await library(kind)
    try await Article(title: "Café culture", body: "running", note: "foo_bar mail@x.org").insert(db)
    func expect(_ typed: String, postgres: [Int], sqlite: [Int], mysql: [Int]) async throws {
      let found = try await places(typed, db), wanted = kind == .sqlite ? sqlite : kind == .postgresql ? postgres : mysql
      #expect(found == wanted, "\(typed)")
    }
    func notes(_ typed: String, postgres: Int, sqlite: Int, mysql: Int) async throws {
      let found = try await Article.query.search(typed, index: "article_notes").count(db)
      #expect(found == (kind == .sqlite ? sqlite : kind == .postgresql ? postgres : mysql), "\(typed)")
    }
    try await expect("run", postgres: [5], sqlite: [5], mysql: [])
    try await expect("the", postgres: [], sqlite: [1, 2, 3], mysql: [])
    try await expect("the java", postgres: [3], sqlite: [3], mysql: [3])
    try await expect("on", postgres: [], sqlite: [1, 3], mysql: [])
    try await expect("on swift", postgres: [1, 2], sqlite: [1], mysql: [1, 2])
    try await expect("cafe", postgres: [], sqlite: [5], mysql: [5])
    try await expect("CAFÉ", postgres: [5], sqlite: [5], mysql: [5])
    try await expect("\"server web\"", postgres: [1], sqlite: [], mysql: [1])
    try await notes("bar", postgres: 1, sqlite: 1, mysql: 0)
    try await notes("foo_bar", postgres: 1, sqlite: 1, mysql: 1)
    try await notes("mail@x.org", postgres: 1, sqlite: 1, mysql: 1)
    try await notes("mail", postgres: 0, sqlite: 1, mysql: 1)
    let seen = try await db.transaction { tx in
      _ = try await Article(title: "Uncommitted").insert(tx)
      return try await Article.query.search("uncommitted").count(tx)
    }
    #expect(seen == (kind == .mysql ? 0 : 1))
    #expect(try await Article.query.search("uncommitted").count(db) == 1)
  }

  @Test("the best rows come first, and what fits not at all has no relevance", arguments: TestDatabaseKind.allCases)
  func relevance(_ kind: TestDatabaseKind) async throws {
    let db = try await library(kind)
    let found = try await Article.query.search("swift").all(db)
    #expect(found.map(\.title) == ["The web of birds", "Swift on the server"])
    let values = try await Article.query.order { $0.id.asc }.select { ($0.search("swift"), $0.relevance(of: "swift -java")) }.all(
      db)
    #expect(values.map(\.0) == [true, true, false, false])
    #expect(values[1].1 > values[0].1 && values[0].1 > 0 && values[2].1 == 0 && values[3].1 == 0)
    let none = try await Article.query.select { ($0.relevance(of: "-java"), $0.relevance(of: "")) }.all(db)
    #expect(none.allSatisfy { $0.0 == 0 && $0.1 == 0 })
  }

  @Test("the index follows what is written", arguments: TestDatabaseKind.allCases)
  func writes(_ kind: TestDatabaseKind) async throws {
    let db = try await library(kind)
    try await Article.filter { $0.search("java") }.update(db) { $0.title.set(to: "Kotlin") }
    #expect(try await places("java", db) == [])
    #expect(try await places("kotlin", db) == [3])
    try await Article.filter { $0.search("swift -server") }.delete(db)
    #expect(try await places("swift", db) == [1])
    try await Article.filter { $0.search("kotlin") }.update(db) { $0.body.set(to: "swift") }
    #expect(try await places("swift", db) == [1, 3])
  }

  @Test("a second index goes by its name, a relation by its model's", arguments: TestDatabaseKind.allCases)
  func others(_ kind: TestDatabaseKind) async throws {
    let db = try await library(kind)
    #expect(try await Article.query.search("draft -old", index: "article_notes").all(db).map(\.note) == ["draft"])
    #expect(try await Article.filter { $0.search("draft", in: $0.note) }.count(db) == 2)
    #expect(try await Article.filter { $0.writer.search("ann") }.all(db).map(\.title) == ["Swift on the server"])
    #expect(try await Article.filter { $0.writer.search("-bo") }.count(db) == 1)
    #expect(try await Article.filter { !$0.writer.search("ann") }.count(db) == 3)
    let values = try await Article.query.order { $0.id.asc }.select { ($0.writer.search("-bo"), $0.writer.relevance(of: "ann")) }
      .all(db)
    #expect(values.map(\.0) == [true, false, false, false] && values[0].1 > 0 && values[1].1 == 0)
    #expect(throws: ORMError.self) { try Article.query.search("x", index: "nothing").statement(db.dialect) }
    let row = EvaluatedRow(Article(title: "ann")), condition = Article.Fields(Path(Article.self)).search("ann").node
    let error = #expect(throws: ORMError.self) { try condition.holds(for: row) }
    #expect(error?.kind == .needsDatabase)
  }

  @Test("without an index PostgreSQL searches, the others say what to declare", arguments: TestDatabaseKind.allCases)
  func undeclared(_ kind: TestDatabaseKind) async throws {
    let db = try await library(kind)
    let query = Article.filter { $0.search("draft", in: $0.note, $0.title, language: .english) }
    if kind == .postgresql {
      #expect(try await query.count(db) == 2)
    } else {
      let error = #expect(throws: ORMError.self) { try query.statement(db.dialect) }
      #expect(error?.hint?.contains("fullText($0.note, $0.title, language: .english)") == true)
    }
  }

  @Test("the index serves the search", arguments: TestDatabaseKind.allCases)
  func plan(_ kind: TestDatabaseKind) async throws {
    let db = try await library(kind)
    let plan = try await db.transaction { tx in
      if kind == .postgresql { try await tx.execute("SET LOCAL enable_seqscan = off") }
      return try await Article.filter { $0.search("swift") }.explain(tx)
    }
    let sign = kind == .sqlite ? "VIRTUAL TABLE" : "search_article_fts"
    #expect(plan.contains(sign), "\(plan)")
  }

  @Test("whatever a person types is bound, and never an error", arguments: TestDatabaseKind.allCases)
  func hostile(_ kind: TestDatabaseKind) async throws {
    let db = try await library(kind)
    let pieces = [
      "\"", "'", "-", "--", "+", "*", "(", ")", "<", ">", "~", "@", "@8", "\\", "%", "_", "&", "|", "!", ":", ":*", "^", "{", "}",
      "[", "]", ";", ",", ".", "/*", "*/", "#", "$1", "?", "\u{0}", "\n", "\t", "\u{1}", "\u{FEFF}", "\u{200D}", "`", "=",
      "NEAR(",
      "title:", "AND", "OR", "NOT", "or", "swift", "web", "it's", "c++", "x*", "\u{1F469}\u{1F3FD}", "日本語", "e\u{301}",
      "\u{202E}",
      "ﬁ", "İ", "\u{10FFFF}", "'; DROP TABLE search_article; --", "foo@bar.com", "http://a.b/c?d=e", "1e10", "-1.5", "<->", " ",
      " ",
    ]
    var random = SeededGenerator(seed: 4)
    for round in 0..<250 {
      let typed = (0..<Int.random(in: 1...8, using: &random)).compactMap { _ in random.pick(pieces) }.joined()
      let query = Article.query.search(typed)
      let statement = try query.statement(db.dialect)
      #expect(!statement.text.contains("DROP") && !statement.text.contains("swift"), "round \(round)")
      do { _ = try await query.all(db) } catch { Issue.record("\(typed.debugDescription): \(error)") }
    }
    let long = ["swift ", "-swift ", "\"swift web\" ", "swift OR ", "s'w\"i-f"].map { String(repeating: $0, count: 5000) }
    for typed in long + [String(repeating: "x", count: 100_000), String(repeating: "(", count: 5000)] {
      _ = try await Article.query.search(typed).all(db)
    }
    for sign in [
      "+", "*", "()", "<>", "~", "@", "\\", "%", "&", "|", "!", ":*", "^", "{", ";", ".", "/*", "#", "$1x".prefix(1), "?",
    ] {
      let found = try await places("swift \(sign) server -\(sign)", db)
      #expect(found == [1], "\(sign)")
    }
    #expect(try await Article.query.count(db) == 4)
  }

  @Test("a key that is no row number is refused on SQLite, by name")
  func keys() async throws {
    let target = try SchemaTarget(models: [Token.self])
    let reasons = target.unsupported(by: SQLiteDialect())
    #expect(reasons.count == 1 && reasons[0].contains("search_token_fts"))
    #expect(target.unsupported(by: PostgresDialect()) == [] && target.unsupported(by: MySQLDialect(.mariaDB)) == [])
    for kind in [TestDatabaseKind.postgresql, .mysql] {
      let db = try await migrated([Token.self], kind)
      try await Token(text: "one two").insert(db)
      #expect(try await Token.query.search("two").count(db) == 1)
    }
  }
}
