import Foundation
import MartletCore
import MartletORM
import MartletSQL
import MartletSQLite
import Synchronization

/// A fresh database in memory with the tables of the models.
func blog(
  _ models: [any Model.Type] = [
    Author.self, Card.self, Tag.self, Post.self, Comment.self, Club.self, Membership.self, Everything.self,
  ]
)
  async throws -> Database
{
  let db = Database(SQLiteDriver(path: ":memory:")).with(timeSource: .fixed(Date(timeIntervalSince1970: 1_000_000)))
  for model in models {
    for statement in try ddl(model, db.dialect) { try await db.run(SQLStatement(statement, effect: .definition)) }
  }
  return db
}

/// Enough DDL for tests of queries; migrations have their own module and tests.
private func ddl<M: Model>(_ model: M.Type, _ dialect: any SQLDialect) throws -> [String] {
  let schema = M.schema
  var parts = schema.columns.map { column in
    var text = "\"\(column.name)\" \(dialect.typeName(column.type))"
    if column.isPrimaryKey {
      text =
        column.keyGeneration == .database
        ? "\"\(column.name)\" integer NOT NULL PRIMARY KEY AUTOINCREMENT" : text + " NOT NULL PRIMARY KEY"
    } else if !column.isNullable {
      text += " NOT NULL"
    }
    if column.isUnique { text += " UNIQUE" }
    if case .text(let value) = column.options.dbDefault { text += " DEFAULT '\(value)'" }
    if let reference = column.foreignKey {
      let target = reference.target()
      let action =
        ["cascade": "CASCADE", "setNull": "SET NULL", "restrict": "RESTRICT"][reference.onDelete.rawValue] ?? "NO ACTION"
      text += " REFERENCES \"\(target.table)\" (\"\(target.primaryKey.name)\") ON DELETE \(action)"
    }
    return text
  }
  for constraint in M.constraints {
    switch constraint.kind {
    case .check: parts.append("CONSTRAINT \"\(constraint.name ?? "")\" CHECK (\(try constraint.conditionSQL(dialect) ?? ""))")
    case .unique: parts.append("UNIQUE (" + (try constraint.columns()).map { "\"\($0.name)\"" }.joined(separator: ", ") + ")")
    case .index: break
    }
  }
  let links = schema.links.map { link in
    "CREATE TABLE \"\(link.table)\" (id integer PRIMARY KEY AUTOINCREMENT, \"\(link.ownerColumn)\" bigint REFERENCES \"\(schema.table)\" ON DELETE CASCADE, "
      + "\"\(link.targetColumn)\" bigint REFERENCES \"\(link.target().table)\" ON DELETE CASCADE, UNIQUE (\"\(link.ownerColumn)\", \"\(link.targetColumn)\"))"
  }
  return ["CREATE TABLE \"\(schema.table)\" (" + parts.joined(separator: ", ") + ")"] + links
}

/// Collects the statements that ran. The list is guarded by its mutex.
final class Statements: Sendable {
  private let events = Mutex<[StatementEvent]>([])
  func record(_ event: StatementEvent) { events.withLock { $0.append(event) } }
  var all: [StatementEvent] { events.withLock { $0 } }
  var texts: [String] { all.map(\.sql) }
}

extension Database {
  /// The same database and the list of what runs on it.
  func recorded() -> (Database, Statements) {
    let statements = Statements()
    return (observing { statements.record($0) }, statements)
  }
}

/// The text of a query's first statement, without the list of its columns.
func whereClause<M: Model>(_ query: Query<M>) throws -> String {
  let text = try query.statement(SQLiteDialect()).text
  guard let from = text.range(of: " FROM ") else { return text }
  return String(text[from.upperBound...])
}

/// Two authors, a tag or two, two posts, five comments.
struct Sample {
  var ann: Author, bo: Author
  var hello: Post, draft: Post
  init(_ db: Database) async throws {
    let authors = try await Author.insert(
      [Author(name: "Ann", email: "a@x"), Author(name: "Bo", email: "b@x", isStaff: true)], db)
    (ann, bo) = (authors[0], authors[1])
    hello = try await Post(
      title: "Hello", slug: "hello", status: .published, views: 5, author: Ref(ann), publishedAt: Date(timeIntervalSince1970: 100)
    ).insert(db)
    draft = try await Post(title: "Draft", slug: "draft", author: .id(bo.id), editor: .id(ann.id)).insert(db)
    try await Comment.insert(
      (1...5).map { Comment(text: "c\($0)", approved: $0 % 2 == 1, post: .id($0 < 5 ? hello.id : draft.id)) }, db)
  }
}
