public import MartletCore
public import MartletSQL

/// Which JSON the rows of a query become: names, and what stands behind them, in order.
///
/// ```swift
/// let articles = try await Article.filter { $0.status == .published }.order { $0.id.desc }.limit(20).json(db) { article, json in
///   json.value("title", article.title)
///   json.object("author", article.author) { author, json in json.value("name", author.name) }
///   json.values("tags", article.tags.order { $0.name.asc }) { $0.name }
///   json.value("comments", article.comments.count)
/// }
/// response = .json(bytes: articles.bytes)      // two statements: the articles with their authors, and the tags
/// ```
public struct JSONShape: Sendable {
  package var shape = RowShape()
  private let place: Path

  init(_ place: Path) { self.place = place }

  /// A column, or an expression over columns.
  public mutating func value<V: ColumnValue>(_ name: String, _ value: Expr<V>) {
    shape.members.append(.init(name, .value(value.node, CellCodec(V.self))))
  }
  /// An object whose members belong to the same row.
  public mutating func object(_ name: String, _ members: (inout JSONShape) -> Void) {
    var inner = JSONShape(place)
    members(&inner)
    shape.members.append(.init(name, .object(inner.shape, nil)))
  }
  /// The row that a relation leads to, joined.
  /// - Parameter viewer: Who looks: `null` where the policy of the row's model does not let them read it. Nobody asks the
  ///   policy where this is `nil`.
  public mutating func object<F: ModelFields>(
    _ name: String, _ relation: F, for viewer: Viewer? = nil, _ members: (F, inout JSONShape) -> Void
  ) {
    var inner = JSONShape(relation.joinPath)
    members(relation, &inner)
    let condition = viewer.map { F.M.policy.condition(.read, F.M.Fields(relation.joinPath), $0) }
    shape.members.append(.init(name, .object(inner.shape, .init(at: relation.joinPath, condition: condition))))
  }
  /// The row that a nullable relation leads to, joined; `null` where there is none.
  /// - Parameter viewer: As above.
  public mutating func object<F: ModelFields>(
    _ name: String, _ relation: Maybe<F>, for viewer: Viewer? = nil, _ members: (F, inout JSONShape) -> Void
  ) { object(name, relation.base, for: viewer, members) }

  /// The rows of a to-many relation, as objects: one more statement for all rows of the query.
  ///
  /// Their filter, order and limit are the relation's: `article.comments.order { $0.id.desc }.limit(3)`.
  public mutating func list<O: Model, T: Model>(
    _ name: String, _ related: Related<O, T>, _ members: (T.Fields, inout JSONShape) -> Void
  ) {
    var inner = JSONShape(related.inner.root)
    members(related.inner.fields, &inner)
    add(name, related, .object(inner.shape))
  }
  /// One value of each row of a to-many relation: `["a", "b"]`.
  public mutating func values<O: Model, T: Model, V: ColumnValue>(
    _ name: String, _ related: Related<O, T>, _ value: (T.Fields) -> Expr<V>
  ) {
    add(name, related, .value(value(related.inner.fields).node, CellCodec(V.self)))
  }
  /// What the app computes from the decoded row: all of its columns are read for it.
  ///
  /// ```swift
  /// json.computed("minutes") { (article: Article) in article.body.count / 1000 }
  /// ```
  public mutating func computed<M: Model, V: ColumnValue>(_ name: String, _ value: @escaping @Sendable (M) throws -> V) {
    shape.model = ModelCells(M.self, at: place)
    shape.members.append(
      .init(
        name,
        .written { row, json in
          guard let row = row as? M else { throw AnyRelation.mismatch }
          json.value(try value(row).sqlValue)
        }))
  }

  private mutating func add<O, T>(_ name: String, _ related: Related<O, T>, _ element: ListShape.Element) {
    shape.members.append(
      .init(name, .list(ListShape(parent: related.parent, rows: related.childRows, element: element))))
  }
}

extension RowShape.Presence {
  /// A row that a path leads to, under a condition.
  package init(at path: Path, condition: Node?) {
    let key: Node? = path.isNullable ? .column(ColumnReference(path: path, index: path.schema.primaryKeyIndex)) : nil
    if case .value(.bool(true))? = condition { self.init(key: key) } else { self.init(key: key, condition: condition) }
  }
}

extension Query {
  /// The rows as JSON, written straight from what the database sends: no models in between.
  ///
  /// The number of statements does not depend on the number of rows: one, and one for each list in the shape; more for lists of
  /// more rows than a statement has room for keys (16,383 on SQLite, 32,767 elsewhere).
  /// - Parameter counted: Whether ``JSONRows/total`` says how many rows there are without limit and offset. The query must not
  ///   be ``distinct()`` then.
  /// - Throws: ``DatabaseError``; ``ORMError``; `CancellationError`.
  public func json(
    _ db: Database, counted: Bool = false, fileID: String = #fileID, line: UInt = #line,
    _ shape: (M.Fields, inout JSONShape) -> Void
  ) async throws -> JSONRows {
    if counted, isDistinct {
      throw ORMError(
        .invalidExpression, "rows without duplicates cannot be counted beside their page", hint: "count the query by itself")
    }
    let plan = ReadPlan(self, rowShape(shape), counted: counted)
    return try await plan.run(db, source: SourcePlace(fileID: fileID, line: line))
  }
  /// The statements that ``json(_:counted:fileID:line:_:)`` runs, and what each is for.
  /// - Throws: ``ORMError`` where an expression cannot be compiled.
  public func explainJSON(_ dialect: any SQLDialect, _ shape: (M.Fields, inout JSONShape) -> Void) throws -> String {
    try ReadPlan(self, rowShape(shape)).description(dialect)
  }
  private func rowShape(_ build: (M.Fields, inout JSONShape) -> Void) -> RowShape {
    var json = JSONShape(root)
    build(fields, &json)
    return json.shape
  }
}

extension Related {
  /// Only the rows on which the viewer may act.
  public func permitted(_ action: PolicyAction, to viewer: Viewer) -> Self {
    with { $0.inner = inner.permitted(action, to: viewer) }
  }
}
