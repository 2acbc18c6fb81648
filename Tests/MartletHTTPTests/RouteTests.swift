import Foundation
import MartletCore
import Testing

@testable import MartletHTTP

@Suite struct RouteTests {
  @Test("a closure takes the placeholders of its path as typed parameters")
  func typedParameters() async throws {
    let app = try application {
      Get("articles/{slug}") { (request, slug: String) in "article \(slug)" }
      Get("pages/{page}/of/{total}") { (request, page: Int, total: Int64) in "\(page)/\(total)" }
      Get("ids/{id}") { (request, id: UUID) in id.uuidString }
      Get("files/{rest...}") { (request, rest: String) in rest }
    }
    #expect(try await app.respond(to: request(.get, "/articles/a%20title")).text == "article a title")
    #expect(try await app.respond(to: request(.get, "/pages/2/of/10")).text == "2/10")
    #expect(await app.respond(to: request(.get, "/pages/two/of/10")).status == .notFound)
    #expect(await app.respond(to: request(.get, "/pages/+2/of/10")).status == .notFound)
    #expect(await app.respond(to: request(.get, "/ids/1")).status == .notFound)
    #expect(try await app.respond(to: request(.get, "/files/a/b%2Fc/d")).text == "a/b/c/d")
  }

  @Test("a handler returns a response, a text, a status, an encodable value or nothing")
  func results() async throws {
    let app = try application {
      Get("response") { _ in Response.html("<p>") }
      Get("text") { _ in "text" }
      Get("status") { _ in HTTPStatus.created }
      Get("json") { _ in Article(slug: "a", published: Date(microsecondsSince1970: 1_000_001)) }
      Get("list") { _ in [Article(slug: "a", published: nil)] }
      Get("none") { _ -> Article? in nil }
      Delete("void") { _ in }
      Post("multi") { request in
        let input = try await request.json(Article.self)
        return Article(slug: input.slug + "!", published: input.published)
      }
    }
    #expect(await app.respond(to: request(.get, "/response")).headers["content-type"] == "text/html; charset=utf-8")
    #expect(await app.respond(to: request(.get, "/text")).headers["content-type"] == "text/plain; charset=utf-8")
    #expect(await app.respond(to: request(.get, "/status")).status == .created)
    #expect(try await app.respond(to: request(.get, "/json")).text == #"{"slug":"a","published":"1970-01-01T00:00:01.000001Z"}"#)
    #expect(try await app.respond(to: request(.get, "/list")).text == #"[{"slug":"a"}]"#)
    #expect(await app.respond(to: request(.get, "/none")).status == .notFound)
    #expect(await app.respond(to: request(.delete, "/void")).status == .noContent)
    let sent = request(.post, "/multi", headers: ["Content-Type": "application/json"], body: #"{"slug":"b"}"#)
    #expect(try await app.respond(to: sent).text == #"{"slug":"b!"}"#)
  }
}
