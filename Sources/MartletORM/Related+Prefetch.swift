import MartletSQL

/// Loads the rows of a to-many relation for rows that a query returned.
struct Prefetch<M: Model>: Sendable {
  let run: @Sendable (inout [M], Database) async throws -> Void
}

extension Related {
  /// For a query over `M`, from which `parent` leads to the owners.
  func prefetch<M: Model>(for model: M.Type) -> Prefetch<M> {
    let hops = parent.hops, related = self
    return Prefetch { rows, database in
      let owners = try rows.compactMap { try Self.owner(of: $0, hops[...])?.id }
      guard !owners.isEmpty else { return }
      var unique: [O.ID] = [], seen: Set<O.ID> = []
      for id in owners where seen.insert(id).inserted { unique.append(id) }
      let found = try await related.rows(of: unique, database)
      for i in rows.indices {
        var row: any Model = rows[i]
        try Self.update(&row, hops[...]) { owner in related.relation.set(&owner, found[owner.id] ?? []) }
        if let typed = row as? M { rows[i] = typed }
      }
    }
  }

  private static func owner(of row: any Model, _ hops: ArraySlice<AnyRelation>) throws -> O? {
    guard let hop = hops.first else { return row as? O }
    switch try hop.loadedRow(of: row) {
    case .row(let next): return try owner(of: next, hops.dropFirst())
    case .absent: return nil
    case .notLoaded:
      throw ORMError(
        .notLoaded, "'\(hop.name)' has to be loaded before what belongs to it", hint: "add .with { $0.\(hop.name) } before it")
    }
  }
  private static func update(_ row: inout any Model, _ hops: ArraySlice<AnyRelation>, _ body: (inout O) -> Void) throws {
    guard let hop = hops.first else {
      guard var owner = row as? O else { return }
      body(&owner)
      row = owner
      return
    }
    try hop.mutateLoaded(&row) { try update(&$0, hops.dropFirst(), body) }
  }

  /// The rows by owner: one statement, or as many as the bindings need.
  private func rows(of owners: [O.ID], _ database: Database) async throws -> [O.ID: [T]] {
    var found: [O.ID: [T]] = [:]
    // Leaves room for the bindings of filters.
    for chunk in owners.chunks(of: database.dialect.maxBindings / 2 / O.schema.primaryKeyIndexes.count) {
      let statement = try childRows.statement(inner.allNodes, owners: chunk.map(\.keyValues), database.dialect)
      let decode = try inner.decoder()
      let pairs = try await database.query(statement) { row in
        let owner = try O.ID.read(&row)
        return (owner, try decode(&row))
      }
      let children = try await inner.prefetched(pairs.map(\.1), database)
      for (pair, child) in zip(pairs, children) { found[pair.0, default: []].append(child) }
    }
    return found
  }
}
