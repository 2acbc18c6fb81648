import MartletCore
import MartletHTTP
import MartletORM
import MartletSQL

/// Writes rows that refer to their parent by a foreign key. What the viewer may not read is neither changed nor deleted.
struct OwnedRows<M: Model, T: Model>: Sendable {
  let endpoints: ResourceEndpoints<T>
  let foreignKey: Int
  /// Which rows belong to the relation.
  let query: Query<T>
  /// Whether a parent has at most one.
  let isSingle: Bool

  init(_ endpoints: ResourceEndpoints<T>, _ foreignKey: Int, query: Query<T>, isSingle: Bool) {
    self.endpoints = endpoints
    self.foreignKey = foreignKey
    // How many of them a query would show, and in which order, is not what belongs to a parent.
    var all = query
    (all.limit, all.offset, all.orders) = (nil, nil, [])
    self.query = all
    self.isSingle = isSingle
  }

  func prepare(_ inputs: [NestedInput<M>], _ context: ResourceContext) async throws -> NestedWork<M> {
    let items = inputs.map { input in
      isSingle
        ? NestedItems(single: input.value, input.prefix, endpoints.shape)
        : NestedItems(list: input.value, input.prefix, endpoints.shape)
    }
    let existing = try await children(of: inputs.compactMap(\.owner), context)
    var drafts = NestedDrafts<T>(items)
    for (place, input) in inputs.enumerated() {
      let present = input.owner.flatMap { existing[$0.id.sqlValue] } ?? []
      let fixed = [foreignKey: input.owner?.id.sqlValue ?? endpoints.shape.schema.columns[foreignKey].anyValue ?? .null]
      for item in items[place].items {
        let known = item.key.map { key in present.first { $0.id.sqlValue == key } } ?? (isSingle ? present.first : nil)
        try await drafts.add(item, of: place, existing: known, endpoints, fixed: fixed, context)
      }
    }
    let parts = try await drafts.check(endpoints, context)
    let ready = drafts,
      leftOut = inputs.indices.flatMap { place -> [(T, String)] in
        let present = inputs[place].owner.flatMap { existing[$0.id.sqlValue] } ?? [], kept = Set(ready.kept[place].map(\.id))
        return present.filter { !kept.contains($0.id) }.map { ($0, inputs[place].prefix) }
      }
    return NestedWork(errors: ready.errors) { parents in
      // Deletions first: they free what must be unique.
      if !leftOut.isEmpty { try await endpoints.remove(leftOut.map(\.0), at: leftOut.map(\.1), context) }
      try await store(ready, parts, parents, context)
    }
  }

  private func store(
    _ drafts: NestedDrafts<T>, _ parts: (created: [NestedPart<T>], changed: [NestedPart<T>]), _ parents: [M],
    _ context: ResourceContext
  ) async throws {
    if !drafts.changed.isEmpty { _ = try await endpoints.save(drafts.changed, parts.changed, context) }
    if !drafts.created.isEmpty {
      var created = drafts.created
      for index in created.indices {
        try created[index].row?.setColumn(foreignKey, parents[drafts.createdOwners[index]].id.sqlValue)
      }
      _ = try await endpoints.insert(created, parts.created, context)
    }
  }

  /// The rows that the parents have, and the viewer may read.
  private func children(of owners: [M], _ context: ResourceContext) async throws -> [SQLValue: [T]] {
    var children: [SQLValue: [T]] = [:]
    for part in owners.slices(of: 500) {
      let column = Node.column(ColumnReference(path: query.root, index: foreignKey))
      let rows = try await query.permitted(.read, to: context.viewer)
        .filter(node: .inList(column, part.map(\.id.sqlValue))).all(context.db)
      for row in rows { children[row.columnValue(at: foreignKey), default: []].append(row) }
    }
    return children
  }
}
