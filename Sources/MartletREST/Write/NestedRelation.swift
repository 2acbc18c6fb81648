import MartletCore
public import MartletORM
import MartletSQL

/// A relation whose rows are written together with the row that has them; made by ``Resource/nested(_:)``.
public struct NestedRelation<M: Model>: Sendable {
  let shape: @Sendable (FieldNaming) -> NestedShape
  let bind: @Sendable (NestedShape, _ settings: RESTSettings) -> BoundNested<M>

  /// Rows that refer to the row, or that are tied to it by links.
  static func many<T: Model>(_ related: Related<M, T>, _ resource: Resource<T>) -> NestedRelation {
    let relation = related.relation
    return NestedRelation { naming in
      var shape = NestedShape(relation.name, resource.shape(naming: naming), naming)
      switch relation.link() {
      case .table: shape.kind = .links
      case .foreignKey(let columns): shape.pointing(by: columns)
      }
      return shape
    } bind: { shape, settings in
      let endpoints = ResourceEndpoints(resource, shape.child, settings)
      guard let foreignKey = shape.foreignKey else {
        return BoundNested(name: shape.name) { try await LinkedRows(related, endpoints).prepare($0, $1) }
      }
      return BoundNested(name: shape.name) { inputs, context in
        let owned = OwnedRows<M, T>(endpoints, foreignKey, query: related.inner, isSingle: false)
        return try await owned.prepare(inputs, context)
      }
    }
  }

  /// The one row that refers to the row.
  static func one<T: Model>(_ path: Path, _ resource: Resource<T>) -> NestedRelation {
    NestedRelation { naming in
      var shape = NestedShape(path.relation?.name ?? "", resource.shape(naming: naming), naming)
      shape.pointing(by: path.relation?.inverseColumns ?? [])
      shape.kind = .one
      return shape
    } bind: { shape, settings in
      let endpoints = ResourceEndpoints(resource, shape.child, settings)
      guard let foreignKey = shape.foreignKey else {
        // Its declaration is a mistake that `check` names.
        return BoundNested(name: shape.name) { inputs, _ in
          NestedWork(
            errors: inputs.map { [FieldError(String($0.prefix.dropLast()), code: "read_only", "This field is read-only.")] }
          ) { _ in }
        }
      }
      return BoundNested(name: shape.name) { inputs, context in
        try await OwnedRows<M, T>(endpoints, foreignKey, query: T.query, isSingle: true).prepare(inputs, context)
      }
    }
  }
}

/// A nested relation without types: what OpenAPI and checks read.
package struct NestedShape: Sendable {
  package enum Kind: Sendable { case many, links, one }
  package var name: String
  package var kind = Kind.many
  /// What each row shows and takes.
  package var child: ResourceShape
  /// The place of the child's column that refers to the parent.
  package var foreignKey: Int?

  init(_ property: String, _ child: ResourceShape, _ naming: FieldNaming) {
    name = naming.name(property)
    self.child = child
  }

  /// The child's reference to its parent is not the client's to give.
  mutating func pointing(by columns: [String]) {
    guard columns.count == 1, let index = child.schema.columns.firstIndex(where: { $0.name == columns[0] }) else { return }
    foreignKey = index
    for place in child.fields.indices where child.fields[place].index == index {
      child.fields[place].isWritable = false
      child.fields[place].isWritableOnCreate = false
    }
  }
}

/// What one parent's input says of a nested relation.
struct NestedInput<M: Model>: Sendable {
  var value: JSONTree
  /// `comments.`
  var prefix: String
  /// The parent as it is; `nil` where it is about to be created.
  var owner: M?
}

/// Nested rows, read and checked.
struct NestedWork<M: Model>: Sendable {
  /// What is wrong, for each input.
  var errors: [[FieldError]]
  /// Writes the rows of parents that are written, in the order of the inputs.
  var store: @Sendable ([M]) async throws -> Void
}

/// A nested relation that can be written.
struct BoundNested<M: Model>: Sendable {
  var name: String
  var prepare: @Sendable ([NestedInput<M>], ResourceContext) async throws -> NestedWork<M>
}

/// Nested rows of some of the drafts of one request.
struct NestedPart<M: Model>: Sendable {
  /// The places of the parents among the drafts.
  var places: [Int]
  var store: @Sendable ([M]) async throws -> Void

  func write(_ rows: [M]) async throws { try await store(places.map { rows[$0] }) }
}

extension ResourceEndpoints {
  /// Reads and checks the nested rows of the drafts; their errors become those of the drafts.
  func nestedParts(_ drafts: inout [RowDraft<M>], _ context: ResourceContext) async throws -> [NestedPart<M>] {
    var parts: [NestedPart<M>] = []
    for (place, relation) in writing.nested.enumerated() {
      let asked = drafts.indices.filter { drafts[$0].nested[place] != nil }
      guard !asked.isEmpty else { continue }
      let inputs = asked.map { index in
        NestedInput(
          value: drafts[index].nested[place] ?? .null, prefix: drafts[index].prefix + relation.name + ".",
          owner: drafts[index].original)
      }
      let work = try await relation.prepare(inputs, context)
      for (index, errors) in zip(asked, work.errors) { drafts[index].errors += errors }
      parts.append(NestedPart(places: asked, store: work.store))
    }
    return parts
  }
}
