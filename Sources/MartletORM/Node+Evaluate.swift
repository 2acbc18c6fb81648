import Foundation
import MartletCore
import MartletSQL

/// A row in memory, as the evaluator sees it.
package struct EvaluatedRow {
  let model: any Model
  package init(_ model: any Model) { self.model = model }
}

extension Node {
  /// Whether the condition holds for the row, by the same two-valued logic as in SQL.
  ///
  /// - Throws: ``ORMError`` of kind `needsDatabase` where the answer depends on rows that are not in memory.
  package func holds(for row: EvaluatedRow) throws -> Bool { try value(for: row) == .bool(true) }

  /// The expression's value for the row.
  func value(for row: EvaluatedRow) throws -> SQLValue {
    switch self {
    case .value(let value): return value
    case .column(let column): return try Node.value(of: column, in: row)
    case .not(let inner): return .bool(!(try inner.holds(for: row)))
    case .isNull(let inner): return .bool(try inner.parts[0].value(for: row).isNull)
    case .binary(.and, let l, let r): return .bool(try Node.decide(l, r, row, deciding: false))
    case .binary(.or, let l, let r): return .bool(try Node.decide(l, r, row, deciding: true))
    case .binary(let op, let l, let r):
      if let parts = Node.comparison(op, ofRows: l, r) { return .bool(try parts.holds(for: row)) }
      return try Node.binary(op, l.value(for: row), r.value(for: row))
    case .inList(let inner, let values):
      let value = try inner.value(for: row)
      return .bool(values.contains { SQLValue.equal($0, value) })
    case .match(let text, let kind, let pattern, let ignoringCase):
      guard case .text(let text) = try text.value(for: row), case .text(let pattern) = try pattern.value(for: row) else {
        return .bool(false)
      }
      return .bool(kind.holds(text, pattern, ignoringCase: ignoringCase))
    case .function(.coalesce, let arguments):
      for argument in arguments {
        let value = try argument.value(for: row)
        if !value.isNull { return value }
      }
      return .null
    case .cases(let branches, let otherwise):
      for branch in branches where try branch.when.holds(for: row) { return try branch.then.value(for: row) }
      return try otherwise?.value(for: row) ?? .null
    case .invalid(let error): throw error
    case .custom(let node): return try node.value(for: row)
    case .inSelect, .exists, .scalarSelect, .function, .aggregate, .cast, .datePart, .related, .raw: throw ORMError.needsDatabase
    }
  }

  /// A decided side wins over an undecidable one.
  private static func decide(_ l: Node, _ r: Node, _ row: EvaluatedRow, deciding: Bool) throws -> Bool {
    do {
      if try l.holds(for: row) == deciding { return deciding }
    } catch let error as ORMError where error.kind == .needsDatabase {
      if try r.holds(for: row) == deciding { return deciding }
      throw error
    }
    return try r.holds(for: row)
  }

  private static func value(of column: ColumnReference, in row: EvaluatedRow) throws -> SQLValue {
    var current: any Model = row.model
    let hops = column.path.hops
    for (i, hop) in hops.enumerated() {
      // The key of a referenced row is the reference itself.
      if column.isKey, i == hops.count - 1, let foreignKey = hop.foreignKeyColumn,
        let index = type(of: current).schema.columns.firstIndex(where: { $0.name == foreignKey })
      {
        return current.columnValue(at: index)
      }
      switch try hop.loadedRow(of: current) {
      case .row(let next): current = next
      case .absent: return .null
      case .notLoaded: throw ORMError(.needsDatabase, "the relation '\(hop.name)' is not loaded")
      }
    }
    guard type(of: current).schema.table == column.path.schema.table else {
      throw ORMError(.needsDatabase, "the expression is about another row")
    }
    return current.columnValue(at: column.index)
  }

  private static func binary(_ op: BinaryOperator, _ l: SQLValue, _ r: SQLValue) throws -> SQLValue {
    switch op {
    case .equal: return .bool(SQLValue.equal(l, r))
    case .notEqual: return .bool(!SQLValue.equal(l, r))
    case .less, .greater, .lessOrEqual, .greaterOrEqual:
      guard let order = SQLValue.compare(l, r) else { return .bool(false) }
      switch op {
      case .less: return .bool(order < 0)
      case .greater: return .bool(order > 0)
      case .lessOrEqual: return .bool(order <= 0)
      default: return .bool(order >= 0)
      }
    case .concat:
      guard case .text(let l) = l, case .text(let r) = r else { return .null }
      return .text(l + r)
    default: return try arithmetic(op, l, r)
    }
  }

  private static func arithmetic(_ op: BinaryOperator, _ l: SQLValue, _ r: SQLValue) throws -> SQLValue {
    switch (l, r) {
    case (.int(let l), .int(let r)):
      let (value, overflow) =
        switch op {
        case .add: l.addingReportingOverflow(r)
        case .subtract: l.subtractingReportingOverflow(r)
        case .multiply: l.multipliedReportingOverflow(by: r)
        default:
          r == 0 ? (0, false) : op == .divide ? l.dividedReportingOverflow(by: r) : l.remainderReportingOverflow(dividingBy: r)
        }
      if r == 0, op == .divide || op == .modulo { return .null }
      if overflow { throw ORMError(.needsDatabase, "the sum does not fit 64 bits") }
      return .int(value)
    case (.double(let l), .double(let r)):
      switch op {
      case .add: return .double(l + r)
      case .subtract: return .double(l - r)
      case .multiply: return .double(l * r)
      case .divide: return r == 0 ? .null : .double(l / r)
      default: throw ORMError(.needsDatabase, "the remainder of floating-point numbers")
      }
    case (.null, _), (_, .null): return .null
    default: throw ORMError(.needsDatabase, "arithmetic on values other than numbers")
    }
  }
}

extension ORMError {
  static let needsDatabase = ORMError(.needsDatabase, "a subquery, a function or raw SQL can be evaluated by the database alone")
}

extension TextMatch {
  /// By code points, as the database does; Swift's own `contains` would compare canonical equivalents.
  func holds(_ text: String, _ pattern: String, ignoringCase: Bool) -> Bool {
    let text = Array((ignoringCase ? text.lowercased() : text).utf8)
    let pattern = Array((ignoringCase ? pattern.lowercased() : pattern).utf8)
    switch self {
    case .equal: return text == pattern
    case .prefix: return text.starts(with: pattern)
    case .suffix: return text.count >= pattern.count && text[(text.count - pattern.count)...] == pattern[...]
    case .contains:
      if pattern.isEmpty { return true }
      guard text.count >= pattern.count else { return false }
      return (0...(text.count - pattern.count)).contains { text[$0...].starts(with: pattern) }
    }
  }
}

extension SQLValue {
  /// Swift's equality, but text by code points, as databases compare it.
  static func equal(_ l: SQLValue, _ r: SQLValue) -> Bool {
    if case .text(let l) = l, case .text(let r) = r { return l.utf8.elementsEqual(r.utf8) }
    // IEEE NaN has no place in SQL; SQLite stores it as NULL.
    return l == r
  }

  /// Whether a save has nothing to write: 0.0 and -0.0 are equal, and not the same.
  static func unchanged(_ l: SQLValue, _ r: SQLValue) -> Bool {
    switch (l, r) {
    case (.null, _), (.array, _), (.native, _): l == r
    default: identical(l, r)
    }
  }

  /// Whether the database would get the same value, bit for bit.
  static func identical(_ l: SQLValue, _ r: SQLValue) -> Bool {
    switch (l, r) {
    case (.double(let l), .double(let r)): l.bitPattern == r.bitPattern
    case (.json(let l), .json(let r)): l.utf8.elementsEqual(r.utf8)
    // Not worth a comparison in depth.
    case (.null, _), (.array, _), (.native, _): false
    default: equal(l, r)
    }
  }

  /// Negative, 0 or positive; `nil` where a side is NULL or they are of different kinds.
  static func compare(_ l: SQLValue, _ r: SQLValue) -> Int? {
    func order<C: Comparable>(_ l: C, _ r: C) -> Int { l < r ? -1 : l > r ? 1 : 0 }
    func bytes(_ l: some Sequence<UInt8>, _ r: some Sequence<UInt8>) -> Int {
      l.lexicographicallyPrecedes(r) ? -1 : r.lexicographicallyPrecedes(l) ? 1 : 0
    }
    switch (l, r) {
    case (.int(let l), .int(let r)): return order(l, r)
    case (.double(let l), .double(let r)): return order(l, r)
    case (.decimal(let l), .decimal(let r)): return order(l, r)
    case (.timestamp(let l), .timestamp(let r)), (.interval(let l), .interval(let r)): return order(l, r)
    case (.date(let l), .date(let r)): return order(l, r)
    case (.time(let l), .time(let r)): return order(l, r)
    case (.bool(let l), .bool(let r)): return order(l ? 1 : 0, r ? 1 : 0)
    case (.text(let l), .text(let r)), (.json(let l), .json(let r)): return bytes(l.utf8, r.utf8)
    case (.uuid(let l), .uuid(let r)): return bytes(l.hex.utf8, r.hex.utf8)
    case (.blob(let l), .blob(let r)): return bytes(l, r)
    default: return nil
    }
  }
}
