extension Node {
  /// The operands inside; none for subqueries, which have rows of their own.
  var children: [Node] {
    switch self {
    case .column, .value, .exists, .scalarSelect, .related, .invalid: []
    case .binary(_, let l, let r): [l, r]
    case .not(let inner), .isNull(let inner), .inList(let inner, _), .inSelect(let inner, _), .cast(let inner, _),
      .datePart(_, let inner):
      [inner]
    case .match(let text, _, let pattern, _): [text, pattern]
    case .function(_, let arguments): arguments
    case .aggregate(_, let arguments, _, let filter): arguments + (filter.map { [$0] } ?? [])
    case .cases(let branches, let otherwise): branches.flatMap { [$0.when, $0.then] } + (otherwise.map { [$0] } ?? [])
    case .custom(let node): node.children
    case .raw(let pieces, _): pieces.compactMap { if case .node(let node) = $0 { node } else { nil } }
    }
  }

  /// Whether this or a part of it is what the closure looks for.
  func contains(where isWanted: (Node) -> Bool) -> Bool {
    isWanted(self) || children.contains { $0.contains(where: isWanted) }
  }

  /// Whether it has a subquery in it.
  var hasSubquery: Bool {
    contains { node in
      switch node {
      case .inSelect, .exists, .scalarSelect, .related: true
      default: false
      }
    }
  }

  /// A copy in which the closure replaces nodes, from the outside in; `nil` keeps a node and goes on with its operands.
  func rewritten(_ replace: (Node) throws -> Node?) rethrows -> Node {
    if let node = try replace(self) { return node }
    switch self {
    case .column, .value, .exists, .scalarSelect, .related, .invalid: return self
    case .binary(let op, let l, let r): return .binary(op, try l.rewritten(replace), try r.rewritten(replace))
    case .not(let inner): return .not(try inner.rewritten(replace))
    case .isNull(let inner): return .isNull(try inner.rewritten(replace))
    case .inList(let inner, let values): return .inList(try inner.rewritten(replace), values)
    case .inSelect(let inner, let plan): return .inSelect(try inner.rewritten(replace), plan)
    case .cast(let inner, let type): return .cast(try inner.rewritten(replace), type)
    case .datePart(let part, let inner): return .datePart(part, try inner.rewritten(replace))
    case .match(let text, let kind, let pattern, let ignoringCase):
      return .match(
        try text.rewritten(replace), kind, pattern: try pattern.rewritten(replace), ignoringCase: ignoringCase)
    case .function(let function, let arguments): return .function(function, try arguments.map { try $0.rewritten(replace) })
    case .aggregate(let aggregate, let arguments, let distinct, let filter):
      return .aggregate(
        aggregate, try arguments.map { try $0.rewritten(replace) }, distinct: distinct,
        filter: try filter.map { try $0.rewritten(replace) })
    case .cases(let branches, let otherwise):
      return .cases(
        try branches.map { (try $0.when.rewritten(replace), try $0.then.rewritten(replace)) },
        otherwise: try otherwise.map { try $0.rewritten(replace) })
    case .custom(let node): return .custom(node.with(children: try node.children.map { try $0.rewritten(replace) }))
    case .raw(let pieces, let type):
      return .raw(
        try pieces.map { piece in
          if case .node(let inner) = piece { .node(try inner.rewritten(replace)) } else { piece }
        }, type)
    }
  }
}
