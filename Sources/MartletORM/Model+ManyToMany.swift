public import MartletSQL

extension Model {
  /// Ties rows to this one by a many-to-many relation. Those that are tied already stay tied once.
  ///
  /// ```swift
  /// try await post.add([swift, news], to: { $0.tags }, db)
  /// ```
  /// - Throws: ``ORMError`` of kind `unsavedKey`, or `invalidExpression` where the relation has a model of its own in
  ///   between that needs more than the two references; ``DatabaseError``.
  public func add<T: Model>(
    _ rows: [T], to relation: (Fields) -> Related<Self, T>, _ db: Database, fileID: String = #fileID, line: UInt = #line
  ) async throws {
    guard !rows.isEmpty else { return }
    let link = try Self.linkTable(relation)
    let keys = try linkKeys(rows), quote = db.dialect.quote
    for start in stride(from: 0, to: keys.targets.count, by: db.dialect.maxBindings / 2) {
      let chunk = keys.targets[start..<min(start + db.dialect.maxBindings / 2, keys.targets.count)]
      let builder = SQLBuilder(db.dialect)
      builder.write("INSERT INTO \(quote(link.table)) (\(quote(link.owner)), \(quote(link.target))) VALUES ")
      builder.list(chunk) { target in
        builder.write("(")
        builder.bindPlain(keys.owner, secret: false)
        builder.write(", ")
        builder.bindPlain(target, secret: false)
        builder.write(")")
      }
      builder.write(" ON CONFLICT (\(quote(link.owner)), \(quote(link.target))) DO NOTHING")
      try await db.run(builder.statement(.write), source: SourcePlace(fileID: fileID, line: line))
    }
  }

  /// Unties rows from this one. The rows themselves stay.
  public func remove<T: Model>(
    _ rows: [T], from relation: (Fields) -> Related<Self, T>, _ db: Database, fileID: String = #fileID, line: UInt = #line
  ) async throws {
    guard !rows.isEmpty else { return }
    let link = try Self.linkTable(relation)
    let keys = try linkKeys(rows)
    try await removeLinks(link, keys.owner, " IN ", keys.targets, db, SourcePlace(fileID: fileID, line: line))
  }

  /// Ties exactly these rows to this one: ties the new, unties the others.
  public func set<T: Model>(
    _ rows: [T], for relation: @Sendable (Fields) -> Related<Self, T>, _ db: Database, fileID: String = #fileID,
    line: UInt = #line
  ) async throws {
    let link = try Self.linkTable(relation)
    let keys = try linkKeys(rows)
    try await db.transaction { tx in
      try await removeLinks(link, keys.owner, " NOT IN ", keys.targets, tx, SourcePlace(fileID: fileID, line: line))
      try await add(rows, to: relation, tx, fileID: fileID, line: line)
    }
  }

  private typealias Link = (table: String, owner: String, target: String)

  private static func linkTable<T>(_ relation: (Fields) -> Related<Self, T>) throws -> Link {
    if case .table(let table, let owner, let target) = relation(Fields(Path(Self.self))).relation.link() {
      return (table, owner, target)
    }
    throw ORMError(
      .invalidExpression, "this relation of \(Self.self) is a foreign key of \(T.self), not many-to-many",
      hint: "set the reference of the other row instead")
  }

  private func linkKeys<T: Model>(_ rows: [T]) throws -> (owner: SQLValue, targets: [SQLValue]) {
    guard !id.isUnsavedKey, !rows.contains(where: \.id.isUnsavedKey) else {
      throw ORMError(.unsavedKey, "only saved rows can be tied together", hint: "insert the rows first")
    }
    return (id.sqlValue, rows.map(\.id.sqlValue))
  }

  private func removeLinks(
    _ link: Link, _ owner: SQLValue, _ word: String, _ targets: [SQLValue], _ db: Database, _ source: SourcePlace
  ) async throws {
    let builder = SQLBuilder(db.dialect)
    builder.write("DELETE FROM \(db.dialect.quote(link.table)) WHERE \(db.dialect.quote(link.owner)) = ")
    builder.bind(owner)
    if !targets.isEmpty {
      builder.write(" AND \(db.dialect.quote(link.target))\(word)(")
      builder.list(targets) { builder.bind($0) }
      builder.write(")")
    }
    try await db.run(builder.statement(.write), source: source)
  }
}
