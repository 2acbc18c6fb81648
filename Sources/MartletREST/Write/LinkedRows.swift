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
    let known = try await endpoints.readable(items, context)
    var drafts = try await NestedDrafts<T>(items, known, endpoints, context)
    let parts = try await drafts.check(endpoints, context)
    let ready = drafts, loose = try await untied(inputs, ready, known, context)
    return NestedWork(errors: ready.errors) { parents in
      if !ready.changed.isEmpty { _ = try await endpoints.save(ready.changed, parts.changed, context) }
      let created = ready.created.isEmpty ? [] : try await endpoints.insert(ready.created, parts.created, context)
      var pairs: [(owner: SQLValue, target: SQLValue)] = []
      for (place, parent) in parents.enumerated() {
        try await parent.untie(loose[place].map(\.sqlValue), by: related, context.db)
        pairs += ready.kept[place].map { (parent.id.sqlValue, $0.id.sqlValue) }
      }
      pairs += zip(ready.createdOwners, created).map { (parents[$0].id.sqlValue, $1.id.sqlValue) }
      try await M.tie(pairs, by: related, context.db)
    }
  }

  /// The rows that each parent is tied to, that its list leaves out, and that the viewer may read.
  private func untied(
    _ inputs: [NestedInput<M>], _ drafts: NestedDrafts<T>, _ known: [SQLValue: T], _ context: ResourceContext
  ) async throws -> [[T.ID]] {
    let owners = inputs.compactMap(\.owner)
    guard !owners.isEmpty else { return inputs.map { _ in [] } }
    let links = try await M.links(of: owners, by: related, context.db)
    var readable = Set(known.values.map(\.id))
    for part in Array(Set(links.values.joined()).subtracting(readable)).slices(of: 500) {
      let query = T.query.permitted(.read, to: context.viewer)
      readable.formUnion(try await query.filter(node: .inList(query.keyNode, part.map(\.sqlValue))).keys(context.db))
    }
    return inputs.enumerated().map { place, input in
      let kept = Set(drafts.kept[place].map(\.id))
      return (input.owner.flatMap { links[$0.id] } ?? []).filter { readable.contains($0) && !kept.contains($0) }
    }
  }
}
