package import MartletSQL

/// An index, a unique constraint, a check over a table's columns, or the expression of a computed one.
public struct Constraint: Sendable {
  package enum Kind: Sendable {
    case index([(column: Node, isDescending: Bool)])
    case unique([Node], condition: Node?)
    case check(Node)
    case generated(Node, as: Node)
    case fullText([Node], SearchLanguage)
  }
  package var kind: Kind
  /// The name; where absent, the one Django would give.
  package var name: String?
  package var root: Path

  /// The condition of a check or a partial unique index, as it stands in DDL: without alias, with literals.
  package func conditionSQL(_ dialect: any SQLDialect) throws -> String? {
    switch kind {
    case .check(let node), .unique(_, let node?): try definitionSQL(dialect) { try $0.writePredicate(node) }
    case .index, .unique, .generated, .fullText: nil
    }
  }

  /// The expression of a computed column, as it stands in DDL.
  package func expressionSQL(_ dialect: any SQLDialect) throws -> String? {
    guard case .generated(_, let node) = kind else { return nil }
    if let reason = node.reasonAgainstComputing {
      throw ORMError(.invalidExpression, reason.message, hint: reason.hint)
    }
    return try definitionSQL(dialect) { try $0.writeExpression(node) }
  }

  private func definitionSQL(_ dialect: any SQLDialect, _ write: (Scope) throws -> Void) throws -> String {
    let builder = SQLBuilder(dialect)
    try write(Scope(root, builder, isQualified: false))
    return builder.text
  }

  /// The columns of an index or a unique constraint, by name.
  package func columns() throws -> [(name: String, isDescending: Bool)] {
    switch kind {
    case .index(let keys): try keys.map { (try Self.name(of: $0.column), $0.isDescending) }
    case .unique(let keys, _): try keys.map { (try Self.name(of: $0), false) }
    case .generated(let column, _): [(try Self.name(of: column), false)]
    case .fullText(let keys, _): try keys.map { (try Self.name(of: $0), false) }
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
      .invalidExpression, "an index, a unique constraint or a computed column takes columns of its own table",
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
/// How the database computes a column with `@Field(generated: …)`: Django's `GeneratedField`.
///
/// ```swift
/// @Field(generated: .stored) var total: Int = 0
///
/// static let constraints = Martlet.constraints(Line.self) {
///   generated($0.total, as: $0.price * $0.quantity)
/// }
/// ```
/// The expression uses columns of the same row that are not computed themselves, and means the same on every database.
public func generated<V>(_ column: Expr<V>, as expression: Expr<V>) -> ConstraintDraft {
  ConstraintDraft(kind: .generated(column.node, as: expression.node), name: nil)
}
/// The same for a column that may be NULL.
public func generated<V>(_ column: Expr<V?>, as expression: Expr<V>) -> ConstraintDraft {
  ConstraintDraft(kind: .generated(column.node, as: expression.node), name: nil)
}

extension Node {
  /// Why no database, or not each of them, could compute a column by this expression; `nil` where nothing is known against it.
  fileprivate var reasonAgainstComputing: (message: String, hint: String)? {
    func any(_ condition: (Node) -> Bool) -> Bool { contains(where: condition) }
    if hasSubquery || isAggregate {
      return ("a computed column cannot use other rows", "use a view, or write the value with the row")
    }
    if any({ if case .column(let column) = $0 { column.schema.options.generated != nil } else { false } }) {
      return ("a computed column cannot use another computed one, which PostgreSQL refuses", "write its expression once more")
    }
    if any({ if case .binary(.divide, let l, let r) = $0 { Scope.dividesWholes(l, r) } else { false } }) {
      return (
        "a computed column cannot divide whole numbers, which databases round differently", "divide numbers with a fraction"
      )
    }
    return nil
  }
}
