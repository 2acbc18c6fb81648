// 1,000 rows of 20 columns into structs: Martlet's drivers against loops written by hand on the databases' own C libraries,
// in turn, A B A B …, in one process. Prints times and ratios; ends with 1 where a ratio on the clock is over 1.3.
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

/// What a run took.
struct Cost {
  /// Milliseconds on the clock, and of processor time of all threads of this process.
  var elapsed: Double, processor: Double

  static var now: (ContinuousClock.Instant, Double) {
    (ContinuousClock.now, Double(clock_gettime_nsec(CLOCK_PROCESS_CPUTIME_ID)) / 1_000_000)
  }
  init(from start: (ContinuousClock.Instant, Double), to end: (ContinuousClock.Instant, Double)) {
    elapsed = (end.0 - start.0) / .milliseconds(1)
    processor = end.1 - start.1
  }
}

func clock_gettime_nsec(_ id: clockid_t) -> Int {
  var time = timespec()
  clock_gettime(id, &time)
  return time.tv_sec * 1_000_000_000 + time.tv_nsec
}

/// Prints a row of the table. The ratio is of the fastest runs: what else the machine does can only add.
func compare(_ name: String, rounds: Int, _ db: Database, _ byHand: () throws -> [Item]) async throws -> Double {
  var ours: [Cost] = [], theirs: [Cost] = []
  for round in 0..<(rounds + 20) {
    let start = Cost.now
    let a = try await martlet(db)
    let middle = Cost.now
    let b = try byHand()
    let end = Cost.now
    guard a.count == 1000, b.count == 1000, a[500].body == b[500].body, a[999].createdAt == b[999].createdAt,
      a[7].token == b[7].token
    else { throw BenchmarkError("\(name): the two sides read different rows") }
    // The first rounds warm caches on both sides.
    if round < 20 { continue }
    ours.append(Cost(from: start, to: middle))
    theirs.append(Cost(from: middle, to: end))
  }
  func low(_ values: [Double]) -> Double { values.min() ?? .nan }
  func text(_ value: Double) -> String { String(format: "%.3f", value) }
  let (a, b) = (low(ours.map(\.elapsed)), low(theirs.map(\.elapsed)))
  let (c, d) = (low(ours.map(\.processor)), low(theirs.map(\.processor)))
  print("| \(name) | \(text(a)) ms | \(text(b)) ms | \(text(a / b)) | \(text(c)) ms | \(text(d)) ms | \(text(c / d)) |")
  return a / b
}

func environment(_ name: String) throws -> String {
  guard let value = ProcessInfo.processInfo.environment[name] else {
    throw BenchmarkError("\(name) is not set: run `make bench`")
  }
  return value
}

let arguments = CommandLine.arguments.dropFirst()
let rounds = arguments.first.flatMap { Int($0) } ?? 1000
/// One database alone, to profile it.
let only = arguments.dropFirst().first
let folder = FileManager.default.temporaryDirectory.appendingPathComponent("decode-rows-\(getpid())")
try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
var ratios: [Double] = []
print(
  "| 1,000 rows x 20 columns | Martlet | by hand | ratio | processor: Martlet | by hand | ratio |\n|---|---|---|---|---|---|---|")

func measure(_ name: String, _ driver: any DatabaseDriver, _ byHand: () throws -> () throws -> [Item]) async throws
  -> Double
{
  let db = Database(driver)
  try await driver.connect()
  try await Item.make(db, count: 1000)
  let loop = try byHand()
  let ratio = try await compare(name, rounds: rounds, db, loop)
  await driver.shutdown()
  return ratio
}

if only ?? "sqlite" == "sqlite" {
  let path = folder.appendingPathComponent("items.db").path
  ratios += try await [
    measure("SQLite", SQLiteDriver(path: path)) {
      let loop = try SQLiteLoop(path)
      return loop.run
    }
  ]
}
if only ?? "postgres" == "postgres" {
  let url = try environment("MARTLET_TEST_POSTGRES")
  var configuration = try PostgresConfiguration(url: url)
  configuration.parameters["client_min_messages"] = "warning"
  ratios += try await [
    measure("PostgreSQL (libpq)", PostgresDriver(configuration)) {
      let loop = try LibPQLoop(url)
      return loop.run
    }
  ]
}
if only ?? "mariadb" == "mariadb" {
  let url = try environment("MARTLET_TEST_MYSQL")
  guard let parts = URLComponents(string: url) else { throw BenchmarkError("MARTLET_TEST_MYSQL is no URL") }
  ratios += try await [
    measure("MariaDB (libmariadb)", MySQLDriver(url: url)) {
      let loop = try MariaDBLoop(
        host: parts.host ?? "127.0.0.1", port: UInt32(parts.port ?? 3306), user: parts.user ?? "", password: parts.password ?? "",
        database: String(parts.path.dropFirst()))
      return loop.run
    }
  ]
}
try? FileManager.default.removeItem(at: folder)
if ratios.contains(where: { $0 > 1.3 }) {
  print("a ratio is over 1.3")
  exit(1)
}
