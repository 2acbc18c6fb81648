// The second limit: bare SwiftNIO, and a loop on libpq written by hand in place of Martlet's driver.
import BareHTTP
import Foundation
import NIOCore

let environment = ProcessInfo.processInfo.environment
let reactor = try Reactor(
  environment["DATABASE_URL"] ?? "", connections: 4,
  statements: [
    ("world", "SELECT id, randomnumber FROM world WHERE id = $1::integer"),
    ("items", "SELECT id, title, quantity, price, active, created FROM item ORDER BY id LIMIT 100"),
  ])

@Sendable func respond(_ reply: Reply, _ name: String, _ keys: [Int32?], _ write: @escaping @Sendable ([Answer]) -> [UInt8]) {
  reactor.submit(
    Reactor.Work(name: name, keys: keys) { answers in
      let isGood = answers.allSatisfy(\.isGood), body = isGood ? write(answers) : []
      reply.eventLoop.execute { reply.send(body, status: isGood ? 200 : 500) }
    })
}

@Sendable func keys(_ count: Int) -> [Int32?] { (0..<count).map { _ in Int32(BarePath.anyKey) } }

try await BareServer.run(port: Int(environment["PORT"] ?? "") ?? 8000) { uri, reply in
  switch BarePath(uri) {
  case .plaintext: reply.send(BarePath.text, type: "text/plain")
  case .json: reply.send(BarePath.message)
  case .db: respond(reply, "world", keys(1)) { worlds($0, isList: false) }
  case .queries(let count): respond(reply, "world", keys(count)) { worlds($0, isList: true) }
  case .rows: respond(reply, "items", [nil], items)
  case .none: reply.send([], type: "text/plain", status: 404)
  }
}
