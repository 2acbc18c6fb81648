import MartletSQL

/// What can be NULL, which decides where SQL needs help to agree with Swift.
extension Scope {
  /// Whether an expression can be NULL.
  static func isNullable(_ node: Node) -> Bool {
    switch node {
    case .column(let column): column.isNullable || column.path.isNullable
    case .value(let value): value.isNull
    case .binary(.divide, _, _), .binary(.modulo, _, _), .raw, .scalarSelect: true
    case .binary(let op, let l, let r):
      op.isComparison || op == .and || op == .or ? false : isNullable(l) || isNullable(r)
    case .function(let function, let arguments): function.isNullable(arguments)
    case .aggregate(let aggregate, _, _, _), .related(_, .aggregate(let aggregate, _)): aggregate.isNullOverNoRows
    case .cases(let branches, let otherwise):
      otherwise.map { isNullable($0) } ?? true || branches.contains { isNullable($0.then) }
    case .cast(let node, _), .datePart(_, let node): isNullable(node)
    case .custom(let node): node.isNullable
    default: false
    }
  }

  /// Whether a condition, written as SQL, can be NULL where Swift says false.
  static func conditionCanBeNull(_ node: Node) -> Bool {
    switch node {
    case .binary(.and, let l, let r), .binary(.or, let l, let r): conditionCanBeNull(l) || conditionCanBeNull(r)
    case .binary(_, let l, let r): isNullable(l) || isNullable(r)
    case .not(let inner): conditionCanBeNull(inner)
    case .inList(let inner, _): isNullable(inner)
    case .inSelect(let inner, let plan): isNullable(inner) || selectsNullableAggregate(plan)
    case .match(let text, _, let pattern, _): isNullable(text) || isNullable(pattern)
    case .custom(let node): node.isNullable
    default: false
    }
  }

  static func selectsNullableAggregate(_ plan: SelectPlan) -> Bool {
    plan.select.first.map { isNullable($0) && $0.isAggregate } ?? false
  }

  static func isSecret(_ node: Node) -> Bool {
    switch node {
    case .column(let column): column.schema.options.secret
    case .function(_, let arguments): arguments.contains { isSecret($0) }
    case .cast(let inner, _): isSecret(inner)
    case .binary(_, let l, let r): isSecret(l) || isSecret(r)
    case .custom(let node): node.children.contains { isSecret($0) }
    default: false
    }
  }
}

extension SQLFunction {
  /// Whether the result can be NULL, by what the arguments can be.
  func isNullable(_ arguments: [Node]) -> Bool {
    switch self {
    case .coalesce: arguments.allSatisfy { Scope.isNullable($0) }
    // Who knows what it does.
    case .named: true
    case .lower, .length, .trim: arguments.contains { Scope.isNullable($0) }
    }
  }
}
