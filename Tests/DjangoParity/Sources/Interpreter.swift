import Foundation
import MartletCore
import MartletORM
import MartletSQL

/// A query that cannot be interpreted: a mistake of the generator.
struct SpecError: Error, CustomStringConvertible { var description: String }

/// From the JSON of a query to Martlet's ORM; `library/expressions.py` does the same for Django's.
struct Interpreter<M: NamedColumns> {
  private let query: Query<M>
  private let columns: [String: Node]

  /// - Parameter query: What the expressions belong to: a query of its own, or the rows of a relation.
  init(_ query: Query<M> = Query<M>()) {
    self.query = query
    columns = M.columns(query.fields)
  }

  /// The statement of a query.
  func plan(_ spec: [String: Any]) throws -> SelectPlan {
    var query = query
    if let filter = spec["filter"] as? [Any] { query = query.filter(node: try condition(filter).node) }
    let selected = try (spec["select"] as? [[Any]] ?? []).map { try value($0) }
    query = query.order(
      by: try (spec["order"] as? [[Any]] ?? []).map { key in
        guard let place = key[0] as? Int, let descending = key[1] as? Bool else { throw SpecError(description: "order \(key)") }
        let ordering = Ordering(node: selected[place], isDescending: descending)
        return key[2] as? String == "first" ? ordering.nullsFirst : key[2] as? String == "last" ? ordering.nullsLast : ordering
      })
    if let limit = spec["limit"] as? Int { query = query.limit(limit, offset: spec["offset"] as? Int) }
    if spec["distinct"] as? Bool == true { query = query.distinct() }
    return query.plan(selected)
  }

  /// An expression.
  private func value(_ node: [Any]) throws -> Node {
    func at(_ place: Int) throws -> Node {
      guard let inner = node[place] as? [Any] else { throw SpecError(description: "expression \(node)") }
      return try value(inner)
    }
    func word(_ place: Int) -> String { node[place] as? String ?? "" }
    switch word(0) {
    case "f":
      guard let column = columns[word(1)] else { throw SpecError(description: "no column \(word(1)) in \(M.self)") }
      return column
    case "v": return .value(try Literal.read(word(1), node[2]))
    case "arith":
      let op: BinaryOperator = word(1) == "+" ? .add : word(1) == "-" ? .subtract : .multiply
      return .binary(op, try at(2), try at(3))
    case "fn": return try function(word(1), at(2), node.count > 3 ? at(3) : nil)
    case "part": return try part(word(1), at(2))
    case "case":
      let branches = try (node[1] as? [[[Any]]] ?? []).map { (when: try condition($0[0]).node, then: try value($0[1])) }
      return .cases(branches, otherwise: try at(2))
    case "count":
      guard let count = M.related(word(1), query.fields) else { throw SpecError(description: "no relation \(word(1))") }
      return count
    case "agg":
      if word(1) == "count", node[2] is NSNull { return count().node }
      return try aggregate(word(1), at(2))
    default: throw SpecError(description: "expression \(node)")
    }
  }

  private func function(_ name: String, _ argument: Node, _ other: Node?) throws -> Node {
    switch name {
    case "lower": return Expr<String>(argument).lowercased.node
    case "upper": return Node.function(.named("UPPER"), [argument])
    case "length": return Expr<String>(argument).length.node
    case "trim": return Expr<String>(argument).trimmed.node
    case "abs": return Node.function(.named("ABS"), [argument])
    case "coalesce": return Expr<Int?>(argument).coalesce(Expr<Int>(other ?? .value(.null))).node
    default: throw SpecError(description: "function \(name)")
    }
  }
  private func part(_ name: String, _ argument: Node) throws -> Node {
    let moment = Expr<Date?>(argument)
    switch name {
    case "year": return moment.year.node
    case "month": return moment.month.node
    case "day": return moment.day.node
    case "hour": return moment.hour.node
    case "weekday": return moment.weekday.node
    default: throw SpecError(description: "part \(name)")
    }
  }
  private func aggregate(_ name: String, _ argument: Node) throws -> Node {
    switch (name, argument.isDecimal) {
    case ("sum", true): return Expr<Decimal>(argument).sum.node
    case ("sum", false): return Expr<Int>(argument).sum.node
    case ("avg", _): return Expr<Int>(argument).average.node
    case ("min", _): return Expr<Int>(argument).min.node
    case ("max", _): return Expr<Int>(argument).max.node
    case ("count", _): return Expr<Int>(argument).count.node
    case ("countdistinct", _): return Expr<Int>(argument).countDistinct.node
    default: throw SpecError(description: "aggregate \(name)")
    }
  }

  private func condition(_ node: [Any]) throws -> Expr<Bool> {
    func at(_ place: Int) throws -> Node {
      guard let inner = node[place] as? [Any] else { throw SpecError(description: "condition \(node)") }
      return try value(inner)
    }
    func word(_ place: Int) -> String { node[place] as? String ?? "" }
    switch word(0) {
    case "cmp":
      let operators: [String: BinaryOperator] = [
        "eq": .equal, "ne": .notEqual, "lt": .less, "le": .lessOrEqual, "gt": .greater, "ge": .greaterOrEqual,
      ]
      guard let op = operators[word(1)] else { throw SpecError(description: "comparison \(node)") }
      return Expr(.binary(op, try at(2), try at(3)))
    case "in":
      return Expr(.inList(try at(1), try (node[3] as? [Any] ?? []).map { try Literal.read(word(2), $0) }))
    case "null":
      let test = Node.isNull(try at(1))
      return Expr(node[2] as? Bool == true ? test : .not(test))
    case "range":
      let subject = try at(1), low = try Literal.read(word(2), node[3]), high = try Literal.read(word(2), node[4])
      return Expr(.and(.binary(.greaterOrEqual, subject, .value(low)), .binary(.lessOrEqual, subject, .value(high))))
    case "match": return try match(word(1), Expr<String>(at(2)), word(3))
    case "and": return try conditions(node).dropFirst().reduce(conditions(node)[0]) { $0 && $1 }
    case "or": return try conditions(node).dropFirst().reduce(conditions(node)[0]) { $0 || $1 }
    case "not": return !(try conditions(node)[0])
    case "exists": return try exists(node)
    default: throw SpecError(description: "condition \(node)")
    }
  }
  private func conditions(_ node: [Any]) throws -> [Expr<Bool>] {
    try node.dropFirst().map { part in
      guard let inner = part as? [Any] else { throw SpecError(description: "condition \(node)") }
      return try condition(inner)
    }
  }
  private func match(_ kind: String, _ text: Expr<String>, _ pattern: String) throws -> Expr<Bool> {
    switch kind {
    case "contains": return text.contains(pattern)
    case "startswith": return text.hasPrefix(pattern)
    case "endswith": return text.hasSuffix(pattern)
    case "icontains": return text.icontains(pattern)
    case "istartswith": return text.ihasPrefix(pattern)
    case "iendswith": return text.ihasSuffix(pattern)
    case "iexact": return text.iequals(pattern)
    default: throw SpecError(description: "match \(kind)")
    }
  }

  /// `["exists", "Review", "book", condition]` on a Book.
  private func exists(_ node: [Any]) throws -> Expr<Bool> {
    func any<T: NamedColumns>(_ related: Related<M, T>?) throws -> Expr<Bool> {
      guard let related else { throw SpecError(description: "exists \(node)") }
      guard let inner = node[3] as? [Any] else { return related.isNotEmpty }
      let condition = try Interpreter<T>(related.inner).condition(inner)
      return related.any { _ in condition }
    }
    switch query.fields {
    case let row as Country.Fields: return try any(row.authors as? Related<M, Author>)
    case let row as Author.Fields: return try any(row.books as? Related<M, Book>)
    case let row as Book.Fields: return try any(row.reviews as? Related<M, Review>)
    case let row as Order.Fields: return try any(row.lines as? Related<M, OrderLine>)
    case let row as Employee.Fields: return try any(row.reports as? Related<M, Employee>)
    default: throw SpecError(description: "exists \(node)")
    }
  }
}

extension Node {
  /// Whether the expression is a decimal column, which decides the type of its sum.
  var isDecimal: Bool {
    switch self {
    case .column(let column): if case .decimal = column.schema.type { true } else { false }
    case .binary(_, let l, let r): l.isDecimal || r.isDecimal
    default: false
    }
  }
}

/// The values of a query's JSON.
enum Literal {
  static func read(_ kind: String, _ value: Any) throws -> SQLValue {
    switch (kind, value) {
    case (_, is NSNull): return .null
    case ("int", let number as NSNumber): return .int(number.int64Value)
    case ("double", let number as NSNumber): return .double(number.doubleValue)
    case ("bool", let flag as Bool): return .bool(flag)
    case ("text", let text as String): return .text(text)
    case ("timestamp", let number as NSNumber): return .timestamp(number.int64Value)
    case ("duration", let number as NSNumber): return .interval(number.int64Value)
    case ("decimal", let text as String): if let number = Decimal(string: text) { return .decimal(number) }
    case ("date", let text as String): if let day = CalendarDate(text) { return .date(day) }
    case ("time", let text as String): if let time = TimeOfDay(text) { return .time(time) }
    default: break
    }
    throw SpecError(description: "\(kind) value \(value)")
  }
}
