import Draws
import Martlet

// TechEmpower's tests, and a list of rows, as an application would write them.

@main
struct TechEmpower: Backend {
  static let name = "techempower"

  var models: Models { World.self; Fortune.self; Item.self }

  var routes: some Routes {
    Get("plaintext") { _ in "Hello, World!" }
    Get("json") { _ in
      var json = JSONWriter(capacity: 32)
      json.object {
        $0.key("message"); $0.string("Hello, World!")
      }
      return Response.json(bytes: json.finish())
    }
    Get("db") { request in try await World.get(.random, request.db).response }
    Get("queries") { request in
      try await World.load(World.randomIDs(request.count("queries")), request.db).response
    }
    Get("updates") { request in
      try await World.shuffle(World.differentIDs(request.count("queries")), request.db).response
    }
    Get("cached-queries") { request in
      let worlds = try await WorldCache.shared.all(request.db)
      return (0..<request.count("count")).compactMap { _ in worlds[Draw.number()] }.response
    }
    Get("fortunes") { request in try await Fortune.page(request.db) }
    Get("rows") { request in try await Item.list(100, request.db) }
    TechEmpower.growth
  }
}

extension Request {
  /// From 1 to 500; what is no number is 1.
  func count(_ name: String) -> Int { min(max(query[name].flatMap { Int($0) } ?? 1, 1), 500) }
}
