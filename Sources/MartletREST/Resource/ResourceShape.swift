package import MartletCore
package import MartletHTTP
package import MartletORM
import MartletSQL

/// What a resource shows and takes, without its model's type: read by its handlers, by OpenAPI and by checks.
package struct ResourceShape: Sendable {
  /// The last part of the path, and the name of its routes.
  package var path: String
  package var schema: ModelSchema
  package var resolver: FieldResolver
  /// The visible fields, in order.
  package var fields: [ResourceField] = []
  package var filters: [FilterField] = []
  package var search: ListSearch?
  package var ordering: [ResolvedField] = []
  /// The fields that are no columns.
  package var computed: [ComputedField] = []
  /// The relations that can be expanded, with their names in the API.
  package var expansions: [(name: String, relation: RelationExpression)] = []
  package var pagination = Pagination.page
  package var count = RowCount.exact
  package var isExportable = false
  /// Whether a request may ask for some of the fields.
  package var isSparse = false
  package var actions: Set<ResourceAction>
  package var pageSize: Int
  package var maxPageSize: Int
  package var summary: String?
  package var isPolicyDeclared: Bool
  package var exchange = ExchangeShape()
  package var writing = WritingShape()
  package var source: RouteSource
  /// Mistakes of the declaration, for `check`.
  package var mistakes: [CheckMessage] = []

  package var naming: FieldNaming { resolver.naming }
  /// What the resource is: `.describe(…)`, else the model's doc comment.
  package var about: String? { summary ?? schema.documentation }
  /// The outside name of the key.
  package var keyName: String { resolver.keyName }
  package func field(named name: String) -> ResourceField? { fields.first { $0.name == name } }
}

/// One visible field.
package struct ResourceField: Sendable {
  package var name: String
  /// The name as it stands in JSON.
  package var key: JSONKey
  /// The column's place in the schema.
  package var index: Int
  package var column: ColumnSchema
  /// Whether rows show it; a write-only field is taken alone.
  package var isShown = true
  package var isWritable: Bool
  /// A key that the app gives is written once.
  package var isWritableOnCreate: Bool
  /// Whether a new row needs it from the client.
  package var isRequired: Bool { isWritableOnCreate && column.defaultValue == nil && !column.isNullable }
}

extension Resource {
  /// Resolves every declared expression to a column of the model.
  package func shape(naming: FieldNaming, directory: ResourceDirectory) -> ResourceShape {
    let schema = M.schema, resolver = resolver(naming), members = M.Fields(Path(M.self))
    var shape = ResourceShape(
      path: path, schema: schema, resolver: resolver, actions: actions, pageSize: pageSize, maxPageSize: maxPageSize,
      summary: summary, isPolicyDeclared: M.policy.isDeclared, source: RouteSource(file: source.file, line: source.line))
    func note(_ mistake: String, _ modifier: String, _ shape: inout ResourceShape) {
      shape.mistakes.append(
        CheckMessage(
          "rest.E001", .error, "A field in .\(modifier) of the resource “\(path)” is left out: it \(mistake).",
          hint: "List columns, such as $0.title, $0.author or $0.author.name.", object: shape.source.description))
    }
    func resolve(_ list: FieldList, _ modifier: String, ownOnly: Bool) -> [ResolvedField] {
      list(members).compactMap { expression in
        var (field, mistake) = resolver.field(expression, isInput: ownOnly)
        if let found = field, ownOnly, !found.hops.isEmpty {
          (field, mistake) = (nil, "'\(found.name)' is a column of another model")
        }
        if let mistake { note(mistake, modifier, &shape) }
        return field
      }
    }
    var shownIndexes = shown.map { resolve($0, "fields", ownOnly: true).map(\.index) } ?? Array(schema.columns.indices)
    shownIndexes += resolver.writeOnly.subtracting(shownIndexes).sorted()
    let hiddenIndexes = Set(hidden.flatMap { resolve($0, "hidden", ownOnly: true) }.map(\.index))
    let filled = filledColumns
    shape.mistakes += filled.mistakes
    shape.writing = writingShape(naming: naming, directory: directory, filled: filled.indexes)
    for place in shape.writing.nested.indices where shape.writing.nested[place].kind == .reference {
      if let index = shape.writing.nested[place].foreignKey { shape.writing.nested[place].name = resolver.name(at: index) }
    }
    shape.mistakes += nestedMistakes(shape.writing)
    let readOnlyIndexes = Set(readOnlyFields.flatMap { resolve($0, "readOnly", ownOnly: true) }.map(\.index))
      .union(filled.indexes)
    shape.fields = resourceFields(shownIndexes.filter { !hiddenIndexes.contains($0) }, readOnly: readOnlyIndexes, resolver)
    let visible = shape.fields.filter(\.isShown).compactMap { resolver.field(at: $0.index) }
    let indexed = leadingIndexColumns
    shape.ordering =
      orderingFields.map { resolve($0, "ordering", ownOnly: false) }
      ?? visible.filter {
        $0.column.isPrimaryKey || $0.column.isUnique || $0.column.options.index || indexed.contains($0.column.name)
      }
    addReading(&shape)
    exchangeShape(&shape)
    addFilters(
      &shape, standard: visible.filter { $0.column.isFilteredByDefault || indexed.contains($0.column.name) }, note: note)
    addMistakes(&shape)
    addNamingMistakes(&shape)
    return shape
  }

  private func resourceFields(_ indexes: [Int], readOnly: Set<Int>, _ resolver: FieldResolver) -> [ResourceField] {
    indexes.compactMap { index in
      guard let field = resolver.field(at: index) else { return nil }
      // A path into the storage is never a client's to choose.
      let isOpen = field.column.options.editable && !field.column.isFile && !readOnly.contains(index)
      let isGivenByApp = field.column.isPrimaryKey && field.column.keyGeneration == .none
      return ResourceField(
        name: field.name, key: JSONKey(field.name), index: index, column: field.column,
        isShown: !resolver.writeOnly.contains(index), isWritable: isOpen && !field.column.isPrimaryKey,
        isWritableOnCreate: isOpen && (!field.column.isPrimaryKey || isGivenByApp))
    }
  }

  /// The first columns of the model's composite indexes and unique constraints.
  private var leadingIndexColumns: Set<String> {
    Set(M.constraints.compactMap { try? $0.columns().first?.name })
  }

  private func addMistakes(_ shape: inout ResourceShape) {
    if shape.schema.hasCompositeKey {
      shape.mistakes.append(
        CheckMessage(
          "rest.E003", .error, "\(M.self) has a key of several columns, and the resource “\(path)” can name no row in a path.",
          hint: "Write routes of your own, or give the model a key of one column and a unique constraint over these.",
          object: shape.source.description))
    }
    if !shape.isPolicyDeclared {
      shape.mistakes.append(
        CheckMessage(
          "rest.W001", .warning, "\(M.self) has no policy, so the resource “\(path)” answers staff alone.",
          hint: "Declare static let policy = Policy(\(M.self).self) { … }.", object: shape.source.description))
    }
    guard actions.contains(.create) else { return }
    for column in unfillableColumns(shape) {
      shape.mistakes.append(
        CheckMessage(
          "rest.E002", .error,
          "Nothing can be created at the resource “\(path)”: \(M.self).\(column) is not writable there and has no default.",
          hint: "Give the property a default value, show the field, or leave .create out of .actions(…).",
          object: shape.source.description))
    }
  }

  private func unfillableColumns(_ shape: ResourceShape) -> [String] {
    shape.schema.columns.enumerated().filter { index, column in
      guard column.defaultValue == nil, !column.isNullable, !column.options.autoNow, !column.options.autoNowAdd else {
        return false
      }
      if column.isPrimaryKey, column.keyGeneration != .none { return false }
      if shape.writing.filled.contains(index) { return false }
      return !shape.fields.contains { $0.index == index && $0.isWritableOnCreate }
    }.map(\.element.property)
  }
}

extension ColumnSchema {
  /// Cheap to look up, or one of few values.
  fileprivate var isFilteredByDefault: Bool {
    isPrimaryKey || isUnique || options.index || foreignKey != nil || !choices.isEmpty || type == .bool
  }
}
