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
        condition += try builder.capture { try writePredicate(presence(node, in: join)) }
      } else if join.kind != .cross {
        condition = " ON TRUE"
      }
      text += takeJoins() + join.kind.rawValue + joined + condition
    }
    sources.text = text
  }

  /// A join's condition looks at rows that are there: an outer join leaves them out only after it. So a column that holds no
  /// NULL is compared by `=`, which servers join by hashing (PostgreSQL has no other FULL JOIN), and not by a null-safe test.
  private func presence(_ condition: Node, in join: ExplicitJoin) -> Node {
    let isFirst = sources.joins.first?.join.path === join.path
    func isThere(_ path: Path) -> Bool { path === join.path || isFirst && path === root }
    return condition.rewritten { node in
      guard case .column(let column) = node else { return nil }
      if isThere(column.path) { return .custom(PresentColumn(column: column, isNullable: column.isNullable)) }
      // A foreign key, written as the key of what it leads to.
      guard column.isKey, let parent = column.path.parent, let relation = column.path.relation, isThere(parent) else {
        return nil
      }
      return .custom(PresentColumn(column: column, isNullable: relation.isNullable))
    }
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
    contains { node in
      guard case .column(let column) = node, column.path.root === root, let parent = column.path.parent else { return false }
      return !(column.isKey && parent.parent == nil && column.path.relation?.foreignKeyColumn != nil)
    }
  }
}
