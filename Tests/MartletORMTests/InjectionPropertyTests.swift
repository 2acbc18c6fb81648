import Foundation
import MartletCore
import MartletORM
import MartletSQL
import TestDatabases
import Testing

/// Texts from outside and names from the program, through every public entry of MartletSQL and MartletORM that takes one.
///
/// A new entry that takes a `String` gets a line in one of the lists below.
@Suite("SQL injection", .serialized) struct InjectionPropertyTests {
  @Test("hostile texts are bound, quoted or refused, and mean what they say", arguments: TestDatabaseKind.allCases)
  func entries(_ kind: TestDatabaseKind) async throws {
    let db = try await blog([Word.self, Page.self], on: kind)
    try await Word(text: "plain", data: JSON(["plain": "value"])).insert(db)
    let canary = try await Canary(db)
    for entry in Self.values + Self.functions + Self.names + Self.dialect { try await entry.tryAll(db, canary) }
    // Values are never refused, and quoted names seldom: a list that refuses everything would prove nothing.
    for entry in Self.names where entry.name.hasPrefix("cte") {
      let taken = try await entry.tryAll(db, canary)
      #expect(taken > 50, "\(entry.name) took \(taken) of \(HostileText.all.count)")
    }
    #expect(try await Word.query.count(db) == 1)
  }

  /// What is compared, written and read as a value.
  private static let values: [InjectionEntry] = [
    .init("insert and ==") { text, db in
      try await withWord(text, db) { id in
        let found = try await Word.filter { $0.text == text }.all(db).map(\.id)
        return found == [id] ? .expecting(text, try await Word.get(id, db).text) : .changed("\(found.count) rows were found")
      }
    },
    .init("in") { text, db in .expecting(0, try await Word.filter { $0.text.in([text, text + "x"]) }.count(db)) },
    .init("!=") { text, db in .expecting(1, try await Word.filter { $0.text != text }.count(db)) },
    .init("contains, hasPrefix, hasSuffix") { text, db in
      try await withWord("a" + text + "b", db) { id in
        let mine = Word.filter { $0.id == id }
        let middle = try await mine.filter { $0.text.contains(text) && $0.text.hasPrefix("a" + text) }.count(db)
        let end = try await mine.filter { $0.text.hasSuffix(text + "b") }.count(db)
        // Only the empty text is in "plain", too.
        let others = try await Word.filter { $0.text.contains(text) && $0.text == "plain" }.count(db)
        return .expecting([1, 1, text.isEmpty ? 1 : 0], [middle, end, others])
      }
    },
    .init("icontains, ihasPrefix, ihasSuffix, iequals") { text, db in
      try await withWord(text, db) { id in
        .expecting(
          1,
          try await Word.filter {
            $0.id == id && $0.text.icontains(text) && $0.text.ihasPrefix(text) && $0.text.ihasSuffix(text)
              && $0.text.iequals(text)
          }
          .count(db))
      }
    },
    .init("update, set(to:)") { text, db in
      try await withWord("before", db) { id in
        try await Word.filter { $0.id == id }.update(db) { $0.text.set(to: text) }
        return .expecting(text, try await Word.get(id, db).text)
      }
    },
    .init("update of many rows") { text, db in
      try await withWord("before", db) { id in
        var row = try await Word.get(id, db)
        row.text = text
        try await Word.update([row], db) { $0.text }
        return .expecting(text, try await Word.get(id, db).text)
      }
    },
    .init("upsert and getOrCreate by a unique text", mayRefuse: true) { text, db in
      let slug = String(text.prefix(40))
      try await Page.upsert([Page(slug: slug, body: "a")], db, on: { $0.slug }) { row, _ in row.body.set(to: slug) }
      try await Page.upsert([Page(slug: slug, body: "a")], db, on: { $0.slug }) { row, _ in row.body.set(to: slug) }
      let rows = try await Page.query.all(db)
      try await Page.query.delete(db)
      return rows.count == 1 ? .expecting(slug, rows[0].body) : .changed("\(rows.count) rows")
    },
    .init("sql(), rows(), execute()") { text, db in
      try await withWord(text, db) { id in
        let found = try await Word.filter { sql("\($0.text) = \(text) AND \($0.id) = \(id)") }.count(db)
        let rows = try await db.rows(
          "SELECT text FROM \(Word.self) WHERE text = \(text) AND id = \(id)", as: String.self)
        let changed = try await db.execute("UPDATE \(Word.self) SET text = \(text + "!") WHERE id = \(id)")
        guard found == 1, changed == 1, rows.count == 1 else { return .changed("\(found), \(rows.count), \(changed) rows") }
        return .expecting(text + "!", try await Word.get(id, db).text)
      }
    },
    .init("JSON keys and values") { text, db in
      try await withWord("json", data: [text: text], db) { id in
        let key = JSONPathKey(text), mine = Word.filter { $0.id == id }
        if db.dialect.name == "mariadb", text.utf8.first == UInt8(ascii: "-") {
          await #expect(throws: ORMError.self) { try await mine.filter { $0.data.json().hasKey(text) }.count(db) }
          return .literal
        }
        let value = try await mine.select { $0.data.json(key).string }.all(db).first ?? nil
        let has = try await Word.filter { $0.data.json().hasKey(text) }.all(db).map(\.id)
        let any = try await mine.filter { $0.data.json().hasAnyKeys([text, "x"]) && $0.data.json().hasAllKeys([text]) }.count(db)
        let holds = try await mine.filter { $0.data.json().contains([text: text]) }.count(db)
        let deeper = try await mine.filter { $0.data.json(key, key, 0)[key].exists }.count(db)
        guard has == [id], any == 1, holds == 1, deeper == 0 else {
          return .changed("hasKey \(has.count), hasAnyKeys \(any), contains \(holds), deeper \(deeper)")
        }
        return .expecting(text, value)
      }
    },
  ]

  /// What goes to a function as an argument.
  private static let functions: [InjectionEntry] = [
    .init("appending") { text, db in .expecting("plain" + text, try await value(db) { $0.text.appending(text) }) },
    .init("concatenated(separator:)") { text, db in
      .expecting("plain\(text)plain", try await value(db) { concatenated($0.text.optional, $0.text.optional, separator: text) })
    },
    .init("replacing(_:with:)") { text, db in
      .expecting("pl\(text)n", try await value(db) { $0.text.replacing("ai", with: text) })
    },
    .init("replacing(_:)", mayRefuse: true) { text, db in
      // No hostile text is in "plain".
      .expecting("plain", try await value(db) { $0.text.replacing(text, with: "x") })
    },
    .init("position(of:)") { text, db in
      let found: Int? = try await Word.filter { $0.text == "plain" }.select { $0.text.position(of: text) }.all(db).first ?? nil
      return text.isEmpty ? .literal : .expecting(nil, found == 0 ? nil : found)
    },
    .init("part(_:separatedBy:)", mayRefuse: true) { text, db in
      .expecting("plain", try await value(db) { $0.text.part(1, separatedBy: text) })
    },
    .init("padStart, padEnd", mayRefuse: true) { text, db in
      let scalar = String(String.UnicodeScalarView(text.unicodeScalars.prefix(1)))
      return .expecting(
        scalar + "plain" + scalar, try await value(db) { $0.text.padStart(to: 6, with: text).padEnd(to: 7, with: text) })
    },
    // A pattern may be none: then the database says so.
    .init("matches(regex:)", mayRefuse: true) { text, db in
      _ = try await Word.filter { $0.text.matches(regex: text) && $0.text.matches(regex: text, ignoringCase: true) }.count(db)
      return .literal
    },
    .init("joined(separator:)") { text, db in
      try await withWord("plain", db) { _ in
        let joined = try await Word.filter { $0.text == "plain" }.select { $0.text.joined(separator: text) }.all(db).first ?? nil
        return .expecting("plain\(text)plain", joined)
      }
    },
  ]

  /// Names of the program, which stand in SQL.
  private static let names: [InjectionEntry] = [
    .init("collate", mayRefuse: true) { text, db in
      let found = try await Word.query.order { $0.text.collate(text).asc }.count(db)
      _ = try await Word.query.order { $0.text.collate(text).asc }.all(db)
      return .changed("a collation of that name was found, and \(found) rows")
    },
    .init("Expr.custom", mayRefuse: true) { text, db in
      let values = try await Word.query.select { Expr<String?>.custom(text, $0.text) }.all(db)
      return .changed("a function of that name gave \(values)")
    },
    .init("cte", mayRefuse: true) { text, db in .expecting(1, try await Word.query.cte(text).count(db)) },
    .init("cte of columns", mayRefuse: true) { text, db in
      let table = Word.query.select { $0.text }.cte(text)
      return .expecting(["plain"], try await from(table).select { $0.columns }.all(db))
    },
    .init("rawTable", mayRefuse: true) { text, db in
      let table = rawTable("SELECT text FROM \(Word.self)", as: String.self, name: text)
      return .expecting(["plain"], try await from(table).select { $0.columns }.all(db))
    },
    .init("recursive", mayRefuse: true) { text, db in
      let numbers = recursive(text, first: row(Expr(value: 1))) { known in
        from(known).filter { $0.columns < 3 }.select { $0.columns + 1 }
      }
      let found: [Int] = try await from(numbers).select { $0.columns }.all(db)
      return .expecting([1, 2, 3], found.sorted())
    },
    .init("recursively(named:)", mayRefuse: true) { text, db in
      .expecting(1, try await Word.query.recursively(named: text) { found, next in next.id == found.id }.count(db))
    },
  ]

  /// What other modules build their SQL from.
  private static let dialect: [InjectionEntry] = [
    .init("SQLDialect.quote", mayRefuse: true) { text, db in
      let quoted = db.dialect.quote(text)
      let rows = try await db.query(SQLStatement("SELECT x.\(quoted) FROM (SELECT 7 AS \(quoted)) AS x", effect: .read)) {
        ($0.count, try $0.int())
      }
      return .expecting([1, 7], rows.flatMap { [$0.0, Int($0.1)] })
    },
    .init("SQLDialect.literal", mayRefuse: true) { text, db in
      let literal = db.dialect.literal(.text(text))
      let found = try await db.query(SQLStatement("SELECT \(literal), 'end'", effect: .read)) { [try $0.text(), try $0.text()] }
      return found.count == 1 && found[0][1] == "end" ? .expecting(text, found[0][0]) : .changed("\(found.count) rows")
    },
    .init("SQLDialect.literal of JSON and arrays", mayRefuse: true) { text, db in
      for value in [SQLValue.json(text), .array([.text(text)], of: .text), .native(type: "text", text: text)] {
        let statement = SQLStatement("SELECT \(db.dialect.literal(value)), 'end'", effect: .read)
        let ends = try await db.query(statement) { row in
          row.skip(1)
          return try row.text()
        }
        guard ends == ["end"] else { return .changed("\(ends)") }
      }
      return .literal
    },
    .init("ColumnType.native, SQLValue.native", mayRefuse: true) { text, db in
      let bound = db.dialect.bound(.native(type: text, text: "1"), placeholder: db.dialect.placeholder(1))
      _ = try? await db.query(SQLStatement("SELECT \(bound)", [.native(type: text, text: "1")], effect: .read)) { _ in }
      try? await db.run(SQLStatement("SELECT \(db.dialect.literal(.native(type: text, text: "1")))", effect: .read))
      // A table with one column, or none.
      do {
        try await db.run(SQLStatement("CREATE TABLE native_test (a \(db.dialect.typeName(.native(text))))", effect: .definition))
      } catch { return .literal }
      let names = try await db.query(SQLStatement("SELECT * FROM native_test", effect: .read)) { $0.count }
      try await db.run(SQLStatement("INSERT INTO native_test VALUES (NULL)"))
      let width = try await db.query(SQLStatement("SELECT * FROM native_test", effect: .read)) { $0.count }
      try await db.run(SQLStatement("DROP TABLE native_test", effect: .definition))
      return .expecting([0, 1], [names.count] + width)
    },
  ]
}

@Model(table: "word")
struct Word {
  var id: ID
  var text: String
  var data: JSON<[String: String]> = JSON([:])
}

@Model(table: "page")
struct Page {
  var id: ID
  @Field(maxLength: 40, unique: true) var slug: String
  var body: String = ""
}

/// The value of an expression of the row "plain".
private func value(_ db: Database, _ expression: (Word.Fields) -> Expr<String>) async throws -> String? {
  try await Word.filter { $0.text == "plain" }.select { expression($0) }.all(db).first
}

/// Runs the body with a row of this text, which goes afterwards.
private func withWord(
  _ text: String, data: [String: String] = [:], _ db: Database, _ body: (Word.ID) async throws -> InjectionEntry.Outcome
) async throws -> InjectionEntry.Outcome {
  let row = try await Word(text: text, data: JSON(data)).insert(db)
  let result: Result<InjectionEntry.Outcome, any Error>
  do { result = .success(try await body(row.id)) } catch { result = .failure(error) }
  try await row.delete(db)
  return try result.get()
}
