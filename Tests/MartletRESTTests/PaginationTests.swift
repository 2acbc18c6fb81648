import Foundation
import MartletCore
import MartletHTTP
import MartletORM
import MartletREST
import MartletSQL
import TestDatabases
import Testing

@Suite("pages of lists", .onEveryDatabase)
struct PaginationTests {
  let library: Library
  var api: API { library.api }

  init() async throws {
    library = try await Library(
      REST {
        Resource(Book.self).path("cursor").pagination(.cursor).pageSize(3, max: 10).filters { $0.pages }
          .ordering {
            $0.publishedAt
            $0.pages
            $0.translator.name
            $0.id
          }
        Resource(Book.self).path("offset").pagination(.limitOffset).pageSize(3, max: 10)
        Resource(Book.self).path("uncounted").count(.none).pageSize(3)
        Resource(Book.self).path("estimated").count(.estimated).pageSize(3)
        Resource(Book.self).path("estimatedOffset").count(.estimated).pagination(.limitOffset)
        Resource(Book.self).path("long").pageSize(2000, max: 5000)
      })
  }

  /// The ids of all pages, one after the other by a link.
  private func walk(_ url: String, by link: String = "next") async throws -> (ids: [String], last: Answer) {
    var ids: [String] = [], answer = try await api.get(url)
    while true {
      #expect(answer.status == 200, "\(answer.text)")
      ids += answer.column("id")
      guard let next = answer.json[link]?.string else { return (ids, answer) }
      answer = try await api.get(String(next.dropFirst("http://api.test".count)))
    }
  }

  @Test(
    "cursors lead through every row once, in the order of a whole list, there and back",
    arguments: ["id", "-id", "published_at", "-published_at", "pages,-published_at", "-translator.name,pages", "translator.name"])
  func cursors(_ ordering: String) async throws {
    try await library.fill(20)
    let whole = try await api.get("/cursor?page_size=10&ordering=\(ordering)").column("id")
    let (ids, last) = try await walk("/cursor?ordering=\(ordering)")
    #expect(ids.count == 20 && Set(ids).count == 20)
    #expect(Array(ids.prefix(10)) == whole)
    // Backwards from the last page: the pages before it, each in the list's own order.
    var pages: [[String]] = [], answer = last
    while let previous = answer.json["previous"]?.string {
      answer = try await api.get(String(previous.dropFirst("http://api.test".count)))
      pages.insert(answer.column("id"), at: 0)
    }
    #expect(pages.flatMap { $0 } == Array(ids.dropLast(last.results.count)))
  }

  @Test("rows that come and go between the pages neither repeat nor hide others")
  func concurrent() async throws {
    try await library.fill(6)
    let first = try await api.get("/cursor?ordering=-id")
    #expect(first.column("id") == ["6", "5", "4"])
    try await Book(title: "late", author: .id(1)).insert(api.db)
    try await Book.filter { $0.id == 4 }.delete(api.db)
    let next = try #require(first.json["next"]?.string)
    #expect(try await api.get(String(next.dropFirst("http://api.test".count))).column("id") == ["3", "2", "1"])
  }

  @Test("a cursor that was changed, made up, or made for another order is 400")
  func tampered() async throws {
    try await library.fill(5)
    let next = try #require(try await api.get("/cursor?ordering=-id").json["next"]?.string)
    let cursor = try #require(next.split(separator: "cursor=").last)
    let middle = cursor.index(cursor.startIndex, offsetBy: cursor.count / 2)
    let flipped = cursor[..<middle] + (cursor[middle] == "A" ? "B" : "A") + cursor[middle...].dropFirst()
    for text in [String(flipped), "", "x", "AAAA", String(repeating: "A", count: 9000), "%00", String(cursor) + "AAAA"] {
      let answer = try await api.get("/cursor?ordering=-id&cursor=" + text)
      #expect(answer.status == 400 && answer.errors == ["cursor: invalid"], "\(text.prefix(50))")
    }
    #expect(try await api.get("/cursor?ordering=id&cursor=\(cursor)").errors == ["cursor: invalid"])
    #expect(try await api.get("/cursor?ordering=-id&cursor=\(cursor)").status == 200)
    #expect(try await api.get("/cursor?page=2").errors == ["page: unknown_parameter"])
  }

  @Test("nobody reads the sort keys in a cursor")
  func opaque() async throws {
    try await library.fill(8)
    // One of the two begins with a row of Cy's; the other with one of nobody's.
    for ordering in ["translator.name", "-translator.name"] {
      let first = try await api.get("/cursor?ordering=\(ordering)&page_size=1")
      let next = try #require(first.json["next"]?.string)
      let cursor = try #require(next.components(separatedBy: "cursor=").last?.split(separator: "&").first)
      let padded = cursor.replacing("-", with: "+").replacing("_", with: "/")
      let bytes = Data(base64Encoded: padded + String(repeating: "=", count: (4 - padded.utf8.count % 4) % 4))
      let text = String(decoding: try #require(bytes), as: UTF8.self)
      for part in ["translator", "Cy"] { #expect(!text.contains(part)) }
    }
  }

  @Test("an estimate does not repeat the offset that was asked for")
  func estimatedOffset() async throws {
    try await library.fill(4)
    #expect(try await api.get("/estimated?page=900000").status == 404)
    let answer = try await api.get("/estimatedOffset?offset=900000")
    #expect(Int(answer.json["count"]?.plain ?? "") ?? 900_000 < 100_000, "\(answer.text)")
  }

  @Test("a page by cursor is one statement, which begins at the row and skips nothing")
  func cursorStatement() async throws {
    try await library.fill(8)
    let first = try await api.get("/cursor?ordering=pages")
    let next = try #require(first.json["next"]?.string), before = library.statements.texts.count
    _ = try await api.get(String(next.dropFirst("http://api.test".count)))
    let texts = library.statements.texts.dropFirst(before), quote = api.db.dialect.quote
    #expect(texts.count == 1)
    #expect(texts.first?.contains("WHERE (t0.\(quote("pages")) >= ") == true, "\(texts)")
    #expect(texts.first?.contains("OFFSET") == false)
  }

  @Test("limit and offset, with their links")
  func offsets() async throws {
    try await library.fill(8)
    let answer = try await api.get("/offset?limit=3&offset=3")
    #expect(answer.column("id") == ["4", "5", "6"])
    #expect(answer.json["count"]?.plain == "8")
    #expect(answer.json["next"]?.plain == "http://api.test/offset?limit=3&offset=6")
    #expect(answer.json["previous"]?.plain == "http://api.test/offset?limit=3")
    #expect(
      answer.response.headers["Link"]
        == #"<http://api.test/offset?limit=3>; rel="first", <http://api.test/offset?limit=3>; rel="prev", "#
        + #"<http://api.test/offset?limit=3&offset=6>; rel="next""#)
    #expect(
      try await api.get("/offset?offset=100").text
        == #"{"count":8,"next":null,"previous":"http://api.test/offset?offset=97","results":[]}"#)
    #expect(try await api.get("/offset?offset=-1").errors == ["offset: min_value"])
    #expect(try await api.get("/offset?offset=9223372036854775807").status == 200)
    #expect(try await walk("/offset?limit=3").ids == (1...8).map(String.init))
  }

  @Test("a list that is not counted says so by leaving the number out, and still knows whether there is a next page")
  func uncounted() async throws {
    try await library.fill(6)
    let before = library.statements.texts.count
    let first = try await api.get("/uncounted")
    #expect(library.statements.texts.count == before + 1)
    #expect(first.json["count"] == nil && first.json["next"] != .null && first.results.count == 3)
    #expect(try await api.get("/uncounted?page=2").json["next"] == .null)
    #expect(try await api.get("/uncounted?page=3").status == 404)
  }

  @Test("an estimated number is at least what the page shows, and near the truth after the tables were analysed")
  func estimated() async throws {
    try await library.fill(60)
    switch EveryDatabase.kind {
    case .sqlite: break
    case .postgresql: try await api.db.run(SQLStatement("ANALYZE lib_book", effect: .definition))
    case .mysql: _ = try await api.db.query(SQLStatement("ANALYZE TABLE lib_book", effect: .definition)) { _ in 0 }
    }
    let count = try #require(Int(try await api.get("/estimated").json["count"]?.plain ?? ""))
    #expect((30...120).contains(count), "\(count)")
    #expect(try await walk("/estimated").ids.count == 60)
  }

  @Test("a long page is sent in pieces, the same as a short one")
  func long() async throws {
    try await library.fill(2)
    try await Book.insert((0..<1500).map { Book(title: "n\($0)", author: .id(1)) }, api.db)
    let answer = try await api.get("/long")
    #expect(answer.results.count == 1502)
    if case .bytes = answer.response.body.source { Issue.record("1,502 rows should be streamed") }
    #expect(try await api.get("/long?page_size=2").text.contains(#""count":1502"#))
  }
}
