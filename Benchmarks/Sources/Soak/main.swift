// What takes minutes: many rows in constant memory, and many clients on few connections, on each database.
// Prints tables; ends with 1 where memory grew, a client waited in vain, or one waited much longer than the others.
import Foundation
import MartletMySQL
import MartletPostgres
import MartletSQL
import MartletSQLite

struct BenchmarkError: Error, CustomStringConvertible {
  var description: String
  init(_ text: String) { description = text }
}

func environment(_ name: String) throws -> String {
  guard let value = ProcessInfo.processInfo.environment[name] else {
    throw BenchmarkError("\(name) is not set: run `make soak`")
  }
  return value
}

let numbers = CommandLine.arguments.dropFirst().compactMap { Int($0) }
let rows = numbers.first ?? 10_000_000, seconds = numbers.dropFirst().first ?? 60
let folder = FileManager.default.temporaryDirectory.appendingPathComponent("martlet-soak-\(getpid())")
try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)

var sqlite = SQLiteConfiguration(path: folder.appendingPathComponent("soak.db").path)
// With the writer.
sqlite.readers = Clients.connections - 1
var postgres = try PostgresConfiguration(url: try environment("MARTLET_TEST_POSTGRES"))
postgres.parameters["client_min_messages"] = "warning"
postgres.pool.maximumConnections = Clients.connections
var mysql = try MySQLConfiguration(url: try environment("MARTLET_TEST_MYSQL"))
mysql.pool.maximumConnections = Clients.connections
let databases: [(name: String, db: Database)] = [
  ("SQLite", Database(SQLiteDriver(sqlite))), ("PostgreSQL", Database(PostgresDriver(postgres))),
  ("MariaDB", Database(MySQLDriver(mysql))),
]

/// At once: minutes pass between the lines.
func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
var faults: [String] = []
say("| database | rows | resident at row 10,000 | highest | at the end | rate |\n|---|---|---|---|---|---|")
for (name, db) in databases {
  try await db.driver.connect()
  let (line, isWithin) = try await Streaming.run(name, db, rows: rows)
  say(line)
  if !isWithin { faults.append("\(name): memory grew by more than \(Streaming.limit) kB") }
}
say(
  "\n| database | \(Clients.count) clients on \(Clients.connections) connections, \(seconds) s | count | p50 | p99 | p99/p50 | turns of a client |"
)
say("|---|---|---|---|---|---|---|")
for (name, db) in databases {
  let (lines, found) = try await Clients.run(name, db, for: .seconds(seconds))
  for line in lines { say(line) }
  faults += found
}
for (_, db) in databases { await db.driver.shutdown() }
try? FileManager.default.removeItem(at: folder)
for fault in faults { say(fault) }
exit(faults.isEmpty ? 0 : 1)
