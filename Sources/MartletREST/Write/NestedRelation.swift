import MartletCore
public import MartletORM
import MartletSQL

/// A relation whose rows are written together with the row that has them; made by ``Resource/nested(_:)``.
public struct NestedRelation<M: Model>: Sendable {
  /// `nil` where the relation cannot be written.
  let shape: @Sendable (FieldNaming, ResourceDirectory) -> NestedShape?
  let bind: @Sendable (NestedShape, _ settings: RESTSettings) -> BoundNested<M>

  /// Rows that refer to the row, or that are tied to it by links.
  ///
  /// - Parameter resource: How they are written; as the API's resource of their model says without it.
  static func many<T: Model>(_ related: Related<M, T>, _ resource: Resource<T>? = nil) -> NestedRelation {
    let relation = related.relation
    return NestedRelation { naming, directory in
      let resource = resource ?? directory.nestedResource(of: T.self)
      switch relation.link() {
      case .foreignKey(let columns): return NestedShape(.many, relation.name, resource, pointingBy: columns, naming, directory)
      case .table(let table, _, _):
        // A model in between has a policy and columns of its own: its rows are written by its own resource.
        guard (M.schema.links + T.schema.links).contains(where: { $0.table == table }) else { return nil }
        return NestedShape(.links, relation.name, resource, naming, directory)
      }
    } bind: { shape, settings in
      let endpoints = shape.endpoints(of: resource ?? settings.directory.nestedResource(of: T.self), settings)
      return BoundNested(shape) { inputs, context in
        guard let foreignKey = shape.foreignKey else {
          return try await LinkedRows(related, endpoints).prepare(inputs, context)
        }
        let owned = OwnedRows<M, T>(endpoints, foreignKey, query: related.inner, isSingle: false)
        return try await owned.prepare(inputs, context)
      }
    }
  }

  /// The one row that refers to the row, or that the row refers to.
  static func one<T: Model>(_ path: Path, _ model: T.Type, _ resource: Resource<T>? = nil) -> NestedRelation {
    NestedRelation { naming, directory in
      let resource = resource ?? directory.nestedResource(of: model)
      guard path.parent?.parent == nil, let relation = path.relation else { return nil }
      if relation.foreignKeyColumns.isEmpty {
        return NestedShape(.one, relation.name, resource, pointingBy: relation.inverseColumns, naming, directory)
      }
      guard let column = relation.foreignKeyColumn else { return nil }
      var shape = NestedShape(.reference, relation.name, resource, naming, directory)
      shape?.foreignKey = M.schema.columns.firstIndex { $0.name == column }
      return shape
    } bind: { shape, settings in
      let endpoints = shape.endpoints(of: resource ?? settings.directory.nestedResource(of: T.self), settings)
      return BoundNested(shape) { inputs, context in
        guard shape.kind == .one else { return try await ReferencedRow<M, T>(endpoints).prepare(inputs, context) }
        let owned = OwnedRows<M, T>(endpoints, shape.foreignKey ?? 0, query: T.query, isSingle: true)
        return try await owned.prepare(inputs, context)
      }
    }
  }
}

/// A nested relation without types: what OpenAPI and checks read.
package struct NestedShape: Sendable {
  package enum Kind: Sendable {
    /// Rows that refer to the parent.
    case many
    /// Rows that links tie to the parent.
    case links
    /// The one row that refers to the parent.
    case one
    /// The row that the parent refers to.
    case reference
  }
  package var name: String
  /// The place among the resource's nested relations.
  var place = 0
  package var kind: Kind
  /// What each row shows and takes.
  package var child: ResourceShape
  /// The place of the child's column that refers to the parent, or of the parent's that refers to the child.
  package var foreignKey: Int?

  /// - Returns: `nil` for rows with keys of several columns, which no item could name.
  init?<T: Model>(
    _ kind: Kind, _ property: String, _ resource: Resource<T>, _ naming: FieldNaming, _ directory: ResourceDirectory
  ) {
    guard !T.schema.hasCompositeKey else { return nil }
    self.kind = kind
    name = naming.name(property)
    child = resource.shape(naming: naming, directory: directory)
  }
  /// - Parameter pointingBy: The child's columns that refer to the parent. Several of them cannot be written.
  init?<T: Model>(
    _ kind: Kind, _ property: String, _ resource: Resource<T>, pointingBy columns: [String], _ naming: FieldNaming,
    _ directory: ResourceDirectory
  ) {
    guard columns.count == 1, let index = T.schema.columns.firstIndex(where: { $0.name == columns[0] }) else { return nil }
    self.init(kind, property, resource.filledByParent(index), naming, directory)
    foreignKey = index
  }

  func endpoints<T: Model>(of resource: Resource<T>, _ settings: RESTSettings) -> ResourceEndpoints<T> {
    let pointing = kind == .many || kind == .one ? foreignKey.map(resource.filledByParent) : nil
    return ResourceEndpoints(pointing ?? resource, child, settings)
  }
}

extension Resource {
  /// The reference to the parent is not the client's to give.
  fileprivate func filledByParent(_ index: Int) -> Self {
    var copy = self
    let fill = ColumnFill<M>(column: { .column(ColumnReference(path: $0.joinPath, index: index)) }, value: { _ in .null })
    copy.writing.fills.append(fill)
    return copy
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
  /// Writes the rows that the parents refer to, before these are written: the keys, in the order of the inputs.
  var references: (@Sendable () async throws -> [SQLValue])?
  /// Writes the rows of parents that are written, in the order of the inputs.
  var store: @Sendable ([M]) async throws -> Void
}

/// A nested relation that can be written.
struct BoundNested<M: Model>: Sendable {
  var name: String
  /// The parent's own column that refers to the row, where it does.
  var reference: Int?
  var prepare: @Sendable ([NestedInput<M>], ResourceContext) async throws -> NestedWork<M>

  init(_ shape: NestedShape, prepare: @escaping @Sendable ([NestedInput<M>], ResourceContext) async throws -> NestedWork<M>) {
    name = shape.name
    reference = shape.kind == .reference ? shape.foreignKey : nil
    self.prepare = prepare
  }
}

/// Nested rows of some of the drafts of one request.
struct NestedPart<M: Model>: Sendable {
  /// The places of the parents among the drafts.
  var places: [Int]
  /// The parents' column that refers to the row.
  var reference: Int?
  var work: NestedWork<M>

  func write(_ rows: [M]) async throws { try await work.store(places.map { rows[$0] }) }

  /// Writes what the parents refer to, and makes them do so.
  func writeReferences(_ rows: inout [M]) async throws {
    guard let reference, let keys = try await work.references?() else { return }
    for (place, key) in zip(places, keys) { try rows[place].setColumn(reference, key) }
  }
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
      parts.append(NestedPart(places: asked, reference: relation.reference, work: work))
    }
    return parts
  }
}
