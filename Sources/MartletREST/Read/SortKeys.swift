import MartletCore
import MartletORM
import MartletSQL

/// The sort keys of a list that is read by cursors: columns, each with a direction, the primary key last.
struct SortKeys: Sendable {
  struct SortKey: Sendable {
    var node: Node
    var column: ColumnSchema
    var isDescending: Bool
    var isNullable: Bool
  }
  /// A sort key as a list has it, and its column where it is one.
  struct Sorting: Sendable {
    var order: Ordering
    var column: ColumnSchema?
    var isNullable: Bool

    init(_ order: Ordering, column: ColumnSchema, isNullable: Bool) {
      self.order = order
      self.column = column
      self.isNullable = isNullable
    }
    init(_ order: Ordering) {
      self.order = order
      guard case .column(let column) = order.node else {
        (self.column, isNullable) = (nil, true)
        return
      }
      self.column = column.schema
      isNullable = column.isNullable || column.path.isNullable
    }
  }
  private(set) var keys: [SortKey] = []

  /// - Returns: `nil` where an order is no column, or has a place of its own for NULLs.
  init?(_ sorting: [Sorting], root: Path) {
    for key in sorting {
      guard let column = key.column, key.order.nulls == nil else { return nil }
      keys.append(
        SortKey(node: key.order.node, column: column, isDescending: key.order.isDescending, isNullable: key.isNullable))
    }
    guard !keys.isEmpty, !root.schema.hasCompositeKey else { return nil }
  }

  var orders: [Ordering] { keys.map { Ordering(node: $0.node, isDescending: $0.isDescending) } }
  /// The opposite order.
  var reversed: SortKeys {
    var copy = self
    for index in copy.keys.indices { copy.keys[index].isDescending.toggle() }
    return copy
  }
  /// What is kept of each row.
  var captures: [(node: Node, codec: CellCodec)] {
    keys.compactMap { key in key.column.cell.map { (key.node, $0) } }
  }

  /// Which rows stand behind the row with these values. NULLs are the smallest.
  func condition(after values: [SQLValue]) -> Node { Self.condition(Array(zip(keys, values))[...]) }

  private static func condition(_ keys: ArraySlice<(SortKey, SQLValue)>) -> Node {
    guard let (key, value) = keys.first else { return .alwaysFalse }
    let rest = condition(keys.dropFirst()), isLast = keys.count == 1
    if value.isNull {
      let tied = Node.and(.isNull(key.node), rest)
      // Ascending, everything that is something comes behind NULL; descending, nothing does.
      return key.isDescending ? tied : .or(.not(.isNull(key.node)), tied)
    }
    let further = Node.binary(key.isDescending ? .less : .greater, key.node, .value(value))
    var condition = isLast ? further : .or(further, .and(.binary(.equal, key.node, .value(value)), rest))
    // Redundant, and what an index can begin at: without it the whole index would be read up to the row.
    if !isLast {
      let range = Node.binary(key.isDescending ? .lessOrEqual : .greaterOrEqual, key.node, .value(value))
      condition = .and(range, condition)
    }
    return key.isDescending && key.isNullable ? .or(condition, .isNull(key.node)) : condition
  }
}
