import Foundation
import Martlet

// The app of this folder's tests: two models, users, a few routes.

@Model(app: "bookshop")
struct Author {
  var id: ID
  @Field(maxLength: 100) var name: String
}

@Model(app: "bookshop")
struct Book {
  var id: ID
  @Field(maxLength: 100) var title: String
  @Relation(onDelete: .cascade) var author: Ref<Author>
}

/// A file for one test's database, and a folder for what it writes.
final class TestFolder: Sendable {
  let path: String
  init() throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("martlet-cli-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }
  deinit { try? FileManager.default.removeItem(atPath: path) }

  var databaseURL: String { "sqlite:///\(path)/test.sqlite3" }
  func read(_ name: String) throws -> String { try String(contentsOfFile: path + "/" + name, encoding: .utf8) }
}

struct Bookshop: Backend {
  var models: Models {
    AuthModels.all
    Author.self
    Book.self
  }
  var routes: some Routes {
    Get("books") { request in
      var titles: [String] = []
      for book in try await Book.query.with({ $0.author }).order({ $0.id.asc }).all(request.db) {
        titles.append("\(book.title) by \(try book.author.name)")
      }
      return titles
    }
    Post("books") { request -> Response in
      let author = try await Author(name: "Ada").insert(request.db)
      try await Book(title: "Notes", author: Ref(author)).insert(request.db)
      return Response(status: .created)
    }
    Get("me") { request in
      ["name": request.viewer.name ?? "nobody", "environment": request.settings?.environment.rawValue ?? "?"]
    }
    Get("fail") { request -> String in
      try await request.db.run(SQLStatement("SELECT nonsense FROM nowhere"))
      return "not reached"
    }
  }
}

/// The same app with its migrations, as if `makemigrations` had been run twice.
struct MigratedBookshop: Backend {
  static let name = "bookshop"
  var models: Models {
    Author.self
    Book.self
  }
  var routes: some Routes { Get("") { _ in "home" } }
  var migrations: [Migration] {
    [
      Migration("0001_author") { m in
        m.create("bookshop_author_old") { t in
          t.id()
          t.column("name", .varchar(100))
        }
      },
      Migration("0002_rename") { m in m.renameTable("bookshop_author_old", to: "bookshop_author") },
    ]
  }
}
