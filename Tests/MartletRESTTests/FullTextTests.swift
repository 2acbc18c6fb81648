import MartletCore
import MartletHTTP
import MartletORM
import MartletREST
import MartletSQL
import TestDatabases
import Testing

@Model(table: "note")
struct SearchNote {
  var id: ID
  var title: String
  var size: UInt64 = 0
  static let constraints = MartletORM.constraints(SearchNote.self) { fullText($0.title) }
  static let policy = Policy(SearchNote.self) { $0.allowAll(.read) }
}

@Suite("full-text search of a list", .onEveryDatabase)
struct FullTextTests {
  let api: API
  init() async throws {
    api = try await API(REST { Resource(SearchNote.self).path("notes").fullTextSearch().filters { $0.size } }, [SearchNote.self])
    try await SearchNote.insert(
      [SearchNote(title: "Swift servers fly"), SearchNote(title: "Java servers walk", size: .max), SearchNote(title: "Birds")],
      api.db)
  }

  @Test(
    "words, phrases, without, and nothing typed",
    arguments: [
      ("search=servers", ["1", "2"]), ("search=servers+-java", ["1"]), ("search=%22servers+walk%22", ["2"]),
      ("search=birds+OR+java", ["2", "3"]), ("search=nothing", []), ("search=", ["1", "2", "3"]), ("search=+", ["1", "2", "3"]),
      ("search=%22", []), ("not=(search=servers)", ["3"]),
    ])
  func search(_ query: String, _ keys: [String]) async throws {
    #expect(try await api.get("/notes?" + query).column("id") == keys)
  }

  @Test("numbers without a sign are compared as such")
  func unsigned() async throws {
    #expect(try await api.get("/notes?size=18446744073709551615").column("id") == ["2"])
    #expect(try await api.get("/notes?size[gt]=9223372036854775807").column("id") == ["2"])
    #expect(try await api.get("/notes?size=-1").errors == ["size: min_value"])
  }
}
