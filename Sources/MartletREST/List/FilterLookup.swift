import MartletORM
import MartletSQL

/// How a filter compares: the part in brackets of `views[gte]=10`. Without brackets, equality.
package enum FilterLookup: String, Sendable, CaseIterable {
  case exact = ""
  case ne, gt, gte, lt, lte
  /// One of several values, separated by commas.
  case `in`
  /// `true`: there is no value; `false`: there is one.
  case null
  /// Text that holds the value, with the same case.
  case contains
  /// Text that holds the value, in any case.
  case icontains

  /// The lookups that make sense for a field.
  package static func allowed(for field: ResolvedField) -> [FilterLookup] {
    var lookups: [FilterLookup]
    let column = field.column
    switch column.type {
    case .json, .blob, .array, .native: lookups = []
    case .bool: lookups = [.exact, .ne]
    case _ where !column.choices.isEmpty || column.foreignKey != nil: lookups = [.exact, .ne, .in]
    case .varchar, .text: lookups = [.exact, .ne, .gt, .gte, .lt, .lte, .in, .contains, .icontains]
    default: lookups = [.exact, .ne, .gt, .gte, .lt, .lte, .in]
    }
    if field.isNullable { lookups.append(.null) }
    return lookups
  }

  /// The condition on a column.
  func condition(_ node: Node, _ values: [SQLValue]) -> Node {
    let value = values.first ?? .null
    switch self {
    case .exact: return .binary(.equal, node, .value(value))
    case .ne: return .binary(.notEqual, node, .value(value))
    case .gt: return .binary(.greater, node, .value(value))
    case .gte: return .binary(.greaterOrEqual, node, .value(value))
    case .lt: return .binary(.less, node, .value(value))
    case .lte: return .binary(.lessOrEqual, node, .value(value))
    case .in: return .inList(node, values)
    case .null: return value == .bool(true) ? .isNull(node) : .not(.isNull(node))
    case .contains: return .match(node, .contains, pattern: .value(value), ignoringCase: false)
    case .icontains: return .match(node, .contains, pattern: .value(value), ignoringCase: true)
    }
  }
}
