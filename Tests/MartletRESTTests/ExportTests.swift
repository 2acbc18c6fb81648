import Foundation
import MartletCore
import MartletHTTP
import MartletORM
import MartletREST
import MartletSQL
import TestDatabases
import Testing

@Suite("exports", .onEveryDatabase)
struct ExportTests {
  let library: Library
  var api: API { library.api }

  init() async throws {
    library = try await Library(
      REST {
        Resource(Book.self).exportable().sparseFields().pageSize(2, max: 2).filters { $0.pages }.expand {
          $0.author
          $0.labels
        }
        Resource(Person.self).readOnly()
      })
    try await library.fill()
  }

  @Test("CSV has a header and all rows, texts in quotes where they need them, references as keys")
  func csv() async throws {
    try await Book(title: "a \"b\", c\nd", author: .id(1)).insert(api.db)
    let answer = try await api.get("/books?format=csv")
    #expect(answer.response.headers["Content-Type"] == "text/csv; charset=utf-8")
    #expect(answer.response.headers["Content-Disposition"] == #"attachment; filename="books.csv""#)
    let lines = [
      "id,title,pages,price,published_at,author,translator", "1,Book 0,100,0,1970-01-01T00:00:00Z,1,3",
      "2,Book 1,101,0.25,1970-01-02T00:00:00Z,2,", "3,Book 2,102,0.5,1970-01-03T00:00:00Z,1,", "4,Book 3,100,0.75,,2,3",
      "5,\"a \"\"b\"\", c\nd\",100,,,1,", "",
    ]
    #expect(answer.text == lines.joined(separator: "\r\n"))
  }

  @Test("what a spreadsheet would run is no formula any more; numbers stay numbers")
  func formulas() async throws {
    for title in ["=1+2", "+x", "-x", "@x", "\tx", "-12.5", "ok=1"] {
      try await Book(title: title, author: .id(1)).insert(api.db)
    }
    let titles = try await api.get("/books?format=csv&fields=title").text.split(separator: "\r\n").suffix(7)
    #expect(Array(titles) == ["'=1+2", "'+x", "'-x", "'@x", "'\tx", "-12.5", "ok=1"])
  }

  @Test("NDJSON has the rows of the list, one a line, with what they expand to")
  func ndjson() async throws {
    let answer = try await api.get("/books?format=ndjson&pages=100&expand=author&fields=id,author.name", as: library.staff)
    #expect(answer.response.headers["Content-Type"] == "application/x-ndjson")
    #expect(answer.text == #"{"id":1,"author":{"name":"Ann"}}"# + "\n" + #"{"id":4,"author":{"name":"Hal"}}"# + "\n")
  }

  @Test("a page that is named is exported alone, the formats stand in Vary, and what the parameter says goes before Accept")
  func pages() async throws {
    #expect(try await api.get("/books?format=csv&fields=id&page=2&page_size=2").text == "id\r\n3\r\n4\r\n")
    #expect(try await api.get("/books").response.headers["Vary"]?.contains("Accept") == true)
    let answer = try await api.send(.get, "/books?format=csv&fields=id", headers: ["Accept": "image/png"])
    #expect(answer.status == 200 && answer.text.hasPrefix("id\r\n"))
    #expect(try await api.send(.get, "/books", headers: ["Accept": "image/png"]).status == 406)
  }

  @Test("lists of rows are exported by short statements, in whatever order of columns")
  func lists() async throws {
    let answer = try await api.get("/books?format=ndjson&fields=id,labels.name&expand=labels")
    #expect(answer.text.split(separator: "\n").first == #"{"id":1,"labels":[{"name":"new"}]}"#)
    #expect(answer.text.split(separator: "\n").count == 4)
  }

  @Test(
    "a long export with lists has each row once, in the order of the list, by two statements for 500 rows",
    arguments: ["id", "-published_at"])
  func batches(_ ordering: String) async throws {
    let dates: [Date?] = [nil, Date(timeIntervalSince1970: 0), Date(timeIntervalSince1970: 86_400)]
    try await Book.insert((0..<1196).map { Book(title: "t\($0)", publishedAt: dates[$0 % 3], author: .id(1)) }, api.db)
    func ids(_ more: String) async throws -> [Substring] {
      let text = try await api.get("/books?format=ndjson&ordering=\(ordering)&fields=id\(more)").text
      return text.split(separator: "\n").map { $0.dropFirst(#"{"id":"#.count).prefix { $0.isNumber } }
    }
    let streamed = try await ids("")
    let before = library.statements.texts.count, batched = try await ids(",labels.name&expand=labels")
    #expect(batched == streamed && Set(batched).count == 1200)
    #expect(library.statements.texts.count - before == 6, "\(library.statements.texts[before...])")
  }

  @Test("an unknown format, or one of a resource that exports nothing, is 400")
  func unknown() async throws {
    #expect(try await api.get("/books?format=xml").errors == ["format: invalid_choice"])
    #expect(try await api.get("/people?format=csv").errors == ["format: unknown_parameter"])
  }
}
