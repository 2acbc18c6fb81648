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
    let keys = try linkKeys(rows)
    try await addLinks(link, keys.owner, keys.targets, db, SourcePlace(fileID: fileID, line: line))
  }

  /// Unties rows from this one. The rows themselves stay.
  public func remove<T: Model>(
    _ rows: [T], from relation: (Fields) -> Related<Self, T>, _ db: Database, fileID: String = #fileID, line: UInt = #line
  ) async throws {
    guard !rows.isEmpty else { return }
    let link = try Self.linkTable(relation)
    let keys = try linkKeys(rows)
    try await removeLinks(link, keys.owner, keys.targets, db, SourcePlace(fileID: fileID, line: line))
  }

  /// Ties exactly these rows to this one: ties the new, unties the others.
  public func set<T: Model>(
    _ rows: [T], for relation: @Sendable (Fields) -> Related<Self, T>, _ db: Database, fileID: String = #fileID,
    line: UInt = #line
  ) async throws {
    let link = try Self.linkTable(relation)
    let keys = try linkKeys(rows)
    let source = SourcePlace(fileID: fileID, line: line)
    try await db.transaction { tx in
      let tied = Set(try await self.tied(link, keys.owner, T.ID.self, tx, source)), wanted = Set(rows.map(\.id))
      try await removeLinks(link, keys.owner, tied.subtracting(wanted).map(\.sqlValue), tx, source)
      try await addLinks(link, keys.owner, rows.map(\.id).filter { !tied.contains($0) }.map(\.sqlValue), tx, source)
    }
  }

  typealias Link = (table: String, owner: String, target: String)

  static func linkTable<T: Model>(_ relation: (Fields) -> Related<Self, T>) throws -> Link {
    guard !schema.hasCompositeKey, !T.schema.hasCompositeKey else {
      throw ORMError(
        .invalidExpression,
        "a link table refers to keys of one column, and \(schema.hasCompositeKey ? schema.name : T.schema.name) has one of several",
        hint: "use a model in between with @Relation(columns:)")
    }
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

  private func addLinks(
    _ link: Link, _ owner: SQLValue, _ targets: [SQLValue], _ db: Database, _ source: SourcePlace
  ) async throws {
    for chunk in targets.chunks(of: db.dialect.maxBindings / 2) {
      let builder = SQLBuilder(db.dialect)
      builder.writeLinks(link, chunk.map { (owner, $0) })
      try await db.run(builder.statement(.write), source: source)
    }
  }

  func removeLinks(
    _ link: Link, _ owner: SQLValue, _ targets: [SQLValue], _ db: Database, _ source: SourcePlace
  ) async throws {
    for chunk in targets.chunks(of: db.dialect.maxBindings - 1) {
      let builder = SQLBuilder(db.dialect), quote = db.dialect.quote
      builder.write("DELETE FROM \(quote(link.table)) WHERE \(quote(link.owner)) = ")
      builder.bind(owner)
      builder.write(" AND " + quote(link.target))
      builder.writeMembership(Array(chunk), negated: false)
      try await db.run(builder.statement(.write), source: source)
    }
  }

  /// The keys of the rows that are tied to this one.
  private func tied<K: ColumnValue>(_ link: Link, _ owner: SQLValue, _ type: K.Type, _ db: Database, _ source: SourcePlace)
    async throws -> [K]
  {
    let builder = SQLBuilder(db.dialect), quote = db.dialect.quote
    builder.write("SELECT \(quote(link.target)) FROM \(quote(link.table)) WHERE \(quote(link.owner)) = ")
    builder.bind(owner)
    return try await db.query(builder.statement(.read), source: source) { try K.read(&$0) }
  }
}

extension Array {
  /// The elements in slices of at most so many.
  func chunks(of size: Int) -> [ArraySlice<Element>] {
    stride(from: 0, to: count, by: Swift.max(1, size)).map { self[$0..<Swift.min($0 + Swift.max(1, size), count)] }
  }
}
