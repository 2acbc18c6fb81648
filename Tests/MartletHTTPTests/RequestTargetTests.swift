import Testing

@testable import MartletHTTP

/// The short way through a target that holds nothing to decode, against the long way that all can take.
@Suite("Request targets")
struct RequestTargetTests {
  private func describe(_ target: RequestTarget) -> String {
    "\(target.path) \(target.trail.segments) ?\(target.query) @\(target.authority ?? "-") !\(target.problem ?? "-")"
  }

  @Test("the short way says what the long way does", arguments: 1...4)
  func short(seed: Int) {
    var generator = SeededGenerator(seed: UInt64(seed) &* 0x9E37_79B9)
    let pieces = [
      "/", "/", "a", "articles", "..", ".", "%2F", "%41", "?", "#", "=", "&", "\\", "ü", "e\u{301}", "+", "*", "\u{1}", "-x",
    ]
    var short = 0
    for _ in 0..<5_000 {
      let count = Int.random(in: 0..<8, using: &generator)
      let text = "/" + (0..<count).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
      guard let plain = RequestTarget(plain: text) else { continue }
      short += 1
      #expect(describe(plain) == describe(RequestTarget(any: text)), "\(text)")
    }
    #expect(short > 200)
  }

  @Test(
    "targets of every form",
    arguments: [
      ("/", "/ [] ? @- !-"), ("//", "/ [\"\"] ? @- !-"), ("/a/", "/a [\"a\"] ? @- !-"), ("/a//", "/a/ [\"a\", \"\"] ? @- !-"),
      ("/a//b?c#d", "/a//b [\"a\", \"\", \"b\"] ?c @- !-"), ("/a%2Fb/c", "/a/b/c [\"a/b\", \"c\"] ? @- !-"),
      ("*", "* [\"*\"] ? @- !-"), ("/?a=b", "/ [] ?a=b @- !-"), ("/#x", "/ [] ? @- !-"),
      ("http://h:1?q", "/ [] ?q @h:1 !-"), ("https://h/a?q", "/a [\"a\"] ?q @h !-"), ("/a?x=/../%", "/a [\"a\"] ?x=/../% @- !-"),
      ("/...", "/... [\"...\"] ? @- !-"), ("/a.b", "/a.b [\"a.b\"] ? @- !-"),
    ])
  func forms(target: String, expected: String) {
    #expect(describe(RequestTarget(target)) == expected)
  }

  @Test("a rest keeps the slashes that were escaped and those that were not, and literals beyond ASCII match in any form")
  func routes() async throws {
    let app = try application {
      Get("files/{path...}") { (_, path: String) in path }
      Get("caf\u{E9}") { _ in "coffee" }
      Get("{a}/{b}") { (_, a: String, b: String) in "\(a)|\(b)" }
    }
    #expect(try await app.respond(to: request(.get, "/files/a%2Fb/c/")).text == "a/b/c")
    #expect(try await app.respond(to: request(.get, "/files/a//c")).text == "a//c")
    #expect(try await app.respond(to: request(.get, "/x%2Fy/z")).text == "x/y|z")
    #expect(try await app.respond(to: request(.get, "/caf%C3%A9")).text == "coffee")
    #expect(try await app.respond(to: request(.get, "/cafe%CC%81")).text == "coffee")
    #expect(await app.respond(to: request(.get, "/files")).status == .notFound)
    #expect(await app.respond(to: request(.get, "//files/a")).status == .notFound)
  }
}
