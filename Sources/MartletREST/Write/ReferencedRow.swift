import MartletCore
import MartletHTTP
import MartletORM
import MartletSQL

/// Writes the row that a parent refers to: an object creates it, one with a key changes that row.
struct ReferencedRow<M: Model, T: Model>: Sendable {
  let endpoints: ResourceEndpoints<T>

  init(_ endpoints: ResourceEndpoints<T>) { self.endpoints = endpoints }

  func prepare(_ inputs: [NestedInput<M>], _ context: ResourceContext) async throws -> NestedWork<M> {
    let items = inputs.map { NestedItems(single: $0.value, $0.prefix, endpoints.shape) }
    let known = try await endpoints.readable(items, context)
    var drafts = try await NestedDrafts<T>(items, known, endpoints, context)
    let parts = try await drafts.check(endpoints, context)
    let ready = drafts
    return NestedWork(errors: ready.errors) {
      if !ready.changed.isEmpty { _ = try await endpoints.save(ready.changed, parts.changed, context) }
      let created = ready.created.isEmpty ? [] : try await endpoints.insert(ready.created, parts.created, context)
      var keys = ready.kept.map { $0.first?.id.sqlValue ?? .null }
      for (place, row) in zip(ready.createdOwners, created) { keys[place] = row.id.sqlValue }
      return keys
    } store: { _ in
    }
  }
}

extension ResourceEndpoints {
  /// The rows that nested items name by their keys, and that the viewer may read.
  func readable(_ items: [NestedItems], _ context: ResourceContext) async throws -> [SQLValue: M] {
    var known: [SQLValue: M] = [:]
    for part in Array(Set(items.flatMap { $0.items.compactMap(\.key) })).slices(of: 500) {
      let query = M.query.permitted(.read, to: context.viewer)
      for row in try await query.filter(node: .inList(query.keyNode, part)).all(context.db) { known[row.id.sqlValue] = row }
    }
    return known
  }
}
