import MartletSQL

/// The types of expressions, where the dialects write one type in another way than another.
extension Scope {
  /// The type of an expression; `nil` where it is not known.
  static func type(of node: Node) -> ColumnType? {
    switch node {
    case .column(let column): column.schema.type
    case .value(let value): value.columnType
    case .binary(.concat, _, _): .text
    case .binary(let op, let l, let r):
      op.isComparison || op == .and || op == .or ? .bool : arithmeticType(type(of: l), type(of: r))
    case .not, .isNull, .inList, .inSelect, .exists, .match, .related(_, .exists): .bool
    case .function(let function, let arguments): function.type(arguments)
    case .aggregate(let aggregate, let arguments, _, _), .related(_, .aggregate(let aggregate, let arguments)):
      aggregate.type(arguments)
    case .cases(let branches, let otherwise):
      branches.lazy.compactMap { type(of: $0.then) }.first ?? otherwise.flatMap { type(of: $0) }
    case .cast(_, let type): type
    case .datePart(.date, _): .date
    case .datePart: .int
    case .scalarSelect(let plan): plan.select.first.flatMap { type(of: $0) }
    case .raw(_, let type): type
    case .custom(let node): node.type
    case .invalid: nil
    }
  }

  private static func arithmeticType(_ l: ColumnType?, _ r: ColumnType?) -> ColumnType? {
    guard let l, let r else { return l ?? r }
    if l == .double || r == .double { return .double }
    if l.isDecimal || r.isDecimal { return l.isDecimal ? l : r }
    return l.isInteger && r.isInteger ? .bigInt : l
  }
}

extension SQLFunction {
  func type(_ arguments: [Node]) -> ColumnType? {
    switch self {
    case .lower, .trim: .text
    case .length: .int
    case .coalesce: arguments.lazy.compactMap { Scope.type(of: $0) }.first
    case .named: nil
    }
  }
}

extension SQLAggregate {
  func type(_ arguments: [Node]) -> ColumnType? {
    switch self {
    case .count: .bigInt
    case .average: .double
    case .sum, .min, .max:
      arguments.first.flatMap { Scope.type(of: $0) }.map { self == .sum && $0.isInteger ? .bigInt : $0 }
    }
  }
}

extension ColumnType {
  var isInteger: Bool {
    switch self {
    case .smallInt, .int, .bigInt, .unsignedBigInt: true
    default: false
    }
  }
  var isDecimal: Bool { if case .decimal = self { true } else { false } }
  package var isText: Bool {
    switch self {
    case .text, .varchar: true
    default: false
    }
  }
}

extension SQLValue {
  /// The type of a column that could hold it; `nil` for NULL.
  var columnType: ColumnType? {
    switch self {
    case .null: nil
    case .bool: .bool
    case .int: .bigInt
    case .uint: .unsignedBigInt
    case .double: .double
    case .decimal: .decimal(precision: 38, scale: 9)
    case .text: .text
    case .blob: .blob
    case .uuid: .uuid
    case .timestamp: .timestamp
    case .date: .date
    case .time: .time
    case .interval: .interval
    case .json: .json
    case .array(_, let element): .array(element)
    case .native(let type, _): .native(type)
    }
  }
}
