import Foundation
import MartletCore
import MartletHTTP
import MartletORM
import MartletREST
import MartletSQL
import TestDatabases
import Testing

@Suite("expanded rows and chosen fields", .onEveryDatabase)
struct ExpandTests {
  let library: Library
  var api: API { library.api }

  init() async throws {
    library = try await Library(
      REST("api") {
        Resource(Book.self)
          .expand {
            $0.author
            $0.translator
            $0.reviews.order { $0.id.desc }.limit(2)
            $0.labels
            $0.cover
          }
          .computed("review_count") { book, viewer in book.reviews.count }
          .computed("mine") { book, viewer in book.reviews.any { $0.writer.id == viewer.id } }
          .sparseFields()
        Resource(Opinion.self).expand {
          $0.book
          $0.writer
        }.hidden { $0.isOpen }
        Resource(Person.self).readOnly().expand { $0.books.order { $0.id.asc } }
          .computed("initial", from: { String($0.name.prefix(1)) })
      })
    try await library.fill()
  }

  @Test("references are keys unless the request expands them, in the place where the key stands")
  func plain() async throws {
    let plain = try await api.get("/api/books/1")
    #expect(
      plain.text
        == #"{"id":1,"title":"Book 0","pages":100,"price":"0","published_at":"1970-01-01T00:00:00Z","author":1,"translator":3,"#
        + #""review_count":3,"mine":false}"#)
    let expanded = try await api.get("/api/books/1?expand=author,labels")
    #expect(
      expanded.text
        == #"{"id":1,"title":"Book 0","pages":100,"price":"0","published_at":"1970-01-01T00:00:00Z","#
        + #""author":{"id":1,"name":"Ann","is_hidden":false,"initial":"A"},"translator":3,"#
        + #""review_count":3,"mine":false,"labels":[{"id":1,"name":"new"}]}"#)
  }

  @Test("what the viewer may not read is null or left out, on every level; a model without a policy shows to staff alone")
  func policies() async throws {
    let hal = Viewer(id: .int(2), name: "hal"),
      url = "/api/books/2?expand=author,reviews,translator,cover&fields=author.name,reviews.text,translator,cover"
    #expect(
      try await api.get(url).text
        == #"{"author":null,"translator":null,"reviews":[{"text":"so so"},{"text":"good"}],"cover":null}"#)
    #expect(try await api.get(url, as: Viewer(id: .int(1))).text.contains(#""reviews":[{"text":"so so"},{"text":"shut"}]"#))
    #expect(try await api.get(url, as: library.staff).text.contains(#""author":{"name":"Hal"}"#))
    let cover = "/api/books/1?expand=cover&fields=cover.file"
    #expect(try await api.get(cover, as: hal).text == #"{"cover":null}"#)
    #expect(try await api.get(cover, as: library.staff).text == #"{"cover":{"file":"a.png"}}"#)
  }

  @Test("a list with joined rows, three lists and counts takes as many statements for one row as for all")
  func statements() async throws {
    for size in [1, 4] {
      let before = library.statements.texts.count
      let answer = try await api.get("/api/books?expand=author,reviews.writer,labels,cover&page_size=\(size)")
      #expect(answer.results.count == size)
      // The books with author, cover and their number, the reviews with their writers, the labels.
      #expect(library.statements.texts.count == before + 3)
    }
    let before = library.statements.texts.count
    let deep = try await api.get("/api/people?expand=books.reviews.writer")
    #expect(deep.status == 200)
    #expect(library.statements.texts.count == before + 3)
  }

  @Test("relations of relations expand by what the resource of their model declares, which hides what it hides")
  func nested() async throws {
    let answer = try await api.get("/api/people/1?expand=books.reviews.writer")
    #expect(
      answer.text.contains(
        #""books":[{"id":1,"title":"Book 0","pages":100,"price":"0","published_at":"1970-01-01T00:00:00Z","author":1,"#
          + #""translator":3,"review_count":3,"mine":false,"reviews":[{"id":3,"text":"so so","book":1,"writer":null},"#
          + #"{"id":1,"text":"good","book":1,"writer":{"id":3,"name":"Cy","is_hidden":false,"initial":"C"}}]}"#), "\(answer.text)"
    )
  }

  @Test(
    "a field or a relation that there is not is 400, and names what there is",
    arguments: [
      ("expand=publisher", "expand: invalid_choice"), ("expand=author.publisher", "expand: invalid_choice"),
      ("expand=", "expand: invalid_choice"), ("expand=labels.books", "expand: invalid_choice"),
      ("expand=reviews.book.reviews.book", "expand: max_depth"), ("expand=author,,labels", "expand: invalid_choice"),
      ("fields=title,note", "fields: unknown_field"), ("fields=author.name", "fields: not_expanded"),
      ("fields=author.note&expand=author", "fields: unknown_field"), ("fields=", "fields: unknown_field"),
      ("expnd=author", "expnd: unknown_parameter"),
    ])
  func mistakes(_ query: String, _ error: String) async throws {
    for path in ["/api/books/1?", "/api/books?"] {
      let answer = try await api.get(path + query)
      #expect(answer.status == 400, "\(path + query): \(answer.text)")
      #expect(answer.errors == [error])
    }
  }

  @Test("a row inside of another row takes nothing from it: computed fields are those of their own row")
  func computedInside() async throws {
    let library = try await Library(
      REST {
        Resource(Book.self).fields {
          $0.id
          $0.author
          $0.title
        }.expand { $0.author }.computed("loud", from: { $0.title.uppercased() })
        Resource(Person.self).readOnly().fields { $0.name }.computed("initial", from: { String($0.name.prefix(1)) })
      })
    try await library.fill(1)
    let text = try await library.api.get("/books/1?expand=author").text
    #expect(text == #"{"id":1,"author":{"name":"Ann","initial":"A"},"title":"Book 0","loud":"BOOK 0"}"#)
  }

  @Test("what would hold too many rows is 400, though each of them is read once")
  func rowBomb() async throws {
    let library = try await Library(
      REST {
        Resource(Book.self).pageSize(100, max: 100).expand { $0.labels }
        Resource(Shelfmark.self).pageSize(100, max: 100).expand { $0.books }
      })
    let ann = try await Person(name: "Ann").insert(library.api.db)
    let books = try await Book.insert((0..<100).map { Book(title: "b\($0)", author: Ref(ann)) }, library.api.db)
    let marks = try await Shelfmark.insert((0..<60).map { Shelfmark(name: "m\($0)") }, library.api.db)
    for book in books { try await book.add(marks, to: { $0.labels }, library.api.db) }
    #expect(try await library.api.get("/books?expand=labels").status == 200)
    let answer = try await library.api.get("/books?expand=labels.books.labels")
    #expect(answer.status == 400 && answer.errors == ["expand: too_many_rows"], "\(answer.status)")
  }

  @Test("a bomb of relations or fields is refused at once")
  func bombs() async throws {
    let deep = Array(repeating: "reviews.book", count: 500).joined(separator: ".")
    #expect(try await api.get("/api/books?expand=" + deep).errors == ["expand: max_depth"])
    let wide = (0..<50).map { "reviews.r\($0)" }.joined(separator: ",")
    #expect(try await api.get("/api/books?expand=" + wide).errors == ["expand: max_length"])
    let fields = Array(repeating: "title", count: 300).joined(separator: ",")
    #expect(try await api.get("/api/books?fields=" + fields).errors == ["fields: max_length"])
    // A parameter that stands several times is one list.
    for (name, text) in [("expand", "reviews"), ("fields", "title")] {
      let limit = name == "expand" ? 12 : 200
      let whole = Array(repeating: text, count: limit).joined(separator: ",")
      #expect(try await api.get("/api/books?\(name)=\(whole)").status == 200)
      #expect(try await api.get("/api/books?\(name)=\(whole)&\(name)=\(text)").errors == ["\(name): max_length"])
    }
  }

  @Test("the answer to a write is what the request's parameters ask for")
  func writes() async throws {
    let body = #"{"title":"New","author":1}"#
    let created = try await api.send(.post, "/api/books?expand=author&fields=title,author.name", body, as: library.staff)
    #expect(created.status == 201)
    #expect(created.text == #"{"title":"New","author":{"name":"Ann"}}"#)
    let before = try await Book.query.count(api.db)
    let refused = try await api.send(.post, "/api/books?expand=publisher", body, as: library.staff)
    #expect(refused.status == 400)
    #expect(try await Book.query.count(api.db) == before)
  }

  @Test("the document has the parameters, the expanded schemas and the computed fields")
  func document() {
    let tree = OpenAPIDocument(Library.routes).tree
    let book = tree["components"]?["schemas"]?["Book"]
    #expect(
      book?["properties"]?["author"]?["anyOf"]?.text
        == ##"[{"format":"int64","type":["integer","null"]},{"$ref":"#/components/schemas/Person"}]"##)
    #expect(book?["properties"]?["reviews"]?["items"]?.text == ##"{"$ref":"#/components/schemas/Opinion"}"##)
    #expect(book?["properties"]?["review_count"]?["readOnly"] == true)
    #expect(tree["components"]?["schemas"]?["Opinion"]?["properties"]?["book"]?["anyOf"] != nil)
    let parameters = tree["paths"]?["/books"]?["get"]?["parameters"]?.text ?? ""
    #expect(parameters.contains(#""name":"expand""#))
    #expect(!parameters.contains(#""name":"fields""#))
  }

  @Test("relations of other models, names that are taken and targets without a policy are findings of check")
  func checks() {
    let found = REST.check(
      REST {
        Resource(Opinion.self).readOnly().expand { $0.book.reviews }.computed("text") { review, _ in review.text }
        Resource(Book.self).readOnly().expand { $0.cover }.pagination(.cursor).order { $0.reviews.count.desc }
      })
    #expect(Set(found.map(\.id)).isSuperset(of: ["rest.E001", "rest.E004", "rest.W003", "rest.E005"]), "\(found)")
  }
}

extension Library {
  static var routes: RouteList {
    RouteList {
      REST {
        Resource(Book.self).expand {
          $0.author
          $0.reviews
        }.computed("review_count") { book, _ in book.reviews.count }
        Resource(Opinion.self).expand { $0.book }
        Resource(Person.self).readOnly()
      }
    }
  }
}
