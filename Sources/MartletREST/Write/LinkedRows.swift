import MartletCore
import MartletHTTP
import MartletORM
import MartletSQL

/// Writes the links of a many-to-many relation, and the rows on its other side. Links to rows that the viewer may not read
/// stay as they are.
struct LinkedRows<M: Model, T: Model>: Sendable {
  let related: Related<M, T>
  let endpoints: ResourceEndpoints<T>

  init(_ related: Related<M, T>, _ endpoints: ResourceEndpoints<T>) {
    self.related = related
    self.endpoints = endpoints
  }

  func prepare(_ inputs: [NestedInput<M>], _ context: ResourceContext) async throws -> NestedWork<M> {
    let items = inputs.map { NestedItems(list: $0.value, $0.prefix, endpoints.shape) }
    var known: [SQLValue: T] = [:]
    for part in Array(Set(items.flatMap { $0.items.compactMap(\.key) })).slices(of: 500) {
      let query = T.query.permitted(.read, to: context.viewer)
      for row in try await query.filter(node: .inList(query.keyNode, part)).all(context.db) { known[row.id.sqlValue] = row }
    }
    var drafts = NestedDrafts<T>(items)
    for (place, items) in items.enumerated() {
      for item in items.items {
        try await drafts.add(item, of: place, existing: item.key.flatMap { known[$0] }, endpoints, fixed: [:], context)
      }
    }
    let parts = try await drafts.check(endpoints, context)
    let ready = drafts, isNew = inputs.map { $0.owner == nil }
    return NestedWork(errors: ready.errors) { parents in
      if !ready.changed.isEmpty {
        try await endpoints.authorize(
          ready.changed.compactMap(\.original), .update, at: ready.changed.map(\.prefix), context)
        _ = try await endpoints.save(ready.changed, parts.changed, context)
      }
      let created = ready.created.isEmpty ? [] : try await endpoints.insert(ready.created, parts.created, context)
      for (place, parent) in parents.enumerated() {
        let wanted = ready.kept[place] + zip(ready.createdOwners, created).filter { $0.0 == place }.map(\.1)
        try await link(parent, to: wanted, isNew: isNew[place], context)
      }
    }
  }

  private func link(_ parent: M, to wanted: [T], isNew: Bool, _ context: ResourceContext) async throws {
    let relation = related, tied = isNew ? [] : try await self.tied(to: parent, context)
    let ids = Set(wanted.map(\.id)), present = Set(tied.map(\.id))
    try await parent.remove(tied.filter { !ids.contains($0.id) }, from: { _ in relation }, context.db)
    try await parent.add(wanted.filter { !present.contains($0.id) }, to: { _ in relation }, context.db)
  }

  /// The rows that are tied to the parent, and that the viewer may read.
  private func tied(to parent: M, _ context: ResourceContext) async throws -> [T] {
    guard case .table(let table, let owner, let target) = related.relation.link() else { return [] }
    let query = T.query.permitted(.read, to: context.viewer)
    let condition = Node.raw(
      [
        .node(query.keyNode), .sql(" IN (SELECT "), .name(target), .sql(" FROM "), .name(table), .sql(" WHERE "), .name(owner),
        .sql(" = "), .node(.value(parent.id.sqlValue)), .sql(")"),
      ], .bool)
    return try await query.filter(node: condition).all(context.db)
  }
}
