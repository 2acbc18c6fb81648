import Martlet

/// A query that `library/pairs.py` has by the same name.
struct Pair: Sendable {
  var name: String
  var run: @Sendable (Database) async throws -> [[String?]]

  static var all: [Pair] { comparisons + texts + joins + related + groups + computed + pages }

  /// The keys of a query, in order.
  static func ids<M: Model>(_ name: String, _ query: @escaping @Sendable () -> Query<M>) -> Pair where M.ID == Key<M, Int64> {
    Pair(name: name) { db in
      try await query().unordered().all(db).map(\.id).sorted { ($0.raw ?? 0) < ($1.raw ?? 0) }.map { [$0.description] }
    }
  }
  /// The values of a selection.
  static func values<M, each V>(_ name: String, _ selection: @escaping @Sendable () -> Selection<M, repeat each V>) -> Pair {
    Pair(name: name) { db in
      var rows: [[String?]] = []
      for row in try await selection().all(db) { rows.append(Cells.row((repeat each row))) }
      return rows
    }
  }
}

extension Pair {
  static var comparisons: [Pair] {
    [
      ids("text equals") { Country.filter { $0.code == "DE" } },
      ids("text differs, and NULL differs too") { Book.filter { $0.blurb != "alpha" } },
      ids("integer less") { Author.filter { $0.age < 40 } },
      ids("integer range") { Author.filter { $0.age.between(17, 40) } },
      ids("smallest 32-bit integer") { Author.filter { $0.age == Int32.min } },
      ids("largest 64-bit integer") { Country.filter { $0.population == Int.max } },
      ids("smallest 64-bit integer") { Country.filter { $0.population == Int.min } },
      ids("boolean") { Author.filter { $0.isActive } },
      ids("boolean false") { Author.filter { !$0.isActive } },
      ids("nullable boolean is not true") { Book.filter { $0.inPrint != true } },
      ids("is NULL") { Book.filter { $0.publisher.isNull } },
      ids("is not NULL") { Book.filter { $0.published != nil } },
      ids("decimal equals") { Book.filter { $0.price == Decimal(string: "9.99")! } },
      ids("decimal between") { Book.filter { $0.price >= Decimal(string: "-5.25")! && $0.price < Decimal(string: "12.50")! } },
      ids("largest decimal") { Book.filter { $0.price == Decimal(string: "9999999999.99")! } },
      ids("first day of the calendar") { Author.filter { $0.born == CalendarDate(year: 1, month: 1, day: 1) } },
      ids("last day of the calendar") { Author.filter { $0.born == CalendarDate(year: 9999, month: 12, day: 31) } },
      ids("duration greater") { Employee.filter { $0.leave > .seconds(3600) } },
      ids("negative duration") { Employee.filter { $0.leave < .zero } },
      ids("floating point equals") { Author.filter { $0.rating == 3.25 } },
      ids("tiny floating point") { Author.filter { $0.rating == 1e-300 } },
      ids("in a list") { Review.filter { $0.stars.in([1, 5]) } },
      ids("not in a list") { Review.filter { !$0.stars.in([1, 5]) } },
      ids("not in a list, NULL stays") { Author.filter { !$0.age.in([40, 99]) } },
      ids("column against column") { OrderLine.filter { $0.unitPrice == $0.book.price } },
      ids("column less than column") { OrderLine.filter { $0.unitPrice < $0.book.price } },
    ]
  }

  static var texts: [Pair] {
    [
      ids("contains is case-sensitive") { Book.filter { $0.title.contains("alpha") } },
      ids("icontains") { Book.filter { $0.title.icontains("ALPHA") } },
      ids("starts with") { Book.filter { $0.title.hasPrefix("δ") } },
      ids("ends with") { Book.filter { $0.title.hasSuffix("日本語") } },
      ids("a percent sign is no wildcard") { Book.filter { $0.title.contains("%") } },
      ids("an underscore is no wildcard") { Book.filter { $0.title.contains("_") } },
      ids("a backslash is no escape") { Book.filter { $0.title.contains("\\") } },
      ids("a quote is no end") { Book.filter { $0.title.contains("'") } },
      ids("an emoji") { Book.filter { $0.title.contains("🦆") } },
      ids("iexact") { Order.filter { $0.status.iequals("PAID") } },
      ids("exact is case-sensitive") { Order.filter { $0.status == "paid" } },
      values("lower") { Order.query.order { $0.id.asc }.select { ($0.id, $0.status.lowercased) } },
      values("length in code points") { Tag.query.order { $0.id.asc }.select { ($0.id, $0.name.length) } },
      values("concatenation") { Country.query.order { $0.id.asc }.select { $0.code.appending(": ").appending($0.name) } },
    ]
  }

  static var joins: [Pair] {
    [
      ids("across a foreign key") { Book.filter { $0.author.country.code == "JP" } },
      ids("across a nullable foreign key") { Book.filter { $0.publisher.name == "alpha" } },
      ids("not across a nullable foreign key, NULL stays") { Book.filter { $0.publisher.name != "alpha" } },
      ids("two hops over a nullable key") { Book.filter { $0.publisher.country.code == "DE" } },
      ids("self-reference") { Employee.filter { $0.manager.salary > 50_000 } },
      ids("a manager earns less") { Employee.filter { $0.salary.optional > $0.manager.salary } },
      ids("or of two tables") { Book.filter { $0.author.name.contains("日") || $0.publisher.name == "beta" } },
      values("values of a joined table") {
        Book.query.order { $0.id.asc }.select { ($0.id, $0.author.name, $0.publisher.name) }
      },
    ]
  }

  static var related: [Pair] {
    [
      ids("has reviews") { Book.filter { $0.reviews.isNotEmpty } },
      ids("has no reviews") { Book.filter { $0.reviews.isEmpty } },
      ids("has a five-star review") { Book.filter { $0.reviews.any { $0.stars == 5 } } },
      ids("all reviews have two stars or more") { Book.filter { $0.reviews.all { $0.stars >= 2 } } },
      ids("tagged") { Book.filter { $0.tags.any { $0.name == "alpha" } } },
      values("number of reviews") { Book.query.order { $0.id.asc }.select { ($0.id, $0.reviews.count) } },
      values("two counts do not multiply") { Book.query.order { $0.id.asc }.select { ($0.id, $0.reviews.count, $0.tags.count) } },
      values("number of good reviews") {
        Book.query.order { $0.id.asc }.select { ($0.id, $0.reviews.filter { $0.stars >= 4 }.count) }
      },
      values("best review") { Book.query.order { $0.id.asc }.select { ($0.id, $0.reviews.max { $0.stars }) } },
      values("worst review") { Book.query.order { $0.id.asc }.select { ($0.id, $0.reviews.min { $0.stars }) } },
      values("sum of quantities") {
        Order.query.order { $0.id.asc }.select { ($0.id, $0.lines.sum { $0.quantity.cast(to: Int.self) }) }
      },
      values("busy authors") { Author.filter { $0.books.count > 3 }.order { $0.id.asc }.select { ($0.id, $0.books.count) } },
      values("reports of a manager") {
        Employee.filter { $0.reports.isNotEmpty }.order { $0.id.asc }.select { ($0.id, $0.reports.count) }
      },
      ids("in a subquery") { Book.filter { $0.author.id.in(Author.filter { $0.age > 18 }.select { $0.id }) } },
      ids("not in a subquery") { Book.filter { !$0.author.id.in(Author.filter { $0.age > 18 }.select { $0.id }) } },
      ids("not in a subquery with NULLs") {
        Country.filter { !$0.id.optional.in(Publisher.query.select { $0.country.id }) }
      },
    ]
  }
}
