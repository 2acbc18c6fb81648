import Draws
import Foundation
import Martlet

// What `scripts/bench --growth` asks for: the same with more of something.

extension TechEmpower {
  /// Lists of any length, any row of a table of any size, and as many other routes as the environment says.
  @RoutesBuilder static var growth: RouteList {
    Get("list/{count}") { (request, count: Int) in try await Item.list(count, request.db) }
    Get("any-of/{count}") { (request, count: Int) in
      let item = try await Item.get(Item.ID(Draw.number(upTo: Int64(count))), request.db)
      return Response.text(item.title)
    }
    for number in 0..<otherRoutes {
      Get("section\(number % 50)/page\(number)/{id}") { (_, id: Int) in "\(number) \(id)" }
    }
  }

  private static var otherRoutes: Int { Int(ProcessInfo.processInfo.environment["BENCH_ROUTES"] ?? "") ?? 0 }
}
