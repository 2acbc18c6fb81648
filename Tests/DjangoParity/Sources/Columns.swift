import MartletORM

/// A model whose columns the interpreter finds by Django's names: `author__country__code`.
protocol NamedColumns: Model {
  static func columns(_ row: Fields) -> [String: Node]
  /// The to-many relations: how many rows, and whether one fits a condition.
  static func related(_ name: String, _ row: Fields) -> Node?
}

extension NamedColumns {
  static func related(_ name: String, _ row: Fields) -> Node? { nil }
}

private func under(_ name: String, _ columns: [String: Node]) -> [String: Node] {
  Dictionary(uniqueKeysWithValues: columns.map { ("\(name)__\($0.key)", $0.value) })
}

extension Country: NamedColumns {
  static func columns(_ row: Fields) -> [String: Node] {
    ["id": row.id.node, "code": row.code.node, "name": row.name.node, "population": row.population.node]
  }
  static func related(_ name: String, _ row: Fields) -> Node? {
    ["authors": row.authors.count.node, "publishers": row.publishers.count.node][name]
  }
}
extension Author: NamedColumns {
  static func columns(_ row: Fields) -> [String: Node] {
    var own = [
      "id": row.id.node, "name": row.name.node, "email": row.email.node, "age": row.age.node, "rating": row.rating.node,
      "is_active": row.isActive.node, "born": row.born.node, "joined": row.joined.node, "country_id": row.country.id.node,
    ]
    own.merge(under("country", Country.columns(row.country))) { $1 }
    return own
  }
  static func related(_ name: String, _ row: Fields) -> Node? { ["books": row.books.count.node][name] }
}
extension Publisher: NamedColumns {
  static func columns(_ row: Fields) -> [String: Node] {
    var own = ["id": row.id.node, "name": row.name.node, "founded": row.founded.node, "country_id": row.country.id.node]
    own.merge(under("country", Country.columns(row.country.base))) { $1 }
    return own
  }
  static func related(_ name: String, _ row: Fields) -> Node? { ["books": row.books.count.node][name] }
}
extension Tag: NamedColumns {
  static func columns(_ row: Fields) -> [String: Node] { ["id": row.id.node, "name": row.name.node] }
  static func related(_ name: String, _ row: Fields) -> Node? { ["books": row.books.count.node][name] }
}
extension Book: NamedColumns {
  static func columns(_ row: Fields) -> [String: Node] {
    var own = [
      "id": row.id.node, "title": row.title.node, "isbn": row.isbn.node, "price": row.price.node, "pages": row.pages.node,
      "published": row.published.node, "in_print": row.inPrint.node, "blurb": row.blurb.node, "key": row.key.node,
      "author_id": row.author.id.node, "publisher_id": row.publisher.id.node,
    ]
    own.merge(under("author", Author.columns(row.author))) { $1 }
    own.merge(under("publisher", Publisher.columns(row.publisher.base))) { $1 }
    return own
  }
  static func related(_ name: String, _ row: Fields) -> Node? {
    ["reviews": row.reviews.count.node, "tags": row.tags.count.node, "order_lines": row.orderLines.count.node][name]
  }
}
extension Review: NamedColumns {
  static func columns(_ row: Fields) -> [String: Node] {
    var own = [
      "id": row.id.node, "reviewer": row.reviewer.node, "stars": row.stars.node, "text": row.text.node,
      "created": row.created.node, "book_id": row.book.id.node,
    ]
    own.merge(under("book", Book.columns(row.book))) { $1 }
    return own
  }
}
extension Order: NamedColumns {
  static func columns(_ row: Fields) -> [String: Node] {
    [
      "id": row.id.node, "customer": row.customer.node, "placed_at": row.placedAt.node, "total": row.total.node,
      "status": row.status.node,
    ]
  }
  static func related(_ name: String, _ row: Fields) -> Node? { ["lines": row.lines.count.node][name] }
}
extension OrderLine: NamedColumns {
  static func columns(_ row: Fields) -> [String: Node] {
    var own = [
      "id": row.id.node, "quantity": row.quantity.node, "unit_price": row.unitPrice.node, "order_id": row.order.id.node,
      "book_id": row.book.id.node,
    ]
    own.merge(under("order", Order.columns(row.order))) { $1 }
    own.merge(under("book", Book.columns(row.book))) { $1 }
    return own
  }
}
extension Employee: NamedColumns {
  static func columns(_ row: Fields) -> [String: Node] {
    var own = shallow(row)
    own.merge(under("manager", shallow(row.manager.base))) { $1 }
    return own
  }
  private static func shallow(_ row: Fields) -> [String: Node] {
    [
      "id": row.id.node, "name": row.name.node, "salary": row.salary.node, "hired": row.hired.node, "shift": row.shift.node,
      "leave": row.leave.node, "manager_id": row.manager.id.node,
    ]
  }
  static func related(_ name: String, _ row: Fields) -> Node? { ["reports": row.reports.count.node][name] }
}
