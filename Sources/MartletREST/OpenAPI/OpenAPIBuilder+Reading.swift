import MartletCore
import MartletORM

extension OpenAPIBuilder {
  /// The parameters that choose the page of a list.
  func pagingParameters(_ shape: ResourceShape, _ names: ListParameterNames) -> [JSONTree] {
    let size = Self.query(
      names.pageSize, ["type": "integer", "format": "int64", "minimum": 1, "default": .number(String(shape.pageSize))],
      "How many rows a page has; more than \(shape.maxPageSize) count as \(shape.maxPageSize).")
    switch shape.pagination {
    case .page:
      return [
        Self.query(names.page, ["type": "integer", "format": "int64", "minimum": 1, "default": 1], "The page, from 1."), size,
      ]
    case .limitOffset:
      return [
        size,
        Self.query(
          names.offset, ["type": "integer", "format": "int64", "minimum": 0, "default": 0], "How many rows come before the page."),
      ]
    case .cursor:
      return [
        Self.query(names.cursor, ["type": "string"], "Where the page is: what “next” or “previous” of another page says."), size,
      ]
    }
  }

  /// The parameters that choose what is shown of a row.
  func rowParameters(_ shape: ResourceShape, _ directory: ResourceDirectory, isList: Bool) -> [JSONTree] {
    let names = ListParameterNames(shape)
    var parameters: [JSONTree] = []
    if let expand = names.expand {
      let known = directory.expansionPaths(of: shape)
      parameters.append(
        Self.texts(
          expand, of: known, atMost: FieldSelection.relationLimit, "Relations to show as rows; relations of those after a dot."))
    }
    if let fields = names.fields {
      let known = shape.fields.filter(\.isShown).map(\.name) + shape.computed.map(\.name)
      parameters.append(
        Self.texts(
          fields, of: known, atMost: FieldSelection.fieldLimit, "Only these fields; fields of expanded rows after a dot."))
    }
    if isList, let format = names.format {
      let formats = ListFormat.allCases.map { JSONTree.string($0.rawValue) }
      parameters.append(
        Self.query(
          format, ["type": "string", "enum": .array(formats), "default": "json"], "csv and ndjson give all rows, without pages."))
    }
    return parameters
  }

  /// A page, or all rows in the other formats.
  static func listResponse(_ page: JSONTree, _ shape: ResourceShape) -> JSONTree {
    let whole = response("A page of \(shape.schema.pluralLabel).", page)
    guard shape.isExportable else { return whole }
    return whole.adding(
      "content",
      [
        "application/json": ["schema": page], "text/csv": ["schema": ["type": "string"]],
        "application/x-ndjson": ["schema": ["type": "string", "description": "One row of the list a line."]],
      ])
  }

  private static func texts(_ name: String, of known: [String], atMost limit: Int, _ description: String) -> JSONTree {
    let items: JSONTree = ["type": "string", "enum": .array(known.map { .string($0) })]
    let schema: JSONTree = ["type": "array", "items": items, "minItems": 1, "maxItems": .number(String(limit))]
    return query(name, schema, description).adding("style", "form").adding("explode", false)
  }
}

/// The schema of a resource's rows, with those that it expands to.
struct RowSchema {
  let registry: SchemaRegistry
  let directory: ResourceDirectory

  /// A reference to the rows' schema.
  func reference(_ shape: ResourceShape) -> JSONTree {
    let name = shape.schema.name
    // Rows that expand to others may come back to themselves.
    if shape.expansions.isEmpty { return registry.add(name, schema(shape)) }
    return registry.reference(for: "\(shape.schema.table) \(shape.path) \(shape.source)", named: name) { schema(shape) }
  }

  private func schema(_ shape: ResourceShape) -> JSONTree {
    var members = shape.fields.filter(\.isShown).map { field in
      (name: field.name, schema: expandable(field, shape) ?? field.readSchema, isRequired: !shape.isSparse)
    }
    for field in shape.computed { members.append((field.name, field.schema, !shape.isSparse)) }
    for expansion in shape.expansions where shape.field(named: expansion.name) == nil {
      members.append((expansion.name, rows(expansion.relation), false))
    }
    return registry.namingEnums(.objectSchema(members), owner: shape.schema.name).adding(
      "description", shape.schema.documentation.map { .string($0) })
  }

  /// A reference that is a key, or a row where the request asks for it.
  private func expandable(_ field: ResourceField, _ shape: ResourceShape) -> JSONTree? {
    guard let expansion = shape.expansions.first(where: { $0.name == field.name }) else { return nil }
    var key = field.readSchema
    for name in ["title", "description", "readOnly"] { key = key.without(name) }
    // A row that the caller may not read is null.
    let schema: JSONTree = ["anyOf": .array([key.nullable, row(expansion.relation)])]
    return schema.adding("description", "The key, or the row where `expand` asks for it.")
  }

  private func rows(_ relation: RelationExpression) -> JSONTree {
    switch relation.kind {
    case .one:
      let schema: JSONTree = ["anyOf": .array([row(relation), ["type": "null"]])]
      return schema.adding("description", "There where `expand` asks for it.").adding("readOnly", true)
    case .many:
      let schema: JSONTree = ["type": "array", "items": row(relation)]
      return schema.adding("description", "There where `expand` asks for them.").adding("readOnly", true)
    }
  }

  private func row(_ relation: RelationExpression) -> JSONTree {
    directory.entry(for: relation).map { reference($0.shape) } ?? .object([])
  }
}

extension ComputedField {
  /// The field as JSON that is read.
  var schema: JSONTree {
    let column = ColumnSchema(computed: name, type, isNullable: isNullable, choices: choices)
    return column.readSchema.adding("readOnly", true)
  }
}
