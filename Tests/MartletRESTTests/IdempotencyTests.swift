import Foundation
import MartletCore
import MartletHTTP
import MartletORM
import MartletREST
import MartletSQL
import TestDatabases
import Testing

/// A key that is long enough for anonymous callers.
private func long(_ key: String) -> String { "0f8fad5b-d9cb-469f-" + key }

@Suite("Idempotency-Key", .onEveryDatabase)
struct IdempotencyTests {
  private let body = #"{"title":"a"}"#

  @Test("the same request sent again gets the first answer again, and one row is there")
  func twice() async throws {
    let api = try await API.notes { $0.idempotent() }
    let first = await api.ask(.post, "/api/notes", body, ["Idempotency-Key": long("k1")])
    #expect(first.status == 201 && first.header("idempotency-replayed") == nil)
    var note = try await Note.query.one(api.db)
    try await note.save(api.db) { $0.title = "changed since" }
    for key in [long("k1"), "\"\(long("k1"))\""] {
      let again = await api.ask(.post, "/api/notes", body, ["Idempotency-Key": key])
      #expect(again.status == 201 && again.text == first.text && again.tag == first.tag)
      #expect(again.header("location") == "/api/notes/1" && again.header("content-type") == "application/json")
      #expect(again.header("idempotency-replayed") == "true")
    }
    #expect(try await Note.query.count(api.db) == 1)
    #expect(await api.ask(.post, "/api/notes", body, ["Idempotency-Key": long("k2")]).header("location") == "/api/notes/2")
    #expect(await api.ask(.post, "/api/notes", body, ["Idempotency-Key": long("K1")]).header("location") == "/api/notes/3")
    #expect(await api.ask(.post, "/api/notes", body).header("location") == "/api/notes/4")
  }

  @Test("20 requests with one key at once make one row and get 20 equal answers")
  func atOnce() async throws {
    let api = try await API.notes { $0.idempotent() }
    for round in 1...3 {
      let answers = await withTaskGroup(of: Answer.self) { group in
        for _ in 0..<20 {
          group.addTask { await api.ask(.post, "/api/notes", #"{"title":"a"}"#, ["Idempotency-Key": long("key \(round)")]) }
        }
        return await group.reduce(into: []) { $0.append($1) }
      }
      #expect(answers.map(\.status) == Array(repeating: 201, count: 20))
      #expect(Set(answers.map(\.text)).count == 1)
      #expect(Set(answers.map(\.tag)).count == 1)
      #expect(answers.count { $0.header("idempotency-replayed") == nil } == 1)
      #expect(try await Note.query.count(api.db) == round)
    }
  }

  @Test("the same key with another body, target or type is 422")
  func reused() async throws {
    let api = try await API.notes { $0.idempotent().sparseFields() }
    _ = await api.ask(.post, "/api/notes", body, ["Idempotency-Key": long("k")])
    let other = await api.ask(.post, "/api/notes", #"{"title":"b"}"#, ["Idempotency-Key": long("k")])
    #expect(other.status == 422)
    #expect(other.type == "/problems/idempotency-key-reused")
    #expect(await api.ask(.post, "/api/notes?fields=title", body, ["Idempotency-Key": long("k")]).status == 422)
    #expect(try await Note.query.count(api.db) == 1)
  }

  @Test("the same key for another version of the API, or another wish for the answer, is 422")
  func selected() async throws {
    let routes = Group {
      Versions(default: "2") {
        Version("1") { REST("api") { Resource(Note.self).idempotent().bulk().hidden { $0.body } } }
        Version("2") { REST("api") { Resource(Note.self).idempotent().bulk() } }
      }
      Versions(default: "2") {
        Version("1") { Post("pay") { _ in "one" } }
        Version("2") { Post("pay") { _ in "two" } }
      }.idempotent()
    }
    let api = try await API(routes, API.exchangeModels)
    for path in ["/api/notes", "/pay"] {
      let key = long(path)
      let first = await api.ask(.post, path, body, ["Idempotency-Key": key])
      #expect(first.status < 300)
      for field in [("API-Version", "1"), ("Accept", "application/json; version=1"), ("Prefer", "return=minimal")] {
        let other = await api.ask(.post, path, body, ["Idempotency-Key": key, field.0: field.1])
        #expect(other.status == 422 && other.type == "/problems/idempotency-key-reused", "\(path) \(field)")
      }
      let again = await api.ask(.post, path, body, ["Idempotency-Key": key, "API-Version": "2", "Prefer": "wait=1"])
      #expect(again.text == first.text && again.header("idempotency-replayed") == "true", "what selects the same")
    }
    let list = "[\(body)]"
    #expect(await api.ask(.post, "/api/notes", list, ["Idempotency-Key": long("list")]).status == 201)
    let lenient = await api.ask(
      .post, "/api/notes", list, ["Idempotency-Key": long("list"), "Prefer": "handling=lenient"])
    #expect(lenient.status == 422)
  }

  @Test("anonymous callers need a key that nobody comes upon: 16 characters at least")
  func anonymous() async throws {
    let api = try await API.notes { $0.idempotent() }
    for key in ["1", "order-1", "\"123456789012345\""] {
      let answer = await api.ask(.post, "/api/notes", body, ["Idempotency-Key": key])
      #expect(answer.status == 400, "\(key)")
      #expect(answer.json["detail"]?.plain.contains("16") == true)
      let known = try await api.send(
        .post, "/api/notes", body, as: Viewer(id: .int(1)), headers: ["Idempotency-Key": key])
      #expect(known.status == 201, "\(key)")
      _ = try await api.get("/api/notes")
    }
    #expect(await api.ask(.post, "/api/notes", body, ["Idempotency-Key": "1234567890123456"]).status == 201)
    #expect(try await Note.query.count(api.db) == 4)
  }

  @Test("what is refused keeps no key: mended, it can be sent again")
  func refused() async throws {
    let api = try await API.notes { $0.idempotent() }
    #expect(await api.ask(.post, "/api/notes", #"{"title":""}"#, ["Idempotency-Key": long("k")]).status == 422)
    #expect(await api.ask(.post, "/api/notes", #"{"title":"fixed"}"#, ["Idempotency-Key": long("k")]).status == 401)
    #expect(try await IdempotencyRecord.query.count(api.db) == 0)
    #expect(await api.ask(.post, "/api/notes", body, ["Idempotency-Key": long("k")]).status == 201)
    #expect(try await IdempotencyRecord.query.count(api.db) == 1)
  }

  @Test("a value that is taken is 409, and its key stays free")
  func taken() async throws {
    let api = try await API(REST("api") { Resource(Country.self).idempotent() }, API.exchangeModels + [Country.self])
    try await Country(id: "CH", name: "Switzerland").insert(api.db)
    let swiss = #"{"id":"CH","name":"x"}"#
    #expect(await api.ask(.post, "/api/countries", swiss, ["Idempotency-Key": long("k")]).status == 409)
    #expect(try await IdempotencyRecord.query.count(api.db) == 0)
    let italy = #"{"id":"IT","name":"Italy"}"#
    #expect(await api.ask(.post, "/api/countries", italy, ["Idempotency-Key": long("k")]).status == 201)
  }

  @Test("of two viewers each has their own keys")
  func viewers() async throws {
    let api = try await API.notes { $0.idempotent() }
    func send(_ id: Int64) async -> Answer {
      var request = Request(
        .post, "/api/notes", headers: ["Host": "api.test", "Content-Type": "application/json", "Idempotency-Key": long("k")],
        body: Array(body.utf8))
      request[DatabaseContext.self] = api.db
      request.viewer = Viewer(id: .int(id))
      let router = try? Router(REST("api") { Resource(Note.self).idempotent() })
      return Answer((try? await router?.respond(to: request)) ?? Response(status: 500))
    }
    #expect(await send(1).header("location") == "/api/notes/1")
    #expect(await send(2).header("location") == "/api/notes/2")
    #expect(await send(1).header("location") == "/api/notes/1")
    #expect(try await Set(IdempotencyRecord.query.all(api.db).map(\.viewer)) == ["int:1", "int:2"])
  }

  @Test("a key that is missing is 400 only where it is required; one of a wrong form always")
  func forms() async throws {
    let api = try await API.notes { $0.idempotent(required: true) }
    #expect(await api.ask(.post, "/api/notes", body).status == 400)
    for key in ["", "\"\"", "ü", String(repeating: "k", count: 256)] {
      #expect(await api.ask(.post, "/api/notes", body, ["Idempotency-Key": key]).status == 400)
    }
    #expect(await api.ask(.post, "/api/notes", body, ["Idempotency-Key": String(repeating: "k", count: 255)]).status == 201)
    #expect(try await Note.query.count(api.db) == 1)
  }

  @Test("an expired key counts as new, and expired records go in passing")
  func expiry() async throws {
    let api = try await API.notes { $0.idempotent(lifetime: .seconds(60)) }
    func expire() async throws {
      try await IdempotencyRecord.query.update(api.db) { $0.expiresAt.set(to: api.db.timeSource.now().addingTimeInterval(-1)) }
    }
    _ = await api.ask(.post, "/api/notes", body, ["Idempotency-Key": long("k")])
    let record = try await IdempotencyRecord.query.one(api.db)
    #expect(record.expiresAt.timeIntervalSince(record.createdAt) == 60)
    #expect(record.status == 201 && record.method == "POST" && record.path == "/api/notes" && record.key == long("k"))
    try await expire()
    #expect(await api.ask(.post, "/api/notes", body, ["Idempotency-Key": long("k")]).header("location") == "/api/notes/2")
    #expect(try await IdempotencyRecord.query.count(api.db) == 1)
    try await expire()
    // Another process, whose last sweep is not a minute ago.
    let router = try Router(REST("api") { Resource(Note.self).idempotent() })
    var request = Request(
      .post, "/api/notes", headers: ["Content-Type": "application/json", "Idempotency-Key": long("other")], body: Array(body.utf8)
    )
    request[DatabaseContext.self] = api.db
    _ = try await router.respond(to: request)
    #expect(try await IdempotencyRecord.query.all(api.db).map(\.key) == [long("other")])
  }

  @Test("a hand-written route is undone and repeated as a whole; what it throws keeps no key")
  func handWritten() async throws {
    let api = try await API(
      Group("hand") {
        Post("notes") { request in
          guard let db = request[DatabaseContext.self] else { throw HTTPError.badRequest("no database") }
          let text = String(decoding: try await request.body.collect(), as: UTF8.self)
          let note = try await Note(title: text).insert(db)
          if text == "bad" { throw HTTPError.badRequest("bad") }
          return Response.text("made \(note.id)", status: .created).setting("X-Made", "yes")
        }
      }.idempotent(required: true), API.exchangeModels)
    let first = await api.ask(.post, "/hand/notes", "good", ["Idempotency-Key": long("k")])
    let again = await api.ask(.post, "/hand/notes", "good", ["Idempotency-Key": long("k")])
    #expect(first.status == 201 && again.status == 201 && first.text == again.text && again.header("x-made") == "yes")
    #expect(await api.ask(.post, "/hand/notes", "bad", ["Idempotency-Key": long("b")]).status == 400)
    #expect(await api.ask(.post, "/hand/notes", "good").status == 400)
    #expect(try await Note.query.all(api.db).map(\.title) == ["good"])
    #expect(try await IdempotencyRecord.query.count(api.db) == 1)
  }

  @Test("an idempotent route without the model among the app's is a finding")
  func check() throws {
    let routes = RouteList(
      REST("api") { Resource(Note.self).idempotent() }.descriptions
        + Post("pay") { _ in HTTPStatus.ok }.idempotent().descriptions)
    #expect(REST.check(routes, models: [Note.self]).map(\.id) == ["rest.E021", "rest.E021"])
    #expect(REST.check(routes, models: API.exchangeModels).isEmpty)
    #expect(REST.check(routes).isEmpty)
  }
}
