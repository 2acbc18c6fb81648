import Martlet

extension Pair {
  static var groups: [Pair] {
    [
      values("count by status") { Order.query.select { ($0.status, count()) }.order { $0.status.asc } },
      values("average by reviewer") { Review.query.select { ($0.reviewer, $0.stars.average) }.order { $0.reviewer.asc } },
      values("sum of decimals by status") { Order.query.select { ($0.status, $0.total.sum) }.order { $0.status.asc } },
      values("having") {
        Review.query.select { ($0.reviewer, count()) }.having { _ in count() > 14 }.order { $0.reviewer.asc }
      },
      values("count distinct") { Review.query.select { $0.reviewer.countDistinct } },
      values("aggregates of no rows") {
        Review.filter { $0.stars == 9 }.select { (count(), $0.stars.sum, $0.stars.average, $0.stars.max) }
      },
      values("aggregate across a join") {
        Book.query.select { ($0.author.country.code, count(), $0.price.sum) }.order { $0.author.country.code.asc }
      },
      values("conditional count") {
        Review.query.select { ($0.id.count.filter($0.stars >= 4), $0.id.count.filter($0.stars <= 2)) }
      },
      Pair(name: "group by year") { db in
        var years: [Int: Int] = [:]
        for day in try await Book.filter { $0.published != nil }.select({ $0.published }).all(db) {
          if let day { years[day.year, default: 0] += 1 }
        }
        return years.sorted { $0.key < $1.key }.map { [String($0.key), String($0.value)] }
      },
    ]
  }

  static var computed: [Pair] {
    [
      values("case") {
        Book.query.order { $0.id.asc }.select {
          ($0.id, when($0.pages > 200, then: "long").when($0.pages > 50, then: "middle").otherwise("short"))
        }
      },
      values("coalesce") { Author.query.order { $0.id.asc }.select { ($0.id, $0.age.coalesce(-1)) } },
      values("arithmetic") {
        OrderLine.filter { $0.quantity < 100 }.order { $0.id.asc }.select { ($0.id, $0.quantity * 3 + 1) }
      },
      values("product of decimals") {
        OrderLine.filter { $0.quantity < 100 }.order { $0.id.asc }.select {
          ($0.id, $0.unitPrice * $0.quantity.cast(to: Decimal.self))
        }
      },
      values("parts of a moment") {
        Review.query.order { $0.id.asc }.select {
          ($0.created.year, $0.created.month, $0.created.day, $0.created.hour, $0.created.minute, $0.created.second)
        }
      },
      values("weekday") { Review.query.order { $0.id.asc }.select { ($0.id, $0.created.weekday) } },
      values("the day of a moment") { Review.query.order { $0.id.asc }.select { ($0.id, $0.created.date) } },
      ids("filter by year") { Review.filter { $0.created.year == 2010 } },
    ]
  }

  static var pages: [Pair] {
    [
      values("order by two keys") {
        Book.query.order({ $0.price.desc }, { $0.title.asc }, { $0.id.asc }).select { $0.id }
      },
      values("nulls last") { Author.query.order({ $0.age.asc.nullsLast }, { $0.id.asc }).select { ($0.id, $0.age) } },
      values("nulls first, descending") {
        Author.query.order({ $0.age.desc.nullsFirst }, { $0.id.asc }).select { ($0.id, $0.age) }
      },
      values("order across a join") { Book.query.order({ $0.author.country.name.asc }, { $0.id.asc }).select { $0.id } },
      values("order of texts is that of code points") { Tag.query.order { $0.name.asc }.select { $0.name } },
      values("a page") { Book.query.order { $0.id.asc }.limit(10, offset: 20).select { $0.id } },
      values("beyond the last page") { Book.query.order { $0.id.asc }.limit(10, offset: 500).select { $0.id } },
      values("distinct") { Book.query.order { $0.pages.asc }.select { $0.pages }.distinct() },
      Pair(name: "count") { db in [[String(try await Book.filter { $0.pages > 0 }.count(db))]] },
      Pair(name: "count of distinct pairs") { db in
        [[String(try await Book.query.select { ($0.pages, $0.inPrint) }.distinct().all(db).count)]]
      },
      Pair(name: "exists") { db in [[String(try await Book.filter { $0.pages > 32766 }.exists(db))]] },
      Pair(name: "exists not") { db in [[String(try await Book.filter { $0.title == "no such title" }.exists(db))]] },
    ]
  }
}
