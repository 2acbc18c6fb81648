import MartletSQL

/// The FROM clause of a query that joins by itself or reads from a subquery.
struct ScopeSources {
  var joins: [(join: ExplicitJoin, alias: String)] = []
  /// The clause as far as it is written; `nil` where the root is a table and nothing was joined.
  var text: String?
  /// How many of the implied joins stand in ``text``.
  var written = 0

  func alias(for root: Path) -> String? { joins.first { $0.join.path === root }?.alias }
}

extension Scope {
  /// Writes the root and the joins that the query names, before any other expression.
  func writeSources() throws {
    guard root.source != nil || !sources.joins.isEmpty else { return }
    var text = try table(root, alias, isLateral: false)
    for (join, alias) in sources.joins {
      try check(join)
      let joined = try table(join.path, alias, isLateral: join.isLateral)
      // What the condition implies stands before the join, where it can be used.
      var condition = join.condition.map { _ in " ON " } ?? ""
      if let node = join.condition {
        condition += try builder.capture { try writePredicate(node) }
      } else if join.kind != .cross {
        condition = " ON TRUE"
      }
      text += takeJoins() + join.kind.rawValue + joined + condition
    }
    sources.text = text
  }

  private func table(_ path: Path, _ alias: String, isLateral: Bool) throws -> String {
    guard let source = path.source else { return text(ofTable: path.schema.table) + " " + alias }
    let text = try builder.capture { try source.write(in: builder, outer: isLateral ? self : nil) }
    return text.isEmpty ? "" : (isLateral ? "LATERAL " : "") + text + " " + alias
  }

  private func check(_ join: ExplicitJoin) throws {
    if join.kind == .full { try builder.require(.fullJoins, "a full join") }
    if join.isLateral { try builder.require(.lateralJoins, "a lateral join") }
    if let node = join.condition, node.implies(joinsFrom: join.path) {
      throw ORMError(
        .invalidExpression, "the condition of a join reaches through a relation of the table that it joins",
        hint: "join that relation's table too, or put the condition into filter { … }")
    }
  }
}

extension Node {
  /// Whether it has a column that only a join from `root` leads to.
  func implies(joinsFrom root: Path) -> Bool {
    switch self {
    case .column(let column):
      column.path.root === root && column.path.parent != nil
        && !(column.isKey && column.path.parent?.parent == nil && column.path.relation?.foreignKeyColumn != nil)
    case .binary(_, let l, let r), .match(let l, _, let r, _): l.implies(joinsFrom: root) || r.implies(joinsFrom: root)
    case .not(let node), .isNull(let node), .cast(let node, _), .datePart(_, let node), .inList(let node, _), .inSelect(let node, _):
      node.implies(joinsFrom: root)
    case .function(_, let nodes), .aggregate(_, let nodes, _, _): nodes.contains { $0.implies(joinsFrom: root) }
    case .cases(let branches, let otherwise):
      branches.contains { $0.when.implies(joinsFrom: root) || $0.then.implies(joinsFrom: root) }
        || otherwise?.implies(joinsFrom: root) == true
    case .custom(let node): node.children.contains { $0.implies(joinsFrom: root) }
    default: false
    }
  }
}
