public import MartletSQL

/// A table that is no model's: a subquery, a common table expression, raw SQL. Its columns have types, and no names.
///
/// ```swift
/// let counts = Post.query.select { ($0.author.id, count()) }.table()
/// let busy = try await Author.query.join(counts) { author, n in author.id == n.columns.0 }
///   .filter { _, n in n.columns.1 > 3 }.select { author, n in (author.name, n.columns.1) }.all(db)
/// ```
public struct QueryTable<each V: ColumnValue>: Sendable {
  let source: any TableSource
  let columns: [ColumnSchema]

  init(source: any TableSource, columns: [ColumnSchema]) {
    self.source = source
    self.columns = columns
  }

  /// The columns of a plan as those of a table: `c0`, `c1` …
  static func columns(_ plan: SelectPlan?) -> [ColumnSchema] {
    var columns: [ColumnSchema] = []
    for type in repeat (each V).self {
      let node = plan?.select[columns.count]
      columns.append(
        ColumnSchema(
          property: "c\(columns.count)", name: "c\(columns.count)", type: node.flatMap { Scope.type(of: $0) } ?? type.columnType,
          isNullable: type.isNullable || node.map { Scope.isNullable($0) } == true, isPrimaryKey: false, keyGeneration: .none,
          choices: [], defaultValue: nil, foreignKey: nil, options: FieldOptions(secret: node.map { Scope.isSecret($0) } == true))
      )
    }
    return columns
  }
  static func schema(_ columns: [ColumnSchema]) -> ModelSchema {
    ModelSchema(
      name: "subquery", app: "", table: "", label: "", pluralLabel: "", columns: columns, links: [], toMany: [],
      primaryKeyIndexes: [0])
  }

  /// A place in a FROM clause.
  func path(isOptional: Bool = false) -> Path { Path(Self.schema(columns), source: source, isOptional: isOptional) }

  /// The columns at that place.
  func fields(_ path: Path) -> TableColumns<repeat each V> {
    var index = -1
    func next<W>(_ type: W.Type) -> Expr<W> {
      index += 1
      return Expr(.column(ColumnReference(path: path, index: index)))
    }
    return TableColumns(columns: (repeat next((each V).self)))
  }
  func optionalFields(_ path: Path) -> TableColumns<repeat (each V)?> {
    var index = -1
    func next<W>(_ type: W.Type) -> Expr<W?> {
      index += 1
      return Expr(.column(ColumnReference(path: path, index: index)))
    }
    return TableColumns(columns: (repeat next((each V).self)))
  }
}

/// The columns of a ``QueryTable`` in a query: `n.columns.0`, or `n.columns` where there is one.
public struct TableColumns<each V: ColumnValue>: Sendable {
  /// The columns.
  public let columns: (repeat Expr<each V>)
}

/// Raw SQL as a table with typed columns, in their order.
///
/// ```swift
/// let days = rawTable("SELECT day, sum(n) FROM visits WHERE site = \(site) GROUP BY day", as: (CalendarDate, Int).self)
/// ```
/// It stands in the statement's WITH clause, by its name.
public func rawTable<each V: ColumnValue>(_ text: SQLText, as types: (repeat each V).Type, name: String = "raw") -> QueryTable<
  repeat each V
> {
  let columns = QueryTable<repeat each V>.columns(nil)
  return QueryTable(source: CommonTable(name, columns: columns.map(\.name), .raw(text.pieces)), columns: columns)
}

/// A table that begins with some rows and adds those that follow from the ones found, until there are no new ones
/// (`WITH RECURSIVE`).
///
/// ```swift
/// let numbers = recursive("numbers", first: row(Expr(value: 1))) { known in
///   from(known).filter { $0.columns < 10 }.select { $0.columns + 1 }
/// }
/// ```
/// - Parameters:
///   - name: The table's name; it is quoted.
///   - keepingDuplicates: Whether a row found twice counts twice. Without, circles come to an end.
///   - next: The rows that follow from the known ones; reads the table once.
public func recursive<each V: ColumnValue>(
  _ name: String, first: Rows<repeat each V>, keepingDuplicates: Bool = false,
  next: @escaping @Sendable (QueryTable<repeat each V>) -> Rows<repeat each V>
) -> QueryTable<repeat each V> {
  let columns = QueryTable<repeat each V>.columns(first.plan)
  let body = CommonTable.Body.recursive(first: first.plan, keepsDuplicates: keepingDuplicates) { table in
    next(QueryTable(source: table, columns: columns)).plan
  }
  return QueryTable(source: CommonTable(name, columns: columns.map(\.name), body), columns: columns)
}
