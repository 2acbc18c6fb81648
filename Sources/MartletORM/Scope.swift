import MartletSQL

/// One FROM clause: joins are found while expressions compile, and shared by path.
package final class Scope {
  let root: Path
  let builder: SQLBuilder
  let outer: Scope?
  let alias: String
  /// Prefix of the root's columns: the alias, or nothing in DDL.
  let isQualified: Bool
  private var joins: [(hops: [ObjectIdentifier], alias: String, sql: String)] = []
  /// The joins by the paths that asked for them: most columns of a joined row have the same.
  private var joinedPaths: [(path: Path, alias: String)] = []
  /// What follows an aggregate in a window: `PARTITION BY …`; taken by the first aggregate that is written.
  var over: String?
  /// The FROM clause of a query that joins by itself or reads from a subquery: see `Scope+Sources.swift`.
  var sources = ScopeSources()

  /// Whether MySQL is to read the tables in the order in which they are written: see ``SelectPlan/isPageOfRoot``.
  var keepsJoinOrder = false
  /// Whether the root goes by its table's name: MariaDB's DELETE takes no alias.
  let namesTable: Bool

  init(
    _ root: Path, _ builder: SQLBuilder, outer: Scope? = nil, isQualified: Bool = true, namesTable: Bool = false,
    joins: [ExplicitJoin] = []
  ) {
    self.root = root
    self.builder = builder
    self.outer = outer
    self.isQualified = isQualified
    self.namesTable = namesTable
    alias = namesTable ? builder.dialect.quote(root.schema.table) : builder.nextAlias()
    sources.joins = joins.map { ($0, builder.nextAlias()) }
  }

  var hasJoins: Bool { !joins.isEmpty }
  func takeOver() -> String? {
    defer { over = nil }
    return over
  }
  /// The joins found since the last call.
  func takeJoins() -> String {
    defer { sources.written = joins.count }
    return joins[sources.written...].map(\.sql).joined()
  }

  /// `"blog_post" t0 JOIN …`
  var from: String {
    (sources.text ?? text(ofTable: root.schema.table) + " " + alias) + joins[sources.written...].map(\.sql).joined()
  }

  /// MySQL does not read the table that it writes, but for a copy; LIMIT makes sure that there is one.
  func text(ofTable table: String) -> String {
    let name = builder.dialect.quote(table)
    return builder.writtenTable == table ? "(SELECT * FROM \(name) LIMIT 18446744073709551615)" : name
  }

  /// The alias of the row a path leads to; adds the join it needs.
  func alias(for path: Path) throws -> String {
    let isJoined = path.root !== root && sources.alias(for: path.root) != nil
    if path.root !== root, !isJoined {
      guard let outer else {
        throw ORMError(
          .invalidExpression, "an expression of another query was used (\(path.schema.name))",
          hint: "use only the closure's own $0, or a subquery with in(…) or any { … }")
      }
      return try outer.alias(for: path)
    }
    guard let parent = path.parent, let relation = path.relation else { return sources.alias(for: path.root) ?? alias }
    if let joined = joinedPaths.first(where: { $0.path === path }) { return joined.alias }
    let alias = try alias(for: path, behind: parent, relation)
    joinedPaths.append((path, alias))
    return alias
  }

  private func alias(for path: Path, behind parent: Path, _ relation: AnyRelation) throws -> String {
    let hops = [ObjectIdentifier(path.root)] + path.hops.map(ObjectIdentifier.init)
    if let join = joins.first(where: { $0.hops == hops }) { return join.alias }
    let parentAlias = try alias(for: parent), joined = builder.nextAlias()
    let quote = builder.dialect.quote
    let target = relation.target()
    let condition = relation.joinColumns(owner: parent.schema, target: target)
      .map { "\(joined).\(quote($0.target)) = \(parentAlias).\(quote($0.owner))" }.joined(separator: " AND ")
    let kind = path.isNullable ? " LEFT JOIN " : keepsJoinOrder ? " STRAIGHT_JOIN " : " JOIN "
    let sql = kind + text(ofTable: target.table) + " " + joined + " ON " + condition
    joins.append((hops, joined, sql))
    return joined
  }

  /// Writes a column. `author.id` is the foreign key itself: no join.
  func writeColumn(_ column: ColumnReference) throws {
    if column.isKey, let parent = column.path.parent, let foreignKey = column.path.relation?.foreignKeyColumn {
      try write(foreignKey, of: parent)
    } else {
      try write(column.name, of: column.path)
    }
  }

  private func write(_ column: String, of path: Path) throws {
    if isQualified {
      builder.write(try alias(for: path))
      builder.write(".")
      return builder.writeName(column)
    }
    guard path.parent == nil else {
      throw ORMError(.invalidExpression, "a constraint can use only columns of its own table, and '\(column)' is another's")
    }
    builder.write(builder.dialect.quote(column))
  }
}
