import MartletSQL

/// What stands in a FROM clause in the place of a table, before the alias.
package protocol TableSource: Sendable {
  /// Writes it; `outer` is there where the columns of the tables before it may be used.
  func write(in builder: SQLBuilder, outer: Scope?) throws
}

/// A subquery as a table.
struct SubquerySource: TableSource {
  let plan: SelectPlan
  func write(in builder: SQLBuilder, outer: Scope?) throws {
    builder.write("(")
    try builder.write(plan, outer: outer)
    builder.write(")")
  }
}

/// No table at all: `SELECT 1`.
struct NoSource: TableSource {
  func write(in builder: SQLBuilder, outer: Scope?) throws {}
}

extension SQLBuilder {
  /// SQL that stands alone: without columns of a query around it.
  func writeRaw(_ pieces: [RawPiece]) throws {
    for piece in pieces {
      switch piece {
      case .sql(let text): write(text)
      case .name(let name): writeName(name)
      case .node(.value(let value)): bind(value)
      case .node(.invalid(let error)): throw error
      case .node:
        throw ORMError(
          .invalidExpression, "a statement of its own has no query to take columns from", hint: "write the column's name")
      }
    }
  }
}

/// A column by name, of a table that has more columns than its model.
struct NamedColumn: ExpressionNode {
  let path: Path
  let name: String
  let type: ColumnType?
  var isNullable = false
  var children: [Node] { [] }
  func with(children: [Node]) -> any ExpressionNode { self }
  func write(in scope: Scope) throws {
    scope.builder.write(try scope.alias(for: path) + "." + scope.builder.dialect.quote(name))
  }
}

/// A column of a row that is known to be there.
struct PresentColumn: ExpressionNode {
  let column: ColumnReference
  let isNullable: Bool
  var type: ColumnType? { column.schema.type }
  var children: [Node] { [.column(column)] }
  func with(children: [Node]) -> any ExpressionNode { self }
  func write(in scope: Scope) throws { try scope.writeColumn(column) }
}

/// A join that the query names itself.
package struct ExplicitJoin: Sendable {
  package enum Kind: String, Sendable {
    case inner = " JOIN ", left = " LEFT JOIN ", right = " RIGHT JOIN ", full = " FULL JOIN ", cross = " CROSS JOIN "
  }
  package var kind: Kind
  package var path: Path
  package var condition: Node?
  /// Whether the joined subquery may use the columns of what stands before it.
  package var isLateral = false
}
