import MartletCore
import MartletHTTP
import MartletORM
import MartletREST
import MartletSQL
import TestDatabases
import Testing

@Suite("creating and changing", .onEveryDatabase)
struct WriteTests {
  let api: API
  let sample: Sample
  init() async throws {
    api = try await API.blog()
    sample = try await Sample(api)
  }
  private func create(_ body: String, as viewer: Viewer? = nil) async throws -> Answer {
    try await api.send(.post, "/api/articles", body, as: viewer ?? sample.asAnn)
  }
  private func patch(_ body: String, as viewer: Viewer? = nil) async throws -> Answer {
    try await api.send(.patch, "/api/articles/1", body, as: viewer ?? sample.asAnn)
  }

  @Test("create answers 201 with Location and the row, defaults filled in")
  func create() async throws {
    let answer = try await create(#"{"title": "New", "slug": "new", "author": 1}"#)
    #expect(answer.status == 201)
    #expect(answer.response.headers["Location"] == "/api/articles/5")
    #expect(
      answer.text
        == #"{"id":5,"title":"New","slug":"new","body":"","status":"draft","views":0,"author":1,"editor":null,"#
        + #""published_at":null,"created_at":"1970-01-12T13:46:40Z"}"#)
    #expect(try await api.get("/api/articles/5", as: sample.asAnn).text == answer.text)
    #expect(try await Article.get(5, api.db).score == 7)
  }

  @Test("one may create only what the policy's create rule holds for")
  func createRefused() async throws {
    let answer = try await create(#"{"title": "New", "slug": "new", "author": 2}"#)
    #expect(answer.status == 403)
    #expect(try await Article.query.count(api.db) == 4)
  }

  @Test("every missing field is reported, at once and in the order of the fields")
  func required() async throws {
    let answer = try await create("{}")
    #expect(answer.status == 422)
    #expect(answer.type == "/problems/validation-error")
    #expect(answer.errors == ["title: required", "slug: required", "author: required"])
    #expect(answer.messages.first == "This field is required.")
  }

  @Test("all kinds of mistakes are reported together")
  func allAtOnce() async throws {
    let answer = try await create(
      #"{"title": "\#(String(repeating: "x", count: 41))", "slug": "  ", "body": null, "status": "gone", "views": 5, "#
        + #""author": "ann", "editor": null, "published_at": "soon", "score": 1, "id": 7}"#)
    #expect(
      answer.errors == [
        "title: max_length", "slug: blank", "body: null", "status: invalid_choice", "views: read_only",
        "author: incorrect_type", "published_at: invalid", "score: unknown_field", "id: read_only",
      ])
  }

  @Test("a reference to a row that is not there, or not readable, is does_not_exist")
  func references() async throws {
    let missing = try await create(#"{"title": "New", "slug": "new", "author": 1, "editor": 77}"#)
    #expect(missing.status == 422)
    #expect(missing.errors == ["editor: does_not_exist"])
    #expect(missing.messages == [#"Invalid pk "77" - object does not exist."#])
    let hidden = try await create(#"{"title": "New", "slug": "new", "author": 1, "editor": 3}"#)
    #expect(hidden.errors == ["editor: does_not_exist"])
    #expect(try await create(#"{"title": "New", "slug": "new", "author": 1, "editor": 2}"#).status == 201)
  }

  @Test("the viewer's own key may be written though the table of users hides them")
  func ownKey() async throws {
    let shy = Viewer(id: .int(sample.shy.id.raw ?? 0), name: "shy")
    #expect(try await api.get("/api/writers/3", as: shy).status == 404)
    #expect(try await create(#"{"title": "New", "slug": "new", "author": 3}"#, as: shy).status == 201)
  }

  @Test("a value that must be unique and is taken: 409 with the field")
  func unique() async throws {
    let answer = try await create(#"{"title": "New", "slug": "one", "author": 1}"#)
    #expect(answer.status == 409)
    #expect(answer.type == "/problems/conflict")
    #expect(answer.errors == ["slug: unique"])
    #expect(answer.messages == ["This field must be unique."])
    let changed = try await patch(#"{"slug": "two"}"#)
    #expect(changed.status == 409)
    let remark = #"{"text": "Hm", "article": 1}"#
    #expect(try await api.send(.post, "/api/remarks", remark, as: sample.asBo).status == 201)
    let second = try await api.send(.post, "/api/remarks", remark, as: sample.asBo)
    #expect(second.errors == ["article: unique", "kind: unique"])
    #expect(second.messages.first == "The fields article, kind must make a unique set.")
  }

  @Test("a check of the table: 422 without its name")
  func check() async throws {
    let open = try await API(REST("api") { Resource(Article.self) })
    let sample = try await Sample(open)
    let answer = try await open.send(.patch, "/api/articles/1", #"{"views": -1}"#, as: sample.asAnn)
    #expect(answer.status == 422)
    #expect(!answer.text.contains("views_not_negative"))
  }

  @Test("PATCH changes what is given and nothing else")
  func partial() async throws {
    let answer = try await patch(#"{"title": "Uno"}"#)
    #expect(answer.status == 200)
    #expect(answer.json["title"]?.plain == "Uno")
    let row = try await Article.get(1, api.db)
    #expect((row.title, row.slug, row.views, row.status) == ("Uno", "one", 10, .published))
    #expect(try await patch("{}").status == 200)
  }

  @Test("PUT needs every field without a default, and resets the others")
  func full() async throws {
    let missing = try await api.send(.put, "/api/articles/2", #"{"title": "Dos"}"#, as: sample.asBo)
    #expect(missing.errors == ["slug: required", "author: required"])
    let answer = try await api.send(.put, "/api/articles/2", #"{"title": "Dos", "slug": "dos", "author": 2}"#, as: sample.asBo)
    #expect(answer.status == 200)
    let row = try await Article.get(2, api.db)
    #expect((row.title, row.slug, row.views, row.status) == ("Dos", "dos", 30, .draft))
    #expect(row.editor == nil)
    #expect(row.publishedAt == nil)
  }

  @Test("what was read can be sent back, read-only fields and hidden references included")
  func roundTrip() async throws {
    let text = try await api.get("/api/articles/2").text
    let answer = try await api.send(.put, "/api/articles/2", text, as: sample.asBo)
    #expect(answer.status == 200, "\(answer.text)")
    #expect(answer.text == text)
    let changed = try await patch(#"{"views": 11, "id": 2, "created_at": "2020-01-01T00:00:00Z"}"#)
    #expect(changed.errors == ["views: read_only", "id: read_only", "created_at: read_only"])
  }

  @Test("a row may not be changed into one that the policy refuses, and nothing of it stays")
  func updateRule() async throws {
    let given = try await patch(#"{"author": 2, "title": "Yours"}"#)
    #expect(given.status == 403)
    #expect(try await Article.get(1, api.db).title == "One")
    #expect(try await patch(#"{"status": "archived"}"#).status == 403)
  }

  @Test("who may not read what they made or changed gets no body")
  func unreadable() async throws {
    let remark = try await api.send(.post, "/api/remarks", #"{"text": "Hm", "article": 4}"#, as: sample.asAnn)
    #expect(remark.status == 201)
    #expect(remark.text.isEmpty)
    #expect(remark.response.headers["Location"] == "/api/remarks/1")
    let writer = try await api.send(.patch, "/api/writers/1", #"{"is_shy": true}"#, as: sample.asAnn)
    #expect(writer.status == 200)
    #expect(writer.text.isEmpty)
  }

  @Test("a rule that needs other rows is asked in the same transaction, and a refusal undoes the write")
  func needsDatabase() async throws {
    try await Article.filter { $0.id == 1 }.update(api.db) { $0.views.set(to: 1000) }
    let answer = try await api.send(.post, "/api/remarks", #"{"text": "Hm", "article": 1}"#, as: sample.asBo)
    #expect(answer.status == 403)
    #expect(try await Remark.query.count(api.db) == 0)
  }

  @Test("malformed JSON is 400 with line and column, another media type 415, too much 413")
  func malformed() async throws {
    let broken = try await create("{\"title\": \"x\",\n  oops}")
    #expect(broken.status == 400)
    #expect(broken.type == "/problems/malformed-json")
    #expect(broken.json["detail"]?.plain.contains("line 2, column 3") == true)
    let twice = try await create(#"{"title": "a", "title": "b"}"#)
    #expect(twice.status == 400)
    #expect(twice.json["detail"]?.plain.contains("title") == true)
    #expect(try await create("[1]").errors == [": invalid"])
    #expect(try await api.send(.post, "/api/articles", "title=x", as: sample.asAnn, type: "text/plain").status == 415)
    let huge = "{\"title\": \"" + String(repeating: "x", count: 3_000_000) + "\"}"
    #expect(try await create(huge).status == 413)
  }

  @Test("keys that the app gives: required and writable on create, fixed afterwards")
  func textKeys() async throws {
    #expect(try await api.send(.post, "/api/countries", #"{"name": "Malta"}"#).errors == ["id: required"])
    let answer = try await api.send(.post, "/api/countries", #"{"id": "ø/", "name": "Malta"}"#)
    #expect(answer.status == 201)
    #expect(answer.response.headers["Location"] == "/api/countries/%C3%B8%2F")
    #expect(try await api.send(.post, "/api/countries", #"{"id": "ABC", "name": "x"}"#).errors == ["id: max_length"])
    #expect(try await api.send(.post, "/api/countries", #"{"id": "MT", "name": "x"}"#).status == 201)
    #expect(try await api.send(.patch, "/api/countries/MT", #"{"id": "IT"}"#).errors == ["id: read_only"])
    #expect(try await api.send(.put, "/api/countries/MT", #"{"id": "MT", "name": "Malta"}"#).json["name"]?.plain == "Malta")
    #expect(try await api.send(.post, "/api/countries", #"{"id": "MT", "name": "x"}"#).errors == ["id: unique"])
  }

  @Test("a write is one transaction")
  func transaction() async throws {
    let statements = StatementLog()
    let observed = api.db.observing { statements.record($0.sql) }
    let viewer = sample.asAnn
    let application = try HTTPApplication(router: Router(REST { Resource(Article.self) }), configuration: API.configuration) {
      $0[DatabaseContext.self] = observed
      $0.viewer = viewer
    }
    let response = await application.respond(
      to: Request(
        .post, "/articles", headers: ["Host": "api.test", "Content-Type": "application/json"],
        body: Array(#"{"title": "New", "slug": "new", "author": 1}"#.utf8)))
    #expect(response.status == .created)
    #expect(statements.texts.count == 2, "the reference is looked up and the row inserted: \(statements.texts)")
  }
}
