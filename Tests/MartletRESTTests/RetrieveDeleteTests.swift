import MartletCore
import MartletHTTP
import MartletORM
import MartletREST
import MartletSQL
import TestDatabases
import Testing

@Suite("retrieving, deleting and who may", .onEveryDatabase)
struct RetrieveDeleteTests {
  let api: API
  let sample: Sample
  init() async throws {
    api = try await API.blog()
    sample = try await Sample(api)
  }

  @Test("a row that the viewer may not read is as missing as one that is not there")
  func notReadable() async throws {
    let hidden = try await api.get("/api/articles/4", as: sample.asBo),
      missing = try await api.get("/api/articles/999", as: sample.asBo)
    #expect(hidden.status == 404)
    #expect(missing.status == 404)
    #expect(hidden.json["detail"] == missing.json["detail"])
    #expect(try await api.get("/api/articles/4", as: sample.asAnn).status == 200)
    #expect(try await api.get("/api/articles/x").status == 404)
    #expect(try await api.get("/api/articles/99999999999999999999").status == 404)
    for method in [HTTPMethod.put, .patch, .delete] {
      let answer = try await api.send(method, "/api/articles/4", method == .delete ? nil : "{}", as: sample.asBo)
      #expect(answer.status == 404, "\(method)")
    }
  }

  @Test("an unknown method is 405 with Allow")
  func method() async throws {
    let answer = try await api.send(.post, "/api/articles/1", "{}")
    #expect(answer.status == 405)
    #expect(answer.response.headers["Allow"] == "DELETE, GET, HEAD, OPTIONS, PATCH, PUT")
  }

  @Test("readable but not allowed: 401 with a challenge for the anonymous, 403 for others")
  func refused() async throws {
    for method in [HTTPMethod.patch, .delete, .put] {
      let body = method == .delete ? nil : "{}"
      let anonymous = try await api.send(method, "/api/articles/1", body)
      #expect(anonymous.status == 401)
      #expect(anonymous.response.headers["WWW-Authenticate"] == "Bearer")
      let other = try await api.send(method, "/api/articles/1", body, as: sample.asBo)
      #expect(other.status == 403)
      #expect(other.type == "/problems/forbidden")
    }
    let anonymous = try await api.send(.post, "/api/articles", "not json")
    #expect(anonymous.status == 401)
  }

  @Test("the owner and staff delete: 204, and it is gone")
  func delete() async throws {
    let answer = try await api.send(.delete, "/api/articles/1", as: sample.asAnn)
    #expect(answer.status == 204)
    #expect(answer.text.isEmpty)
    #expect(try await api.get("/api/articles/1", as: sample.staff).status == 404)
    #expect(try await api.send(.delete, "/api/articles/2", as: sample.staff).status == 204)
    #expect(try await api.send(.delete, "/api/articles/3", as: sample.root).status == 204)
  }

  @Test("a row that others refer to and protect is not deleted: 409")
  func protected() async throws {
    try await Remark(text: "Hm", article: .id(1)).insert(api.db)
    let answer = try await api.send(.delete, "/api/articles/1", as: sample.asAnn)
    #expect(answer.status == 409)
    #expect(answer.type == "/problems/conflict")
    #expect(try await api.get("/api/articles/1").status == 200)
  }

  @Test("a model without a policy answers staff alone")
  func noPolicy() async throws {
    for target in ["/api/memos", "/api/memos/1"] {
      #expect(try await api.get(target).status == 401)
      #expect(try await api.get(target, as: sample.asAnn).status == 403)
    }
    let created = try await api.send(.post, "/api/memos", #"{"text": "Hm"}"#, as: sample.staff)
    #expect(created.status == 201)
    #expect(created.text == #"{"id":1,"text":"Hm"}"#)
    #expect(try await api.get("/api/memos/1", as: sample.root).status == 200)
    #expect(try await api.send(.post, "/api/memos", #"{"text": "Hm"}"#, as: sample.asAnn).status == 403)
  }

  @Test("a resource has only the routes of its actions")
  func actions() async throws {
    let limited = try await API(
      REST {
        Resource(Country.self).readOnly()
        Resource(Thing.self).actions(.list, .create)
      })
    #expect(try await limited.send(.post, "/countries", "{}").status == 405)
    #expect(try await limited.get("/countries").status == 200)
    #expect(try await limited.get("/things/019376a0-0000-7000-8000-000000000000").status == 404)
    #expect(try await limited.send(.post, "/things", "{}").status == 201)
  }

  @Test("a challenge of the app's own")
  func challenge() async throws {
    let token = try await API(REST { Resource(Memo.self) }.challenge("Token"))
    #expect(try await token.get("/memos").response.headers["WWW-Authenticate"] == "Token")
  }

  @Test("without a database the request fails as the server's fault, and says nothing of it")
  func noDatabase() async throws {
    let application = try HTTPApplication(router: Router(REST { Resource(Country.self) }), configuration: API.configuration)
    let answer = Answer(await application.respond(to: Request(.get, "/countries", headers: ["Host": "api.test"])))
    #expect(answer.status == 500)
    #expect(!answer.text.contains("database"))
  }

  @Test("check reports a missing policy, fields that are no columns, and columns that nothing can fill")
  func checks() throws {
    let messages = REST.check(
      REST {
        Resource(Memo.self)
        Resource(Article.self).filters {
          $0.views + 1
          $0.score
        }
        Resource(Country.self).hidden { $0.name }
      })
    #expect(messages.map(\.id) == ["rest.W001", "rest.E001", "rest.E001", "rest.E002"])
    #expect(messages[2].message.contains("'score' is hidden or secret"))
    #expect(messages[3].message.contains("Country.name"))
  }

  @Test("a key of several columns names no row in a path, and the check says so before anything is served")
  func compositeKey() {
    let messages = REST.check(REST("api") { Resource(Seat.self) })
    #expect(messages.map(\.id) == ["rest.E003"] && messages[0].level == .error)
    #expect(messages[0].message.contains("Seat has a key of several columns"))
  }
}

@Model(app: "hall")
private struct Seat {
  @Field(primaryKey: true) var row: Int
  @Field(primaryKey: true) var number: Int
  static let policy = Policy(Seat.self) { $0.allowAll(.read) }
}
