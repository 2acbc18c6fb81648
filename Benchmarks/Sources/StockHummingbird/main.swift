// Hummingbird's router and JSON encoder, the database through Martlet's driver, so that HTTP alone differs.
import Draws
import Foundation
import Hummingbird
import Logging
import MartletPostgres
import MartletSQL

struct Message: ResponseEncodable { var message: String }
struct World: ResponseEncodable, Sendable { var id: Int64, randomNumber: Int64 }

let environment = ProcessInfo.processInfo.environment
let configuration = try PostgresConfiguration(url: environment["DATABASE_URL"] ?? "")
let db = Database(PostgresDriver(configuration))

var logger = Logger(label: "hummingbird")
logger.logLevel = .warning

let router = Router()
router.get("plaintext") { _, _ in "Hello, World!" }
router.get("json") { _, _ in Message(message: "Hello, World!") }
router.get("db") { _, _ async throws -> World in
  var statement = SQLStatement(
    "SELECT id, randomnumber FROM world WHERE id = $1", [.int(Draw.number())], effect: .read)
  statement.isLookup = true
  let found = try await db.query(statement) { row in World(id: try row.int(), randomNumber: try row.int()) }
  guard let world = found.first else { throw HTTPError(.notFound) }
  return world
}

let application = Application(
  router: router,
  configuration: .init(address: .hostname("127.0.0.1", port: Int(environment["PORT"] ?? "") ?? 8000)),
  logger: logger)
try await application.runService()
