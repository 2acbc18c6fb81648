// Answers queries as Martlet does: `django-parity URL FILE`, where FILE has a JSON query a line; a line of JSON for each comes
// back, {"rows": […]} or {"error": "…"}. `django-parity URL --pairs` answers the hand-written pairs, by name.
import Foundation
import Martlet
import MartletORM

func connect(_ url: String) async throws -> Database {
  let driver: any DatabaseDriver =
    if url.hasPrefix("sqlite") { try SQLiteDriver(url: url) } else if url.hasPrefix("postgres") {
      try PostgresDriver(url: url)
    } else { try MySQLDriver(url: url) }
  try await driver.connect()
  return Database(driver)
}

func answer(_ spec: [String: Any], _ db: Database) async throws -> [[String?]] {
  func run<M: NamedColumns>(_ model: M.Type) async throws -> [[String?]] {
    let statement = try Interpreter<M>().plan(spec).statement(db.dialect)
    let kinds = spec["kinds"] as? [String] ?? []
    return try await db.query(statement) { row in try kinds.map { try Cells.read($0, &row) } }
  }
  switch spec["model"] as? String {
  case "Country": return try await run(Country.self)
  case "Author": return try await run(Author.self)
  case "Publisher": return try await run(Publisher.self)
  case "Tag": return try await run(Tag.self)
  case "Book": return try await run(Book.self)
  case "Review": return try await run(Review.self)
  case "Order": return try await run(Order.self)
  case "OrderLine": return try await run(OrderLine.self)
  case "Employee": return try await run(Employee.self)
  default: throw SpecError(description: "model \(spec["model"] ?? "")")
  }
}

func write(_ object: [String: Any]) throws {
  FileHandle.standardOutput.write(try JSONSerialization.data(withJSONObject: object) + Data("\n".utf8))
}
func cells(_ rows: [[String?]]) -> [[Any]] { rows.map { $0.map { $0 as Any? ?? NSNull() } } }

let arguments = CommandLine.arguments
guard arguments.count == 3 else {
  FileHandle.standardError.write(Data("usage: django-parity URL FILE|--pairs\n".utf8))
  exit(64)
}
let db = try await connect(arguments[1])
if arguments[2] == "--pairs" {
  for pair in Pair.all {
    do { try write(["name": pair.name, "rows": cells(try await pair.run(db))]) } catch {
      try write(["name": pair.name, "error": "\(error)"])
    }
  }
} else {
  for line in try String(contentsOfFile: arguments[2], encoding: .utf8).split(separator: "\n") {
    do {
      guard let spec = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] else { continue }
      try write(["rows": cells(try await answer(spec, db))])
    } catch { try write(["error": "\(error)"]) }
  }
}
await db.driver.shutdown()
