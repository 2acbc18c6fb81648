import CAllocationCounter
import MartletCore
import Testing

@testable import MartletHTTP

/// How much a request may ask of malloc between transport and handler: a budget, so that it does not grow unnoticed.
///
/// A count, not a time: it is the same on every machine. Unoptimised code allocates more, so that there are two budgets. Whoever
/// has a reason to raise one says in the commit what is bought with it.
@Suite("Allocations of a request")
struct AllocationTests {
  #if DEBUG
    static let budget = (plain: 130, json: 210, logged: 135)
  #else
    static let budget = (plain: 10, json: 14, logged: 13)
  #endif

  static let browser: HeaderFields = [
    "Host": "example.com", "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "Accept-Language": "en-US,en;q=0.5",
    "Accept-Encoding": "gzip, deflate, br, zstd", "Referer": "https://example.com/articles", "Connection": "keep-alive",
    "Cookie": "sessionid=abcdefghijklmnopqrstuvwxyz012345; csrftoken=ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef",
    "Upgrade-Insecure-Requests": "1", "Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Site": "same-origin",
  ]

  /// The blocks that one request takes, its answer included: the least of many, for the first ones fill caches.
  private func allocations(
    of target: String, accessLog: HTTPServerConfiguration.AccessLogFormat = .off
  ) async throws -> Int {
    let app = try application {
      $0.allowedHosts = ["example.com"]
      $0.accessLog = accessLog
      $0.accessLogSink = { _ in }
    } _: {
      Get("plaintext") { _ in "Hello, World!" }
      Get("articles/{slug}") { (_, slug: String) in
        var json = JSONWriter()
        json.object {
          $0.key("slug")
          $0.string(slug)
        }
        return Response.json(bytes: json.bytes)
      }
    }
    let headers = AllocationTests.browser
    var least = Int.max
    for _ in 0..<100 {
      let before = martlet_allocation_count()
      let response = await app.respond(
        to: Request(method: .get, target: target, headers: headers, peer: "127.0.0.1", declaredLength: 0, source: { nil }))
      let taken = martlet_allocation_count() - before
      #expect(response.status == .ok)
      // Another thread may have gone on with the task; its number says nothing about this request.
      if taken > 0 { least = min(least, taken) }
    }
    return least
  }

  @Test(
    "a request stays within its budget of allocations",
    .enabled(if: martlet_allocation_count() >= 0, "malloc cannot be counted here"))
  func budget() async throws {
    let plain = try await allocations(of: "/plaintext")
    #expect(plain <= Self.budget.plain)
    let json = try await allocations(of: "/articles/how-to-train-your-dragon?limit=5")
    #expect(json <= Self.budget.json)
    let logged = try await allocations(of: "/plaintext", accessLog: .text)
    #expect(logged <= Self.budget.logged)
  }
}
