import MartletCore
import MartletHTTP
import MartletORM
import MartletREST
import MartletSQL
import TestDatabases
import Testing

@Suite("lists", .onEveryDatabase)
struct ListTests {
  let api: API
  let sample: Sample
  init() async throws {
    api = try await API.blog()
    sample = try await Sample(api)
  }

  @Test("a list holds count, next, previous and results, and only what the viewer may read")
  func shape() async throws {
    let answer = try await api.get("/api/articles")
    #expect(answer.status == 200)
    #expect(answer.json["count"]?.plain == "3")
    #expect(answer.json["next"]?.plain == "http://api.test/api/articles?page=2")
    #expect(answer.json["previous"] == .null)
    #expect(answer.column("slug") == ["one", "two"])
    #expect(try await api.get("/api/articles?status=draft").json["count"]?.plain == "0")
    #expect(try await api.get("/api/articles?status=draft", as: sample.asAnn).column("slug") == ["draft"])
    #expect(try await api.get("/api/articles?status=draft", as: sample.asBo).json["count"]?.plain == "0")
    #expect(try await api.get("/api/articles?status=draft", as: sample.staff).column("slug") == ["draft"])
    #expect(try await api.get("/api/articles?status=draft", as: sample.root).column("slug") == ["draft"])
  }

  @Test("a row is written in the order of the declaration, foreign keys as keys, hidden and secret columns never")
  func row() async throws {
    #expect(
      try await api.get("/api/articles/1").text
        == #"{"id":1,"title":"One","slug":"one","body":"","status":"published","views":10,"author":1,"editor":null,"#
        + #""published_at":"1970-01-02T00:00:00Z","created_at":"1970-01-12T13:46:40Z"}"#)
    #expect(try await api.get("/api/writers/1").text == #"{"id":1,"name":"Ann","email":"ann@x","is_shy":false}"#)
  }

  @Test("the links of a page keep filters, drop the number of the first page, and end with the last page")
  func links() async throws {
    let second = try await api.get("/api/articles?status=published&page=2&ordering=-views")
    #expect(second.column("slug") == ["one"])
    #expect(second.json["next"] == .null)
    #expect(second.json["previous"]?.plain == "http://api.test/api/articles?status=published&ordering=-views")
    let first = try await api.get("/api/articles?page_size=1&status=published")
    #expect(first.json["next"]?.plain == "http://api.test/api/articles?page_size=1&status=published&page=2")
  }

  @Test("a page larger than the largest has the largest's size")
  func largest() async throws {
    #expect(try await api.get("/api/articles?page_size=1000", as: sample.asAnn).results.count == 3)
  }

  @Test("a page past the last one is 404, the first page of an empty list is not")
  func pastTheEnd() async throws {
    let answer = try await api.get("/api/articles?page=3")
    #expect(answer.status == 404)
    #expect(answer.type == "/problems/not-found")
    #expect(try await api.get("/api/articles?page=9223372036854775807").status == 404)
    let empty = try await api.get("/api/articles?views=77")
    #expect(empty.text == #"{"count":0,"next":null,"previous":null,"results":[]}"#)
  }

  @Test(
    "a page that is no positive number is 400 and named",
    arguments: [
      ("page=0", "page: min_value"), ("page=-1", "page: min_value"), ("page=x", "page: invalid"), ("page=1.5", "page: invalid"),
      ("page=99999999999999999999", "page: invalid"), ("page_size=0", "page_size: min_value"), ("page=", "page: invalid"),
    ])
  func badPage(_ query: String, _ error: String) async throws {
    let answer = try await api.get("/api/articles?" + query)
    #expect(answer.status == 400)
    #expect(answer.type == "/problems/invalid-parameter")
    #expect(answer.errors == [error])
  }

  @Test(
    "filters and their lookups",
    arguments: [
      ("id=2", ["two"]), ("views=10", ["one"]), ("views[ne]=10", ["two", "three"]), ("views[gte]=20", ["two", "three"]),
      ("views[gt]=20", ["two"]), ("views[lte]=20", ["one", "three"]), ("views[lt]=20", ["one"]),
      ("views[in]=10,20", ["one", "three"]), ("views[gte]=10&views[lt]=30", ["one", "three"]), ("views[in]=", []),
      ("title[contains]=T", ["two", "three"]), ("title[contains]=t", []), ("title[icontains]=t", ["two", "three"]),
      ("title=One", ["one"]), ("status[in]=draft,published", ["one", "two", "three"]), ("author=1", ["one"]),
      ("author.name=Bo", ["two"]), ("author.name[icontains]=B", ["two"]), ("published_at[null]=true", []),
      ("published_at[gte]=1970-01-03", ["two", "three"]), ("published_at[lt]=1970-01-03T00:00:00Z", ["one"]),
      ("published_at=1970-01-02T01:00:00%2B01:00", ["one"]), ("title=This%20title%20is%20longer%20than%20forty%20letters", []),
    ])
  func filters(_ query: String, _ slugs: [String]) async throws {
    let answer = try await api.get("/api/articles?page_size=3&\(query)")
    #expect(answer.status == 200, "\(answer.text)")
    #expect(answer.column("slug") == slugs)
  }

  @Test("a filter through a relation sees only rows that the viewer may read, and says nothing of the others")
  func relatedPolicy() async throws {
    #expect(try await api.get("/api/articles?author.name=Shy").json["count"]?.plain == "0")
    #expect(try await api.get("/api/articles?editor.name[null]=false").json["count"]?.plain == "0")
    #expect(try await api.get("/api/articles?author.name=Shy", as: sample.staff).column("slug") == ["three"])
    // Neither does an order through a relation: the shy author's article stands where no name does.
    let ordered = try await api.get("/api/articles?ordering=author.name&page_size=3")
    #expect(ordered.column("slug") == ["three", "one", "two"])
    #expect(
      try await api.get("/api/articles?ordering=-author.name&page_size=3&status=published", as: sample.staff).column("slug")
        == ["three", "two", "one"])
  }

  @Test(
    "what is no filter, lookup or value is 400, naming it and what is allowed",
    arguments: [
      ("colour=red", "colour: unknown_parameter", "Allowed: id, status, views"),
      ("score=7", "score: unknown_parameter", "Allowed: id"), ("slug=one", "slug: unknown_parameter", "Allowed: id"),
      ("views[near]=3", "views[near]: unknown_lookup", "views[gte]"), ("views[]=3", "views[]: unknown_lookup", "views[gte]"),
      ("views[contains]=3", "views[contains]: unknown_lookup", "views[gte]"),
      ("status[gt]=draft", "status[gt]: unknown_lookup", "status[ne]"), ("views=many", "views: invalid", "valid integer"),
      ("views=3000000000", "views: max_value", "2147483647"), ("status=gone", "status: invalid_choice", "gone"),
      ("published_at=soon", "published_at: invalid", "Datetime"),
      ("published_at[null]=maybe", "published_at[null]: invalid", "boolean"),
      ("views[in]=1,x", "views[in]: invalid", "valid integer"), ("author=ann", "author: incorrect_type", "pk"),
      ("ordering=title", "ordering: invalid_choice", "Allowed: published_at, views, author.name, id"),
      ("ordering=--id", "ordering: invalid_choice", "Allowed"),
    ])
  func badFilter(_ query: String, _ error: String, _ message: String) async throws {
    let answer = try await api.get("/api/articles?" + query)
    #expect(answer.status == 400)
    #expect(answer.errors == [error])
    #expect(answer.messages.first?.contains(message) == true, "\(answer.messages)")
  }

  @Test("all wrong parameters are reported at once")
  func allAtOnce() async throws {
    let answer = try await api.get("/api/articles?colour=red&page=0&views=x")
    #expect(answer.errors == ["colour: unknown_parameter", "page: min_value", "views: invalid"])
  }

  @Test("more values than a list may have are refused")
  func tooMany() async throws {
    let values = Array(repeating: "1", count: 501).joined(separator: ",")
    #expect(try await api.get("/api/articles?views[in]=" + values).errors == ["views[in]: max_length"])
  }

  @Test(
    "ordering takes several keys, with the primary key last",
    arguments: [
      ("ordering=-views", ["two", "three", "one"]), ("ordering=published_at", ["one", "three", "two"]),
      ("ordering=-id", ["three", "two", "one"]), ("ordering=-published_at,id", ["two", "three", "one"]),
      ("ordering=", ["one", "two", "three"]),
    ])
  func ordering(_ query: String, _ slugs: [String]) async throws {
    #expect(try await api.get("/api/articles?page_size=3&" + query).column("slug") == slugs)
  }

  @Test("a list is one statement with its count inside, its order ending with the key, its filters bound")
  func statements() async throws {
    let statements = StatementLog()
    let observed = api.db.observing { statements.record($0.sql) }
    let application = try HTTPApplication(
      router: Router(REST { Resource(Article.self).filters { $0.author.name }.ordering { $0.views }.pageSize(2) }),
      configuration: API.configuration
    ) { $0[DatabaseContext.self] = observed }
    _ = await application.respond(to: Request(.get, "/articles?author.name=Bo&ordering=-views", headers: ["Host": "api.test"]))
    let texts = statements.texts
    #expect(texts.count == 1)
    #expect(texts.first?.contains(", (SELECT COUNT(*) FROM ") == true)
    let quote = api.db.dialect.quote
    let end = "ORDER BY t0.\(quote("views")) DESC, t0.\(quote("id")) LIMIT 2 OFFSET 0"
    #expect(texts.first?.hasSuffix(end) == true, "\(texts)")
    #expect(texts.last?.contains("Bo") == false)
  }

  @Test("without .filters and .ordering: keys, foreign keys, unique and indexed columns, booleans and enums")
  func defaults() async throws {
    let plain = try await API(REST { Resource(Article.self) })
    let filters = try await plain.get("/articles?x=1").messages.first ?? ""
    #expect(
      filters.hasSuffix("Allowed: id, slug, status, author, editor, published_at, or, and, not, ordering, page, page_size."))
    let ordering = try await plain.get("/articles?ordering=x").messages.first ?? ""
    #expect(ordering.hasSuffix("Allowed: id, slug, published_at."))
  }

  @Test("a resource has its own order, names and path")
  func modifiers() async throws {
    let custom = try await API(
      REST("v2") {
        Resource(Article.self).path("stories").order({ $0.views.desc })
          .fields {
            $0.slug
            $0.publishedAt
            $0.author
            $0.score
          }.hidden { $0.author }
      }.naming(.camelCase))
    _ = try await Sample(custom)
    let answer = try await custom.get("/v2/stories?pageSize=2")
    #expect(answer.column("slug") == ["two", "three"])
    #expect(answer.results.first?.text == #"{"slug":"two","publishedAt":"1970-01-04T00:00:00Z"}"#)
    #expect(try await custom.get("/v2/stories?page_size=2").status == 400)
  }
}
