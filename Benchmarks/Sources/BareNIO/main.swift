// The first limit: bare SwiftNIO and Martlet's own PostgreSQL driver, everything on the connection's event loop, JSON by hand.
import BareHTTP
import Foundation
import Logging
import MartletPostgres
import MartletSQL
import NIOCore
import NIOPosix

let environment = ProcessInfo.processInfo.environment
let configuration = try PostgresConfiguration(url: environment["DATABASE_URL"] ?? "")
let store = Store(Database(PostgresDriver(configuration)))

/// A task executor for each event loop.
let executors = Dictionary(
  uniqueKeysWithValues: MultiThreadedEventLoopGroup.singleton.makeIterator().map { (ObjectIdentifier($0), LoopExecutor($0)) })

@Sendable func respond(_ reply: Reply, _ body: @escaping @Sendable () async throws -> [UInt8]) {
  Task(executorPreference: executors[ObjectIdentifier(reply.eventLoop)]) {
    do { reply.send(try await body()) } catch { reply.send(Array("\(error)".utf8), type: "text/plain", status: 500) }
  }
}

try await BareServer.run(port: Int(environment["PORT"] ?? "") ?? 8000) { uri, reply in
  switch BarePath(uri) {
  case .plaintext: reply.send(BarePath.text, type: "text/plain")
  case .json: reply.send(BarePath.message)
  case .db: respond(reply) { try await store.world() }
  case .queries(let count): respond(reply) { try await store.worlds(count) }
  case .rows: respond(reply) { try await store.rows() }
  case .none: reply.send([], type: "text/plain", status: 404)
  }
}
