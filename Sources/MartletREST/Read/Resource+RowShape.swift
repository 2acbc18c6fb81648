package import MartletCore
package import MartletORM
import MartletSQL

extension Resource {
  /// The shape of a row of this resource at a place of a query.
  ///
  /// - Throws: ``InputFault`` for a field or a relation that there is not.
  package func rowShape(
    at path: Path, _ shape: ResourceShape, _ selection: FieldSelection, _ context: ShapeContext
  ) throws(InputFault) -> RowShape {
    try check(selection, shape)
    let members = M.Fields(path), relations = selection.expanded.isEmpty ? [] : reading.expansions?(members) ?? []
    var result = RowShape(), shownRelations: Set<String> = []
    // Where the app computes a field, the row is decoded anyway, and its columns are written from it.
    let files =
      shape.fields.contains { $0.column.isFile && selection.shows($0.name) } ? FileLinks(shape, under: context.prefix()) : nil
    let isDecoded =
      context.isDecoded || files != nil || reading.computed.contains { $0.needsModel && selection.shows($0.name) }
    if isDecoded { result.model = ModelCells(M.self, at: path) }
    for field in shape.fields where field.isShown && selection.shows(field.name) {
      if let inner = selection.expanded[field.name],
        let relation = relations.first(where: { shape.resolver.name(ofRelation: $0.name) == field.name })
      {
        shownRelations.insert(relation.name)
        result.members.append(.init(field.key, try content(relation, inner, context)))
      } else {
        result.members.append(.init(field.key, column(field, at: path, isDecoded, files)))
      }
    }
    for computed in reading.computed where selection.shows(computed.name) {
      result.members.append(.init(computed.name, computed.content(members, context.viewer)))
    }
    for relation in relations where !shownRelations.contains(relation.name) {
      let name = shape.resolver.name(ofRelation: relation.name)
      guard let inner = selection.expanded[name], selection.shows(name) else { continue }
      result.members.append(.init(name, try content(relation, inner, context)))
    }
    return result
  }

  private func column(_ field: ResourceField, at path: Path, _ isDecoded: Bool, _ files: FileLinks?) -> RowShape.Content {
    let index = field.index
    if field.column.isFile, let files {
      return .written { row, json in
        guard let row = row as? M else { return json.null() }
        json.value(files.value(row.columnValue(at: index), index, key: row.id.description))
      }
    }
    guard !isDecoded, let codec = field.column.cell else {
      return .written { row, json in json.value(row.columnValue(at: index)) }
    }
    return .value(.column(ColumnReference(path: path, index: index)), codec)
  }

  private func content(
    _ relation: RelationExpression, _ selection: FieldSelection, _ context: ShapeContext
  ) throws(InputFault) -> RowShape.Content {
    guard let (resource, shape) = context.directory.entry(for: relation) else {
      throw InputFault("invalid_choice", "“\(relation.name)” cannot be expanded.")
    }
    var context = context
    context.isDecoded = false
    switch relation.kind {
    case .one(let path):
      let inner = try resource.rowShape(at: path, shape, selection, context)
      return .object(inner, .init(at: path, condition: resource.readCondition(at: path, for: context.viewer)))
    case .many(let parent, let rows):
      var rows = rows(context.viewer)
      rows.limit = rows.limit ?? maxPageSize
      let inner = try resource.rowShape(at: rows.root, shape, selection, context)
      return .list(ListShape(parent: parent, rows: rows, element: .object(inner)))
    }
  }

  /// - Throws: ``InputFault`` that names what there is.
  private func check(_ selection: FieldSelection, _ shape: ResourceShape) throws(InputFault) {
    let relations = shape.expansions.map(\.name)
    if let unknown = selection.expanded.keys.sorted().first(where: { !relations.contains($0) }) {
      throw InputFault(
        "invalid_choice",
        relations.isEmpty
          ? "Nothing of a \(shape.schema.label) can be expanded."
          : "“\(unknown.prefix(80))” cannot be expanded. Allowed: \(relations.joined(separator: ", ")).")
    }
    guard let fields = selection.fields else { return }
    let known = shape.fields.filter(\.isShown).map(\.name) + shape.computed.map(\.name)
    for name in fields.sorted() where !known.contains(name) && selection.expanded[name] == nil {
      throw InputFault(
        "unknown_field", "There is no field “\(name.prefix(80))”. Allowed: \(known.joined(separator: ", ")).")
    }
  }
}

extension Resource {
  package var schema: ModelSchema { M.schema }
  package var relations: [RelationExpression] { reading.expansions?(M.Fields(Path(M.self))) ?? [] }
  package func readCondition(at path: Path, for viewer: Viewer) -> Node {
    M.policy.condition(.read, M.Fields(path), viewer)
  }
}

extension FieldSelection {
  func shows(_ name: String) -> Bool { fields?.contains(name) ?? true }
}
