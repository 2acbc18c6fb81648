import Foundation
import MartletCore
import MartletHTTP
import MartletORM
import MartletREST
import MartletSQL
import TestDatabases
import Testing

@Suite("filters", .onEveryDatabase)
struct FilterTests {
  let api: API
  let staff = Viewer(id: .int(9), name: "staff", isStaff: true)
  init() async throws { api = try await API.films() }

  /// The first letters of the films found.
  private func found(_ query: String, as viewer: Viewer = .anonymous) async throws -> String {
    let answer = try await api.get("/films?" + query.replacing(" ", with: "%20"), as: viewer)
    guard answer.status == 200 else { return answer.text }
    return answer.column("title").map { $0.prefix(1).uppercased() }.joined()
  }

  @Test(
    "text",
    arguments: [
      ("title=Delta", "D"), ("title=delta", ""), ("title[iexact]=DELTA", "D"), ("title[ne]=Delta", "ABG"),
      ("title[contains]=eta", "B"), ("title[contains]=ann", ""), ("title[icontains]=ann", "G"), ("title[icontains]=été", "G"),
      ("title[startswith]=Al", "A"), ("title[startswith]=al", ""), ("title[istartswith]=AL", "A"),
      ("title[endswith]=a", "D"), ("title[iendswith]=A", "D"), ("title[endswith]=%25", "B"), ("title[contains]=_1", "B"),
      ("title[contains]=%25", "B"), ("title[in]=Delta,Nothing", "D"),
      ("title[in]=\"gamma (Ann), ÉTÉ\",Delta", "GD"), ("title[not_in]=Delta,Alpha Centauri", "BG"),
      ("title[in]=\"open,Delta", "D"), ("title[gte]=D&title[lt]=E", "D"), ("title[range]=A,C", "AB"),
      ("title[contains]=", "ABGD"),
    ])
  func text(_ query: String, _ films: String) async throws { #expect(try await found(query) == films) }

  @Test(
    "numbers, enums, keys, lengths of time",
    arguments: [
      ("minutes=90", "A"), ("minutes[range]=90,120", "AB"), ("minutes[range]=120,90", ""), ("minutes[not_in]=90,120", "GD"),
      ("minutes[not_in]=", "ABGD"), ("minutes[in]=", ""), ("minutes[gt]=90&minutes[lt]=150", "B"), ("price[gte]=12", "BG"),
      ("price[range]=9.5,12.00", "AB"), ("price=12.25", "G"), ("genre=drama", "AD"), ("genre[ne]=drama", "BG"),
      ("genre[in]=comedy,horror", "BG"), ("genre[not_in]=comedy", "AGD"), ("studio=1", "AB"), ("studio[not_in]=1,2", "D"),
      ("id[in]=1,4", "AD"), ("length[gt]=PT1H30M", "BG"), ("length=7200", "B"),
    ])
  func numbers(_ query: String, _ films: String) async throws { #expect(try await found(query) == films) }

  @Test(
    "parts of moments, days and times",
    arguments: [
      ("shown_at[year]=2024", "A"), ("shown_at[year.gte]=2025", "BG"), ("shown_at[year.in]=2024,2026", "AG"),
      ("shown_at[month]=11", "G"), ("shown_at[month.lt]=3", "AB"), ("shown_at[day]=29", "A"), ("shown_at[quarter]=1", "AB"),
      ("shown_at[week]=47", "G"), ("shown_at[week]=1", "B"), ("shown_at[iso_year]=2025", "B"),
      ("shown_at[weekday]=7", "G"), ("shown_at[weekday]=3", "B"), ("shown_at[hour]=23", "A"), ("shown_at[minute]=30", "G"),
      ("shown_at[second]=45", "G"), ("shown_at[second.gte]=45", "AG"), ("shown_at[date]=2025-01-01", "B"),
      ("shown_at[date.gt]=2024-02-29", "BG"), ("shown_at[date.lte]=2024-02-29", "A"), ("shown_at[null]=true", "D"),
      ("shown_at[range]=2024-01-01,2025-01-01", "AB"), ("day[year]=2025", "BD"), ("day[quarter]=4", "GD"),
      ("day[week]=1", "BD"), ("day[iso_year]=2026", "GD"), ("day[weekday]=4", "A"), ("day[month]=2", "A"),
      ("day[day.gte]=29", "AD"),
      ("day[range]=2025-01-01,2025-12-31", "BD"), ("clock[hour]=9", "A"), ("clock[minute]=30", "A"), ("clock[second]=15", "A"),
      ("clock[gte]=10:00", "B"), ("clock[null]=false", "AB"),
    ])
  func parts(_ query: String, _ films: String) async throws { #expect(try await found(query) == films) }

  @Test(
    "lists: all of, one of, nothing but, how many",
    arguments: [
      ("words[contains]=star", "AB"), ("words[contains]=star,far", "A"), ("words[overlap]=far,near", "A"),
      ("words[overlap]=", ""), ("words[contained_by]=star", "BGD"), ("words[len]=0", "GD"), ("words[len.gte]=1", "AB"),
    ])
  func lists(_ query: String, _ films: String) async throws { #expect(try await found(query) == films) }

  @Test(
    "values that the app computes, and conditions of its own",
    arguments: [
      ("theme=dark", "A"), ("theme[icontains]=LIGHT", "B"), ("theme[null]=true", "GD"), ("review_count[gte]=1", "ABG"),
      ("review_count=0", "D"), ("review_count[in]=1,2", "ABG"), ("long=true", "BG"), ("long=false", "AD"), ("kind=horror", "G"),
      ("visible=true", "ABG"), ("visible=false", "ABGD"),
    ])
  func named(_ query: String, _ films: String) async throws { #expect(try await found(query) == films) }

  @Test("a condition of the app's knows who looks")
  func viewer() async throws { #expect(try await found("visible=true", as: staff) == "ABGD") }

  @Test(
    "a to-many relation matches where one of the readable rows does",
    arguments: [
      ("labels=2", "B", "B"), ("labels[in]=1,2", "AB", "AB"), ("labels[null]=true", "GD", "GD"),
      ("labels[null]=false", "AB", "AB"),
      ("labels.name=Classic", "AB", "AB"), ("reviews.stars=5", "A", "A"), ("reviews.stars[lte]=2", "A", "AG"),
      ("reviews.stars=5&reviews.stars=1", "A", "A"), ("reviews.studio.name=Bo", "A", "A"), ("reviews.studio.name=Shy", "", "A"),
      ("not=(reviews.stars=5)", "BGD", "BGD"), ("not=(labels=1)", "GD", "GD"),
    ])
  func toMany(_ query: String, _ films: String, _ forStaff: String) async throws {
    #expect(try await found(query) == films)
    #expect(try await found(query, as: staff) == forStaff)
  }

  @Test(
    "or, and, not",
    arguments: [
      ("or=(genre=horror,minutes[lt]=90)", "GD"), ("or=(genre=horror)&minutes=150", "G"), ("or=(genre=horror)&minutes=1", ""),
      ("and=(genre=drama,minutes=60)", "D"), ("not=(genre=drama)", "BG"), ("not=(genre=drama,minutes=60)", "ABG"),
      ("or=(and(genre=drama,minutes=60),not(minutes[lt]=150))", "GD"), ("or=(title=\"gamma (Ann), ÉTÉ\",title=Delta)", "GD"),
      ("or=(title[in]=(Delta,\"gamma (Ann), ÉTÉ\"),minutes=90)", "AGD"), ("or=(minutes[range]=(90,120),genre=horror)", "ABG"),
      ("or=(genre[in]=comedy,genre=horror)", "BG"), ("not=(studio.name=Shy)", "ABGD"),
      ("or=(shown_at[null]=true,theme=dark)", "AD"),
      ("or=(search=centauri,search=delta)", "AD"), ("or=(title=,genre=horror)", "G"), ("not=(or(minutes=90,minutes=60))", "BG"),
      ("or=(minutes=90)&or=(genre=drama)", "A"), ("or=(title=\"say \\\"hi\\\"\",minutes=60)", "D"),
    ])
  func combinations(_ query: String, _ films: String) async throws { #expect(try await found(query) == films) }

  @Test(
    "search: each word in one of the fields, in any case, quoted words side by side",
    arguments: [
      ("search=ALPHA", "A"), ("search=alpha ann", "A"), ("search=ann", "ABG"), ("search=bo gamma", "G"),
      ("search=alpha beta", ""),
      ("search=\"alpha centauri\"", "A"), ("search=\"centauri alpha\"", ""), ("search=classic beta", "B"), ("search=", "ABGD"),
      ("search=%25", "B"), ("search=shy", ""), ("search=été", "G"), ("search=alpha,centauri", "A"), ("search=\"alpha", "A"),
    ])
  func search(_ query: String, _ films: String) async throws { #expect(try await found(query) == films) }

  @Test("search through a relation finds rows that staff may read")
  func searchAsStaff() async throws { #expect(try await found("search=shy", as: staff) == "D") }

  @Test(
    "what is no filter, lookup, value or combination is 400, named",
    arguments: [
      ("title[regex]=a", "title[regex]: unknown_lookup"), ("title[year]=1", "title[year]: unknown_lookup"),
      ("shown_at[year.near]=1", "shown_at[year.near]: unknown_lookup"), ("shown_at[year.]=1", "shown_at[year.]: unknown_lookup"),
      ("shown_at[.gte]=1", "shown_at[.gte]: unknown_lookup"), ("title[exact]=a", "title[exact]: unknown_lookup"),
      ("shown_at[year]=soon", "shown_at[year]: invalid"), ("shown_at[year]=99999999999", "shown_at[year]: max_value"),
      ("shown_at[date]=2025-02-30", "shown_at[date]: invalid"), ("minutes[range]=1", "minutes[range]: invalid"),
      ("minutes[range]=1,2,3", "minutes[range]: invalid"), ("minutes[range]=1,x", "minutes[range]: invalid"),
      ("words=star", "words: unknown_lookup"), ("words[len]=x", "words[len]: invalid"),
      ("genre[in]=drama,x", "genre[in]: invalid_choice"),
      ("title[contains]=%00", "title[contains]: invalid"), ("long=maybe", "long: invalid"),
      ("long[ne]=true", "long[ne]: unknown_lookup"), ("kind=western", "kind: invalid_choice"), ("search=%00", "search: invalid"),
      ("reviews.text=Good", "reviews.text: unknown_parameter"), ("reviews=1", "reviews: unknown_parameter"),
      ("settings=1", "settings: unknown_parameter"), ("labels=x", "labels: invalid"), ("or=", "or: invalid"),
      ("or=()", "or: invalid"),
      ("or=(genre=drama", "or: invalid"), ("or=(genre=drama))", "or: invalid"), ("or=genre=drama", "or: invalid"),
      ("or=(genre)", "or: invalid"), ("or=(colour=red)", "or: unknown_parameter"), ("or=(minutes[near]=1)", "or: unknown_lookup"),
      ("or=(minutes=x)", "or: invalid"), ("or=(page=2)", "or: unknown_parameter"), ("or=(title=\"open)", "or: invalid"),
      ("or=(minutes=(1,2))", "or: invalid"), ("or[gte]=(minutes=1)", "or[gte]: unknown_parameter"),
      ("xor=(minutes=1)", "xor: unknown_parameter"),
    ])
  func refused(_ query: String, _ error: String) async throws {
    let answer = try await api.get("/films?" + query.replacing(" ", with: "%20"))
    #expect(answer.status == 400)
    #expect(answer.errors == [error], "\(answer.text)")
  }

  @Test("conditions inside of combinations count with the others, and stand in each other five deep at most")
  func bombs() async throws {
    let few = try await API(REST { Resource(Film.self).filters { $0.minutes } }, API.filmModels)
    let many = (0..<50).map { "minutes=\($0)" }.joined(separator: ",")
    #expect(try await few.get("/films?or=(\(many))").status == 200)
    #expect(try await few.get("/films?or=(\(many))&minutes=1").errors == ["minutes: max_length"])
    #expect(try await few.get("/films?or=(\(many),minutes=90)").errors == ["or: max_length"])
    let values = "minutes[in]=(" + (0..<500).map(String.init).joined(separator: ",") + ")"
    let lists = Array(repeating: values, count: 21).joined(separator: ",")
    #expect(try await few.get("/films?or=(\(lists))").errors == ["or: max_length"])
    let deep = String(repeating: "not(", count: 4) + "minutes=90" + String(repeating: ")", count: 4)
    #expect(try await found("not=(\(deep))") == "BGD")
    #expect(try await api.get("/films?not=(not(\(deep)))").errors == ["not: max_depth"])
    let bomb = String(repeating: "or(", count: 20_000)
    #expect(try await api.get("/films?or=(\(bomb)").errors == ["or: max_depth"])
    #expect(
      try await api.get("/films?search=" + Array(repeating: "a", count: 17).joined(separator: "+")).errors == [
        "search: max_length"
      ])
    #expect(try await api.get("/films?search=" + Array(repeating: "a", count: 16).joined(separator: "+")).status == 200)
  }

  @Test("an API in camelCase names its lookups so too")
  func camelCase() async throws {
    let camel = try await API(
      REST { Resource(Film.self).filters { $0.shownAt }.filter("reviewCount") { $0.reviews.count } }.naming(.camelCase),
      API.filmModels)
    try await FilmSample.insert(camel.db)
    #expect(try await camel.get("/films?shownAt[isoYear]=2025").column("title") == ["Beta_100%"])
    #expect(try await camel.get("/films?reviewCount[notIn]=0,1").column("title") == ["Alpha Centauri"])
    #expect(try await camel.get("/films?shownAt[iso_year]=2025").status == 400)
  }
}

@Suite("the declaration of filters")
struct FilterDeclarationTests {
  private func mistakes(_ resource: Resource<Film>) -> [String] {
    REST.check(REST { resource }).map { "\($0.id) \($0.message)" }
  }

  @Test("a filter, a search or an order through a model without a policy is a warning, each of them")
  func withoutPolicy() {
    let found = mistakes(
      Resource(Film.self).readOnly().filters { $0.labels.each { $0.name } }.search { $0.labels.each { $0.name } })
    #expect(found.count == 2)
    #expect(found.first?.hasPrefix("rest.W002 The filter “labels.name” of the resource “films” goes through FilmLabel") == true)
    #expect(mistakes(Resource(Film.self).readOnly().filters { $0.studio.name }.ordering { $0.studio.name }).isEmpty)
  }

  @Test("what is no filter is an error: an order through many rows, a search in a number, a name that is taken")
  func wrong() {
    #expect(
      mistakes(Resource(Film.self).readOnly().ordering { $0.reviews.each { $0.stars } }).first?.hasPrefix("rest.E001") == true)
    #expect(mistakes(Resource(Film.self).readOnly().search { $0.minutes }).first?.contains("'minutes' is no text") == true)
    #expect(
      mistakes(Resource(Film.self).readOnly().fullTextSearch()).first?.contains("declares no full-text index") == true)
    let taken = mistakes(
      Resource(Film.self).readOnly().filter("or") { $0.minutes }.filter("minutes") { $0.minutes }.filters { $0.minutes })
    #expect(taken.count { $0.hasPrefix("rest.E024") } == 2)
  }

  @Test("every parameter is in the document, once, with its type")
  func documented() throws {
    let document = OpenAPIDocument(
      REST {
        Resource(Film.self).filters {
          $0.genre
          $0.shownAt
          $0.words
          $0.labels
        }.search { $0.title }.filter("long", "Two hours") { (film, isLong: Bool) in film.minutes >= 120 }
      })
    let parameters = try #require(document.tree["paths"]?["/films"]?["get"]?["parameters"])
    guard case .array(let list) = parameters else {
      Issue.record("no list: \(parameters.text)")
      return
    }
    let names = list.compactMap { $0["name"]?.string }
    #expect(Set(names).count == names.count)
    #expect(
      Set(names).isSuperset(of: ["genre[in]", "shown_at[year.gte]", "words[overlap]", "labels[null]", "search", "or", "long"]))
    func schema(_ name: String) -> String { list.first { $0["name"]?.string == name }?["schema"]?.text ?? "" }
    #expect(
      schema("genre[not_in]") == ##"{"type":"array","items":{"$ref":"#/components/schemas/FilmGenre"},"maxItems":500}"##)
    #expect(schema("shown_at[year.gte]") == #"{"type":"integer","format":"int32"}"#)
    #expect(schema("shown_at[date]") == #"{"type":"string","format":"date"}"#)
    #expect(schema("words[len.in]") == #"{"type":"array","items":{"type":"integer","format":"int32"},"maxItems":500}"#)
    #expect(schema("long") == #"{"type":"boolean"}"#)
  }
}
