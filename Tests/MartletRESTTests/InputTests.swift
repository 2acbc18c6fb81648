import Foundation
import MartletCore
import MartletHTTP
import MartletORM
import MartletREST
import MartletSQL
import Testing

/// What authors send.
@Input struct NewStory {
  /// Shown in lists.
  @Field(maxLength: 20) var title: String
  @Field(validate: .email, transform: [.trim, .lowercase]) var contact: String?
  @Field(validate: [.items(0...3), .each(.length(1...5))]) var tags: [String] = []
  var author: Author
  @Field(validate: .items(1...2), label: "parts") var parts: [Part] = [Part(text: "none")]
  var stage: PublicStageChoice = .draft
  @Field(digits: (6, 2)) var price: Decimal = 0
  var due: CalendarDate?
  var at: Date?
  var bytes: [UInt8]?
  var extra: JSON<[String: Int]>?
  var stages: [PublicStageChoice] = []

  @Input struct Author {
    var name: String
    @Field(help: "Never logged", secret: true) var pin: String?
  }
  @Input struct Part {
    var text: String
    var parts: [Part] = []
  }
  enum PublicStageChoice: String, Choices { case draft, published }

  func validate(_ errors: inout FieldErrors) {
    if tags.contains(title) { errors.add("tags", code: "repeats_title", "A tag repeats the title.") }
    if title == "nothing" { errors.add("", code: "empty", "Nothing to tell.") }
  }
}

@Input struct StoryChange {
  @Field(maxLength: 20) var title: Given<String>
  var subtitle: Given<String?>
  var author: Given<NewStory.Author?>
  var parts: Given<[NewStory.Part]>
  var views: Given<Int>
}

@Input(naming: .snakeCase, unknownFields: .ignored) struct StorySearch {
  /// Words to look for.
  var words: String
  var tag: [String] = []
  @Field(validate: .range(1...100)) var pageSize = 20
  var isOpen: Bool = false
  var since: Date?
  var near: Place?
  @Input struct Place {
    var latitude: Double
    var longitude: Double
  }
}

@Suite("input of hand-written routes")
struct InputTests {
  private func read<T: Input>(_ type: T.Type, _ json: String) throws -> T {
    try InputNode(tree: JSONParser.parse(Array(json.utf8)), path: "", isText: false).input(type)
  }
  private func errors<T: Input>(_ type: T.Type, _ json: String) -> [String] {
    do {
      _ = try read(type, json)
      return []
    } catch let error as ValidationError {
      return error.errors.map { "\($0.field): \($0.code)" }
    } catch { return ["\(error)"] }
  }

  @Test("fields are read in the forms of columns, what is missing takes its default")
  func values() throws {
    let story = try read(
      NewStory.self,
      #"{"title": "One", "contact": " Ann@X.org ", "author": {"name": "Ann"}, "stage": "published", "price": "12.50", "#
        + #""due": "2026-02-28", "at": "2026-11-23T22:21:00+02:00", "bytes": "AP8=", "extra": {"a": 1}}"#)
    #expect(story.title == "One" && story.contact == "ann@x.org" && story.tags == [] && story.author.name == "Ann")
    #expect(story.stage == .published && story.price == 12.5 && story.due == CalendarDate(year: 2026, month: 2, day: 28))
    #expect(story.at == Date(timeIntervalSince1970: 1_795_465_260) && story.bytes == [0, 255] && story.extra?.value == ["a": 1])
    #expect(story.parts.map(\.text) == ["none"] && story.author.pin == nil)
  }

  @Test("every mistake is found at once, with its path")
  func allAtOnce() {
    #expect(
      errors(
        NewStory.self,
        #"{"titel": "x", "contact": "ann", "tags": ["a", 5, "toolong"], "author": {"name": " ", "age": 3}, "stage": "gone", "#
          + #""parts": [{"text": 1}, {}], "price": "1.234", "due": "2026-02-30", "at": 5, "bytes": "?", "extra": [1]}"#)
        == [
          "titel: unknown_field", "title: required", "contact: invalid", "tags.1: invalid", "author.age: unknown_field",
          "author.name: blank", "parts.0.text: invalid", "parts.1.text: required", "stage: invalid_choice",
          "price: max_decimal_places", "due: invalid", "at: invalid", "bytes: invalid", "extra: invalid",
        ])
    #expect(
      errors(NewStory.self, #"{"title": "x", "author": {"name": "a"}, "tags": ["a", "b", "c", "toolong"]}"#)
        == ["tags: max_length", "tags.3: max_length"])
    #expect(errors(NewStory.self, #"{"title": "x", "author": {"name": "a"}, "parts": []}"#) == ["parts: min_length"])
    #expect(
      errors(NewStory.self, #"{"title": "x", "author": {"name": "a"}, "stages": ["draft", "gone", null], "tags": [null]}"#)
        == ["tags.0: null", "stages.1: invalid_choice", "stages.2: null"])
  }

  @Test("what is not an object, or null, is refused where it stands")
  func forms() {
    for text in ["[]", "5", "null", "\"x\""] { #expect(errors(NewStory.self, text) == [": invalid"]) }
    #expect(
      errors(NewStory.self, #"{"title": null, "author": null, "tags": null, "parts": null}"#)
        == ["title: null", "tags: null", "author: null", "parts: null"])
    #expect(errors(NewStory.self, #"{"title": "x", "author": []}"#) == ["author: invalid"])
    #expect(
      errors(NewStory.self, #"{"title": "x", "author": {"name": "a"}, "parts": {}}"#) == [
        "parts: min_length", "parts: max_length",
      ])
  }

  @Test("rules over several fields come last, and may speak of the whole input")
  func acrossFields() {
    let whole = #"{"title": "a", "author": {"name": "a"}, "tags": ["a"]}"#
    #expect(errors(NewStory.self, whole) == ["tags: repeats_title"])
    #expect(errors(NewStory.self, #"{"title": "nothing", "author": {"name": "a"}}"#) == [": empty"])
    #expect(errors(NewStory.self, #"{"title": "a", "author": {}, "tags": ["a"]}"#) == ["author.name: required"])
  }

  @Test("missing, null and a value are three things")
  func patches() throws {
    let none = try read(StoryChange.self, "{}")
    #expect(none.title.isMissing && none.subtitle.isMissing && none.author.isMissing && none.parts.isMissing)
    let some = try read(
      StoryChange.self, #"{"title": "x", "subtitle": null, "author": null, "parts": [{"text": "a"}], "views": 3}"#)
    #expect(some.title == .value("x") && some.subtitle == .value(nil) && some.parts.value?.count == 1 && some.views.or(0) == 3)
    if case .value(nil) = some.author {} else { Issue.record("author is \(some.author)") }
    #expect(
      errors(StoryChange.self, #"{"title": null, "parts": null, "views": null}"#) == [
        "title: null", "parts: null", "views: null",
      ])
    #expect(
      errors(StoryChange.self, #"{"title": " ", "subtitle": "", "author": {"name": 1}, "views": "3"}"#)
        == ["title: blank", "author.name: invalid", "views: invalid"])
    var title = "old", subtitle: String? = "old"
    none.title.apply(to: &title)
    some.subtitle.apply(to: &subtitle)
    #expect(title == "old" && subtitle == nil && some.views.map { $0 * 2 } == .value(6))
  }

  @Test("hostile input costs no more than its bytes, and the answer stays small")
  func hostile() throws {
    let many =
      #"{"title": "x", "author": {"name": "a"}, "tags": ["# + Array(repeating: "7", count: 100_000).joined(separator: ",") + "]}"
    #expect(errors(NewStory.self, many).count == 100)
    let unknown = "{" + (0..<5000).map { "\"f\($0)\": 1" }.joined(separator: ",") + "}"
    #expect(errors(StoryChange.self, unknown).count == 100)
    let parts = #"{"parts": ["# + Array(repeating: "{}", count: 50_000).joined(separator: ",") + "]}"
    #expect(errors(StoryChange.self, parts).count == 100)
    let deep = String(repeating: #"{"text": "a", "parts": ["#, count: 200) + String(repeating: "]}", count: 200)
    #expect(try read(StoryChange.self, #"{"parts": ["# + deep + "]}").parts.value?.count == 1)
    #expect(errors(NewStory.self, #"{"title": "a\u0000", "author": {"name": "a"}}"#) == ["title: null_characters_not_allowed"])
    #expect(errors(StoryChange.self, #"{"views": 1e400}"#) == ["views: invalid"])
    #expect(errors(StoryChange.self, #"{"views": 99999999999999999999}"#) == ["views: max_value"])
  }

  @Test("query strings are read by the same declaration, and their mistakes are a 400")
  func queries() throws {
    func read(_ text: String) throws -> StorySearch { try QueryParameters(text).input(StorySearch.self) }
    let search = try read(
      "words=a+b&tag=x&tag=y&page_size=50&is_open=on&since=2026-11-23T00:00:00Z&near.latitude=1.5&near.longitude=-2&utm=1")
    #expect(
      search.words == "a b" && search.tag == ["x", "y"] && search.pageSize == 50 && search.isOpen && search.near?.latitude == 1.5)
    let plain = try read("words=a&page_size=&since=")
    #expect(plain.pageSize == 20 && !plain.isOpen && plain.since == nil && plain.near == nil && plain.tag == [])
    #expect(try read("words=a&words=b").words == "b")
    let error = #expect(throws: HTTPError.self) { try read("words=&page_size=1000&is_open=perhaps&near.latitude=x&since=soon") }
    #expect(error?.problem.status == 400)
    #expect(
      error?.problem.errors.map { "\($0.field): \($0.code)" } == [
        "words: blank", "page_size: max_value", "is_open: invalid", "since: invalid", "near.latitude: invalid",
        "near.longitude: required",
      ])
    #expect(throws: HTTPError.self) { try read("words=%zz") }
    let hostile = "words=a&" + String(repeating: "a.", count: 5000) + "=1"
    #expect(try read(hostile).words == "a")
  }

  @Test("forms are read by the same declaration; the CSRF token is no field of theirs")
  func form() throws {
    let form = FormData(fields: QueryParameters("csrfmiddlewaretoken=abc&title=One&author.name=Ann&tags=a&tags=b&price=1.5&due="))
    let story = try form.input(NewStory.self)
    #expect(
      story.title == "One" && story.tags == ["a", "b"] && story.price == 1.5 && story.due == nil && story.author.name == "Ann")
    let error = #expect(throws: ValidationError.self) {
      try FormData(fields: QueryParameters("title=&x=1&author=5")).input(NewStory.self)
    }
    #expect(error?.errors.map { "\($0.field): \($0.code)" } == ["x: unknown_field", "title: blank", "author: invalid"])
  }

  static var routes: RouteList {
    RouteList {
      Post("stories") { request in
        let input = try await request.input(NewStory.self)
        return StoryView(title: input.title, tags: input.tags)
      }
      .summary("Write a story").body(NewStory.self).returns(StoryView.self, .created)
      Patch("stories/{id}") { (request, _: Int) in
        _ = try await request.input(StoryChange.self)
        return HTTPStatus.noContent
      }
      .body(StoryChange.self).returns(.noContent)
      Get("stories") { request in [StoryView(title: try request.query.input(StorySearch.self).words, tags: [])] }
        .query(StorySearch.self).returns([StoryView].self)
    }
  }
  private func send(_ method: HTTPMethod, _ target: String, _ body: String = "", type: String = "application/json") async throws
    -> Answer
  {
    let application = try HTTPApplication(router: Router(Self.routes), configuration: API.configuration)
    var headers: HeaderFields = ["Host": "api.test"]
    if !body.isEmpty { headers["Content-Type"] = type }
    return Answer(await application.respond(to: Request(method, target, headers: headers, body: Array(body.utf8))))
  }

  @Test("a route answers 422 with all errors, 400 for what is no JSON, 415 for another media type")
  func answers() async throws {
    let fine = try await send(.post, "/stories", #"{"title": "One", "author": {"name": "Ann"}}"#)
    #expect(fine.status == 200 && fine.text == #"{"title":"One","tags":[]}"#, "\(fine.text)")
    let wrong = try await send(.post, "/stories", #"{"author": {}}"#)
    #expect(
      wrong.status == 422 && wrong.errors == ["title: required", "author.name: required"]
        && wrong.type == "/problems/validation-error")
    #expect(try await send(.post, "/stories", "{").status == 400)
    #expect(try await send(.post, "/stories", #"{"title": "a", "title": "b"}"#).status == 400)
    #expect(try await send(.post, "/stories", "title=a", type: "text/plain").status == 415)
    #expect(try await send(.get, "/stories").errors == ["words: required"])
  }

  @Test("routes with inputs are described as their declarations say")
  func document() throws { try Golden.expect("input.json", OpenAPIDocument(Self.routes).text) }

  @Test("a rule that refuses every value is a system check")
  func checks() {
    #expect(REST.check(Self.routes).isEmpty)
    let wrong = Post("x") { _ in "" }.body(Wrong.self)
    #expect(REST.check(wrong).map { "\($0.id) \($0.object ?? "")" } == ["rest.E030 Wrong.code", "rest.E030 Wrong.parts"])
  }
}

struct StoryView: Codable {
  var title: String
  var tags: [String]
}
private enum Rules {
  static let unreadable = FieldRule.pattern("(")
  static let text = FieldRule.slug
}
@Input struct Wrong {
  @Field(validate: Rules.unreadable) var code: String
  @Field(validate: Rules.text) var parts: [NewStory.Part]
}
