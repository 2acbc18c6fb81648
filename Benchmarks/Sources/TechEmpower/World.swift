import Draws
import Foundation
import Martlet
import Synchronization

@Model(table: "world")
struct World {
  var id: ID
  @Field(column: "randomnumber") var randomNumber: Int

  /// So many keys, each drawn by itself.
  static func randomIDs(_ number: Int) -> [ID] { (0..<number).map { _ in .random } }

  /// So many different keys, in order, so that two updates cannot wait for each other.
  static func differentIDs(_ number: Int) -> [ID] { Draw.different(number).map { ID($0) } }

  /// The rows of these keys, each by a statement of its own: in one batch, or with `ONE_BY_ONE` one after the other.
  static func load(_ ids: [ID], _ db: Database) async throws -> [World] {
    guard isOneByOne else { return try await db.batch(ids.map { .get(World.self, $0) }) }
    var worlds: [World] = []
    worlds.reserveCapacity(ids.count)
    for id in ids { worlds.append(try await World.get(id, db)) }
    return worlds
  }

  private static let isOneByOne = ProcessInfo.processInfo.environment["ONE_BY_ONE"] != nil

  /// Reads the rows, each by a statement, and gives each another number, in one transaction.
  static func shuffle(_ ids: [ID], _ db: Database) async throws -> [World] {
    try await db.transaction { tx in
      var worlds = try await load(ids, tx)
      for place in worlds.indices { worlds[place].randomNumber = Int(Draw.number()) }
      _ = try await World.update(worlds, tx) { $0.randomNumber }
      return worlds
    }
  }

  func write(to json: inout JSONWriter) {
    json.object {
      $0.key("id")
      $0.number(id.raw ?? 0)
      $0.key("randomNumber")
      $0.number(randomNumber)
    }
  }

  var response: Response {
    var json = JSONWriter(capacity: 48)
    write(to: &json)
    return .json(bytes: json.finish())
  }
}

extension World.ID {
  static var random: World.ID { World.ID(Draw.number()) }
}

extension [World] {
  var response: Response {
    var json = JSONWriter(capacity: count * 40)
    json.array { json in for world in self { world.write(to: &json) } }
    return .json(bytes: json.finish())
  }
}

/// The rows in memory, read once.
final class WorldCache: Sendable {
  static let shared = WorldCache()
  private let worlds = Mutex<[Int64: World]>([:])

  func all(_ db: Database) async throws -> [Int64: World] {
    let known = worlds.withLock { $0 }
    guard known.isEmpty else { return known }
    let read = Dictionary(uniqueKeysWithValues: try await World.query.all(db).map { ($0.id.raw ?? 0, $0) })
    worlds.withLock { $0 = read }
    return read
  }
}
