// 1,000 rows of 20 columns into structs: Martlet's drivers against loops written by hand on the databases' own C libraries,
// in turn, A B A B …, in one process. Prints the medians and the ratio of each pair; ends with 1 where a ratio is over 1.3.
import Foundation
import MartletMySQL
import MartletPostgres
import MartletSQL
import MartletSQLite
import Synchronization

struct BenchmarkError: Error, CustomStringConvertible {
  var description: String
  init(_ text: String) { description = text }
}

/// Confined to one statement at a time.
final class Items: @unchecked Sendable { var list: [Item] = [] }

func martlet(_ db: Database) async throws -> [Item] {
  let items = Items()
  try await db.run(SQLStatement(Item.select, effect: .read)) { row in items.list.append(try Item(row: &row)) }
  return items.list
}

/// Milliseconds of a median run, and the median of the ratios of neighbouring runs.
func compare(_ name: String, rounds: Int, _ db: Database, _ byHand: () throws -> [Item]) async throws -> Double {
  var ours: [Double] = [], theirs: [Double] = []
  for round in 0..<(rounds + 20) {
    let start = ContinuousClock.now
    let a = try await martlet(db)
    let middle = ContinuousClock.now
    let b = try byHand()
    let end = ContinuousClock.now
    guard a.count == 1000, b.count == 1000, a[500].body == b[500].body, a[999].createdAt == b[999].createdAt,
      a[7].token == b[7].token
    else { throw BenchmarkError("\(name): the two sides read different rows") }
    // The first rounds warm caches on both sides.
    if round < 20 { continue }
    ours.append((middle - start) / .milliseconds(1))
    theirs.append((end - middle) / .milliseconds(1))
  }
  func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
  let ratio = median(zip(ours, theirs).map { $0 / $1 })
  func text(_ value: Double) -> String { String(format: "%.3f", value) }
  print("| \(name) | \(text(median(ours))) ms | \(text(median(theirs))) ms | \(text(ratio)) |")
  return ratio
}

func environment(_ name: String) throws -> String {
  guard let value = ProcessInfo.processInfo.environment[name] else {
    throw BenchmarkError("\(name) is not set: run `make bench`")
  }
  return value
}

let rounds = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 300
let folder = FileManager.default.temporaryDirectory.appendingPathComponent("decode-rows-\(getpid())")
try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
defer { try? FileManager.default.removeItem(at: folder) }
var ratios: [Double] = []
print("| 1,000 rows x 20 columns | Martlet | by hand | ratio |\n|---|---|---|---|")

let path = folder.appendingPathComponent("items.db").path
let sqlite = Database(SQLiteDriver(path: path))
try await Item.make(sqlite, count: 1000)
let sqliteLoop = try SQLiteLoop(path)
ratios.append(try await compare("SQLite", rounds: rounds, sqlite) { try sqliteLoop.run() })

let postgresURL = try environment("MARTLET_TEST_POSTGRES")
let postgres = Database(try PostgresDriver(url: postgresURL))
try await Item.make(postgres, count: 1000)
let postgresLoop = try LibPQLoop(postgresURL)
ratios.append(try await compare("PostgreSQL (libpq)", rounds: rounds, postgres) { try postgresLoop.run() })

let mysqlURL = try environment("MARTLET_TEST_MYSQL")
let mysql = Database(try MySQLDriver(url: mysqlURL))
try await mysql.driver.connect()
try await Item.make(mysql, count: 1000)
guard let parts = URLComponents(string: mysqlURL) else { throw BenchmarkError("MARTLET_TEST_MYSQL is no URL") }
let mysqlLoop = try MariaDBLoop(
  host: parts.host ?? "127.0.0.1", port: UInt32(parts.port ?? 3306), user: parts.user ?? "", password: parts.password ?? "",
  database: String(parts.path.dropFirst()))
ratios.append(try await compare("MariaDB (libmariadb)", rounds: rounds, mysql) { try mysqlLoop.run() })

for db in [sqlite, postgres, mysql] { await db.driver.shutdown() }
if ratios.contains(where: { $0 > 1.3 }) {
  print("a ratio is over 1.3")
  exit(1)
}
