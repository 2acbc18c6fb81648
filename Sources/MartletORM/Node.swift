package import MartletSQL

/// Operators between two expressions.
package enum BinaryOperator: String, Sendable {
  case equal = "=", notEqual = "<>", less = "<", greater = ">", lessOrEqual = "<=", greaterOrEqual = ">="
  case add = "+", subtract = "-", multiply = "*", divide = "/", modulo = "%"
  case and = "AND", or = "OR", concat = "||"

  package var isComparison: Bool {
    switch self {
    case .equal, .notEqual, .less, .greater, .lessOrEqual, .greaterOrEqual: true
    default: false
    }
  }
  /// The comparison that holds exactly where this one does not, both sides being there.
  package var negated: BinaryOperator {
    switch self {
    case .equal: .notEqual
    case .notEqual: .equal
    case .less: .greaterOrEqual
    case .greaterOrEqual: .less
    case .greater: .lessOrEqual
    case .lessOrEqual: .greater
    default: self
    }
  }
}

/// Which part of a text has to match.
package enum TextMatch: Sendable { case contains, prefix, suffix, equal }

/// A part of a date or time.
package enum DatePart: String, Sendable { case year, month, day, hour, minute, second, weekday, date }

/// The untyped tree behind ``Expr``: compiled to SQL by ``Scope``, or evaluated on a value.
package indirect enum Node: Sendable {
  case column(ColumnReference)
  case value(SQLValue)
  case binary(BinaryOperator, Node, Node)
  case not(Node)
  case isNull(Node)
  case inList(Node, [SQLValue])
  case inSelect(Node, SelectPlan)
  case exists(SelectPlan)
  case scalarSelect(SelectPlan)
  /// `pattern` is compared by code points, or after lower-casing both where `ignoringCase`.
  case match(Node, TextMatch, pattern: Node, ignoringCase: Bool)
  case function(SQLFunction, [Node])
  case aggregate(SQLAggregate, [Node], distinct: Bool, filter: Node?)
  case cases([(when: Node, then: Node)], otherwise: Node?)
  case cast(Node, ColumnType)
  case datePart(DatePart, Node)
  /// A correlated subquery over a to-many relation: `COUNT`, `EXISTS`, `MAX` …
  case related(RelatedPlan, RelatedResult)
  /// SQL as written, and the type that its author says it has.
  case raw([RawPiece], ColumnType?)
  /// Everything else: a value of a type of its own, that knows how each dialect writes it.
  case custom(any ExpressionNode)
  /// An expression that could not be built; the error comes when the query runs.
  case invalid(ORMError)

  package static let alwaysTrue = Node.value(.bool(true))
  package static let alwaysFalse = Node.value(.bool(false))

  /// Both; constants are folded, so that a policy's `viewer.isStaff` leaves no trace in SQL.
  package static func and(_ l: Node, _ r: Node) -> Node {
    if case .value(.bool(let value)) = l { return value ? r : l }
    if case .value(.bool(let value)) = r { return value ? l : r }
    return .binary(.and, l, r)
  }
  /// Either; constants are folded.
  package static func or(_ l: Node, _ r: Node) -> Node {
    if case .value(.bool(let value)) = l { return value ? l : r }
    if case .value(.bool(let value)) = r { return value ? r : l }
    return .binary(.or, l, r)
  }
  package var isColumn: Bool { if case .column = self { true } else { false } }
  package var isAggregate: Bool {
    switch self {
    case .aggregate: true
    case .binary(_, let l, let r): l.isAggregate || r.isAggregate
    case .function(_, let arguments): arguments.contains { $0.isAggregate }
    case .cast(let node, _), .not(let node), .isNull(let node), .datePart(_, let node): node.isAggregate
    case .cases(let branches, let otherwise):
      branches.contains { $0.when.isAggregate || $0.then.isAggregate } || otherwise?.isAggregate == true
    case .custom(let node): node.isAggregate
    default: false
    }
  }
}

/// A part of raw SQL: text as written, or an expression in between.
package enum RawPiece: Sendable {
  case sql(String)
  /// A name to be quoted.
  case name(String)
  case node(Node)
}

/// A sort key.
public struct Ordering: Sendable {
  package enum Nulls: Sendable { case first, last }
  package let node: Node
  package let isDescending: Bool
  package var nulls: Nulls?

  package init(node: Node, isDescending: Bool) {
    self.node = node
    self.isDescending = isDescending
  }
  /// Rows without a value come first, whatever the direction.
  public var nullsFirst: Ordering { with(.first) }
  /// Rows without a value come last, whatever the direction.
  public var nullsLast: Ordering { with(.last) }
  /// The same direction by another expression.
  func on(_ node: Node) -> Ordering {
    var copy = Ordering(node: node, isDescending: isDescending)
    copy.nulls = nulls
    return copy
  }
  private func with(_ nulls: Nulls) -> Ordering {
    var copy = self
    copy.nulls = nulls
    return copy
  }
}

/// A SELECT over one root.
package struct SelectPlan: Sendable {
  package var root: Path
  package var select: [Node]
  package var filter: Node?
  package var having: Node?
  package var groupBy: [Node] = []
  package var orders: [Ordering] = []
  package var limit: Int?
  package var offset: Int?
  package var isDistinct = false
  package var lock: RowLock?
  /// The names of the selected columns, where another query reads them.
  package var names: [String]?
  /// Joins that the query names itself, besides those that its expressions imply.
  package var joins: [ExplicitJoin] = []
  /// One row for each combination of these, the first in order (PostgreSQL).
  package var distinctOn: [Node] = []
  /// With subtotals of the groups.
  package var isRollup = false

  package init(root: Path, select: [Node], filter: Node? = nil) {
    self.root = root
    self.select = select
    self.filter = filter
  }
}

/// A subquery over the rows of a to-many relation, tied to the outer row.
package struct RelatedPlan: Sendable {
  /// The outer row.
  package var parent: Path
  /// The root of the inner rows.
  package var target: Path
  package var link: ToManyLink
  package var filter: Node?
}
