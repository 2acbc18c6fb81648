import Foundation
import MartletCore
import MartletHTTP
import MartletORM
import MartletSQL

// A library: rows that refer to each other in every way, with policies that hide some of them.

@Model(table: "lib_person")
struct Person {
  var id: ID
  @Field(maxLength: 40) var name: String
  var isHidden: Bool = false
  @Field(hidden: true) var note: String = "secret note"
  @HasMany("author") var books: Many<Book>

  static let policy = Policy(Person.self) {
    $0.allow(.read) { person, viewer in person.isHidden == false || viewer.isStaff }
  }
}

@Model(table: "lib_book")
struct Book {
  var id: ID
  @Field(maxLength: 80) var title: String
  var pages: Int = 100
  @Field(digits: (8, 2)) var price: Decimal?
  @Field(index: true) var publishedAt: Date?
  @Relation(onDelete: .cascade) var author: Ref<Person>
  @Relation(onDelete: .setNull) var translator: Ref<Person>?
  @HasMany("book") var reviews: Many<Opinion>
  @ManyToMany var labels: Many<Shelfmark>
  @HasOne var cover: One<Cover>

  static let policy = Policy(Book.self) { $0.allowAll(.read, .create, .update) }
}

@Model(table: "lib_review")
struct Opinion {
  var id: ID
  var text: String
  var isOpen: Bool = true
  @Relation(onDelete: .cascade) var book: Ref<Book>
  @Relation(onDelete: .cascade) var writer: Ref<Person>

  static let policy = Policy(Opinion.self) {
    $0.allow(.read) { review, viewer in review.isOpen == true || review.writer.id == viewer.id }
  }
}

/// No resource of the API is of this model.
@Model(table: "lib_label")
struct Shelfmark {
  var id: ID
  @Field(maxLength: 20, unique: true) var name: String
  @ManyToMany(inverse: "labels") var books: Many<Book>
  static let policy = Policy(Shelfmark.self) { $0.allowAll(.read) }
}

/// Nobody wrote a policy.
@Model(table: "lib_cover")
struct Cover {
  var id: ID
  var file: String
  @OneToOne(onDelete: .cascade) var book: Ref<Book>
}

/// The library over HTTP.
struct Library: Sendable {
  let api: API
  let statements = StatementLog()
  static let models: [any Model.Type] = [Person.self, Book.self, Opinion.self, Shelfmark.self, Cover.self]
  let staff = Viewer(id: .int(99), name: "staff", isStaff: true)

  init(_ routes: some RouteComponent) async throws { api = try await API(routes, Self.models, statements) }

  /// `count` books by turns of Ann and the hidden Hal, with reviews and labels.
  func fill(_ count: Int = 4) async throws {
    let people = try await Person.insert([Person(name: "Ann"), Person(name: "Hal", isHidden: true), Person(name: "Cy")], api.db)
    let labels = try await Shelfmark.insert([Shelfmark(name: "new"), Shelfmark(name: "old")], api.db)
    var books: [Book] = []
    for n in 0..<count {
      let published: Date? = n % 4 == 3 ? nil : Date(timeIntervalSince1970: Double(n % 5) * 86_400)
      let translator: Ref<Person>? = n % 3 == 0 ? Ref(people[2]) : nil
      books.append(
        Book(
          title: "Book \(n)", pages: 100 + n % 3, price: Decimal(n) / 4, publishedAt: published, author: Ref(people[n % 2]),
          translator: translator))
    }
    books = try await Book.insert(books, api.db)
    for book in books.prefix(4) { try await book.add([labels[0]], to: { $0.labels }, api.db) }
    try await Opinion.insert(
      books.prefix(4).flatMap { book in
        [
          Opinion(text: "good", book: Ref(book), writer: Ref(people[2])),
          Opinion(text: "shut", isOpen: false, book: Ref(book), writer: Ref(people[0])),
          Opinion(text: "so so", book: Ref(book), writer: Ref(people[1])),
        ]
      }, api.db)
    if let first = books.first { try await Cover(file: "a.png", book: Ref(first)).insert(api.db) }
  }
}
