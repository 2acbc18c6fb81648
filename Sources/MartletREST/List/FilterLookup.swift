import Foundation
import MartletORM
import MartletSQL

/// How a filter compares: the part in brackets of `views[gte]=10`. Without brackets, equality.
package enum FilterComparison: String, Sendable, CaseIterable {
  case exact, ne, gt, gte, lt, lte
  /// One of several values, separated by commas.
  case `in`
  /// None of several values.
  case notIn
  /// Between two values, both included.
  case range
  /// `true`: there is no value; `false`: there is one.
  case null
  /// The same text in any case.
  case iexact
  /// Text that holds the value, with the same case; of a list, that every one of the values is in it.
  case contains
  /// Text that holds the value, in any case.
  case icontains
  case startswith, istartswith, endswith, iendswith
  /// One of the values at least is in the list.
  case overlap
  /// Every element of the list is one of the values.
  case containedBy

  /// Whether the filter takes several values.
  func takesList(_ type: ColumnType) -> Bool {
    switch self {
    case .in, .notIn, .range, .overlap, .containedBy: true
    case .contains: if case .array = type { true } else { false }
    default: false
    }
  }
}

/// A comparison, of the value itself or of a part of it: `[gte]`, `[year]`, `[year.gte]`.
package struct FilterLookup: Sendable, Hashable {
  package var part: FilterPart?
  package var comparison: FilterComparison

  package init(_ comparison: FilterComparison, of part: FilterPart? = nil) {
    self.comparison = comparison
    self.part = part
  }

  /// What stands in the brackets; empty for equality.
  package func name(_ naming: FieldNaming) -> String {
    let names = [part?.rawValue, comparison == .exact ? nil : comparison.rawValue].compactMap { $0 }
    return names.map { naming.name($0) }.joined(separator: ".")
  }

  /// The condition on a value.
  ///
  /// - Parameter type: The value's type in the database.
  func condition(_ node: Node, _ type: ColumnType, _ values: [SQLValue]) -> Node {
    guard let part else { return comparison.condition(node, type, values) }
    return comparison.condition(part.node(of: node, type), part.type, values)
  }
}

extension FilterLookup {
  private static let equality: [FilterComparison] = [.exact, .ne, .in, .notIn]
  private static let ordered: [FilterComparison] = [.exact, .ne, .gt, .gte, .lt, .lte, .range, .in, .notIn]
  private static let text: [FilterComparison] = [
    .iexact, .contains, .icontains, .startswith, .istartswith, .endswith, .iendswith,
  ]
  private static let ofParts: [FilterComparison] = [.exact, .gt, .gte, .lt, .lte, .in]

  /// The lookups that make sense for a column, without `null`.
  static func allowed(for column: ColumnSchema, withParts: Bool) -> [FilterLookup] {
    let comparisons: [FilterComparison] =
      switch column.type {
      case .json, .blob, .native: []
      case .array: [.contains, .overlap, .containedBy]
      case .bool: [.exact, .ne]
      case _ where !column.choices.isEmpty || column.foreignKey != nil: equality
      case .varchar, .text: ordered + text
      default: ordered
      }
    let parts = withParts ? FilterPart.allowed(for: column.type) : []
    return comparisons.map { FilterLookup($0) } + parts.flatMap { part in ofParts.map { FilterLookup($0, of: part) } }
  }
}

extension FilterComparison {
  /// The condition on a value of a type.
  func condition(_ node: Node, _ type: ColumnType, _ values: [SQLValue]) -> Node {
    let value = values.first ?? .null
    func compared(_ op: BinaryOperator) -> Node { .binary(op, node, .value(value)) }
    func match(_ kind: TextMatch, ignoringCase: Bool = false) -> Node {
      .match(node, kind, pattern: .value(value), ignoringCase: ignoringCase)
    }
    switch self {
    case .exact:
      // A condition is no operand on every database; as a condition it is.
      if case .bool(let wanted) = value, !node.isColumn { return wanted ? node : .not(node) }
      return compared(.equal)
    case .ne:
      if case .bool(let wanted) = value, !node.isColumn { return wanted ? .not(node) : node }
      return compared(.notEqual)
    case .gt: return compared(.greater)
    case .gte: return compared(.greaterOrEqual)
    case .lt: return compared(.less)
    case .lte: return compared(.lessOrEqual)
    case .in: return .inList(node, values)
    case .notIn: return .not(.inList(node, values))
    case .range: return .and(compared(.greaterOrEqual), .binary(.lessOrEqual, node, .value(values.last ?? .null)))
    case .null: return value == .bool(true) ? .isNull(node) : .not(.isNull(node))
    case .iexact: return match(.equal, ignoringCase: true)
    case .icontains: return match(.contains, ignoringCase: true)
    case .startswith: return match(.prefix)
    case .istartswith: return match(.prefix, ignoringCase: true)
    case .endswith: return match(.suffix)
    case .iendswith: return match(.suffix, ignoringCase: true)
    case .contains:
      guard case .array(let element) = type else { return match(.contains) }
      return .list(node, .containsAll, values, of: element)
    case .overlap: return .list(node, .overlaps, values, of: type.element)
    case .containedBy: return .list(node, .isContained, values, of: type.element)
    }
  }
}

extension ColumnType {
  /// What a list holds; the type itself where it is none.
  var element: ColumnType { if case .array(let element) = self { element } else { self } }
}
