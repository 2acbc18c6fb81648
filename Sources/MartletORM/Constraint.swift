package import MartletSQL

/// An index, a unique constraint or a check over a table's columns.
public struct Constraint: Sendable {
  package enum Kind: Sendable {
    case index([(column: Node, isDescending: Bool)])
    case unique([Node], condition: Node?)
    case check(Node)
  }
  package var kind: Kind
  /// The name; where absent, the one Django would give.
  package var name: String?
  package var root: Path

  /// The condition of a check or a partial unique index, as it stands in DDL: without alias, with literals.
  package func conditionSQL(_ dialect: any SQLDialect) throws -> String? {
    let condition: Node
    switch kind {
    case .check(let node): condition = node
    case .unique(_, let node?): condition = node
    default: return nil
    }
    let builder = SQLBuilder(dialect)
    let scope = Scope(root, builder, isQualified: false)
    try scope.writePredicate(condition)
    return builder.text
  }

  /// The columns of an index or a unique constraint, by name.
  package func columns() throws -> [(name: String, isDescending: Bool)] {
    switch kind {
    case .index(let keys): try keys.map { (try Self.name(of: $0.column), $0.isDescending) }
    case .unique(let keys, _): try keys.map { (try Self.name(of: $0), false) }
    case .check: []
    }
  }

  private static func name(of node: Node) throws -> String {
    if case .column(let column) = node {
      if column.path.parent == nil { return column.name }
      if column.isKey, column.path.parent?.parent == nil, let foreignKey = column.path.relation?.foreignKeyColumn {
        return foreignKey
      }
    }
    throw ORMError(
      .invalidExpression, "an index or unique constraint takes columns of its own table",
      hint: "write $0.title, or $0.author.id for the foreign key")
  }
}

/// Collects constraints, one a line.
@resultBuilder
public enum ConstraintBuilder {
  public static func buildBlock(_ constraints: ConstraintDraft...) -> [ConstraintDraft] { constraints }
}

/// A constraint before it knows its model.
public struct ConstraintDraft: Sendable {
  var kind: Constraint.Kind
  var name: String?
}

/// The constraints of a model.
///
/// ```swift
/// static let constraints = Martlet.constraints(Post.self) {
///   index($0.status, $0.publishedAt)
///   unique($0.author.id, $0.title)
///   check("views_not_negative", $0.views >= 0)
/// }
/// ```
public func constraints<M: Model>(_ model: M.Type, @ConstraintBuilder _ build: (M.Fields) -> [ConstraintDraft]) -> [Constraint] {
  let root = Path(M.self)
  return build(M.Fields(root)).map { Constraint(kind: $0.kind, name: $0.name, root: root) }
}
/// An index over columns.
public func index<each V>(_ columns: repeat Expr<each V>, name: String? = nil) -> ConstraintDraft {
  var keys: [(column: Node, isDescending: Bool)] = []
  for column in repeat each columns { keys.append((column.node, false)) }
  return ConstraintDraft(kind: .index(keys), name: name)
}
/// An index over sort keys: `index($0.status.asc, $0.publishedAt.desc)`.
public func index(_ first: Ordering, _ more: Ordering..., name: String? = nil) -> ConstraintDraft {
  ConstraintDraft(kind: .index(([first] + more).map { ($0.node, $0.isDescending) }), name: name)
}
/// No two rows share these values; with a condition, no two of the rows for which it holds.
public func unique<each V>(_ columns: repeat Expr<each V>, where condition: Expr<Bool>? = nil, name: String? = nil)
  -> ConstraintDraft
{
  var keys: [Node] = []
  for column in repeat each columns { keys.append(column.node) }
  return ConstraintDraft(kind: .unique(keys, condition: condition?.node), name: name)
}
/// A condition that every row must meet.
public func check(_ name: String, _ condition: Expr<Bool>) -> ConstraintDraft {
  ConstraintDraft(kind: .check(condition.node), name: name)
}
