import MartletCore
public import MartletSQL

/// Collects a model's schema: called by the code that `@Model` writes.
///
/// One call a column, not one array literal, which would cost the type checker far more.
public struct SchemaBuilder {
  var schema: ModelSchema

  /// Begins the schema of a model.
  public init(_ name: String, app: String, table: String, label: String?, pluralLabel: String?) {
    let words = Naming.words(name)
    schema = ModelSchema(
      name: name, app: app, table: table, label: label ?? words, pluralLabel: pluralLabel ?? Naming.plural(label ?? words),
      columns: [], links: [], toMany: [], primaryKeyIndexes: [0])
  }

  /// The primary key.
  public mutating func key<Owner, Raw: ColumnValue>(
    _ property: String, _ column: String, _ type: Key<Owner, Raw>.Type, _ generation: KeyGeneration,
    _ options: FieldOptions = .init()
  ) {
    schema.primaryKeyIndexes = [schema.columns.count]
    append(property, column, type, default: nil, options)
    schema.columns[schema.primaryKeyIndex].isPrimaryKey = true
    schema.columns[schema.primaryKeyIndex].keyGeneration = generation
  }

  /// The properties that together are the primary key; called after they are there.
  public mutating func compositeKey(_ properties: String...) {
    schema.primaryKeyIndexes = properties.compactMap { schema.column(property: $0)?.index }
    for (place, index) in schema.primaryKeyIndexes.enumerated() {
      schema.columns[index].isPrimaryKey = true
      schema.columns[index].keyPlace = place
    }
  }

  /// A column.
  public mutating func column<V: ColumnValue>(
    _ property: String, _ column: String, _ type: V.Type, default initial: (@Sendable () -> V)? = nil,
    _ options: FieldOptions = .init()
  ) {
    var erased: (@Sendable () -> SQLValue)?
    if let initial { erased = { initial().sqlValue } }
    append(property, column, type, default: erased, options)
    schema.columns[schema.columns.count - 1].isFile = V.self == StoredFile.self || V.self == StoredFile?.self
  }

  /// A foreign key.
  public mutating func reference<T: Model>(
    _ property: String, _ column: String, _ type: Ref<T>.Type, onDelete: OnDelete, isOneToOne: Bool = false,
    _ options: FieldOptions = .init()
  ) {
    append(property, column, type, default: nil, options)
    schema.columns[schema.columns.count - 1].foreignKey = ForeignKeySchema(
      target: { T.schema }, onDelete: onDelete, isOneToOne: isOneToOne, model: { T.self })
  }
  /// A nullable foreign key.
  public mutating func reference<T: Model>(
    _ property: String, _ column: String, _ type: Ref<T>?.Type, onDelete: OnDelete, isOneToOne: Bool = false,
    _ options: FieldOptions = .init()
  ) {
    reference(property, column, Ref<T>.self, onDelete: onDelete, isOneToOne: isOneToOne, options)
    schema.columns[schema.columns.count - 1].isNullable = true
  }

  /// A reference of several columns, which are there as columns of their own.
  public mutating func foreignKey<T: Model>(_ property: String, _ columns: [String], _ target: T.Type, onDelete: OnDelete) {
    schema.foreignKeys.append(
      CompositeForeignKeySchema(property: property, columns: columns, target: { T.schema }, onDelete: onDelete))
  }

  /// The table of a many-to-many relation that this model declares.
  public mutating func link<T: Model>(_ table: String, _ ownerColumn: String, _ targetColumn: String, _ target: T.Type) {
    schema.links.append(LinkSchema(table: table, ownerColumn: ownerColumn, targetColumn: targetColumn, target: { T.schema }))
  }
  /// A relation to rows elsewhere.
  public mutating func toMany<T: Model>(_ property: String, _ target: T.Type, isManyToMany: Bool) {
    schema.toMany.append(ToManySchema(property: property, target: { T.schema }, isManyToMany: isManyToMany))
  }

  /// The model's doc comment.
  public mutating func document(_ text: String) { schema.documentation = text }
  /// The doc comment of a column or a to-many relation, which is there already.
  public mutating func document(_ property: String, _ text: String) {
    if let index = schema.column(property: property)?.index { schema.columns[index].documentation = text }
    if let index = schema.toMany.firstIndex(where: { $0.property == property }) { schema.toMany[index].documentation = text }
  }
  /// The rules of a column, which is there already.
  public mutating func rules(_ property: String, _ rule: FieldRule?) {
    if let rule, let index = schema.column(property: property)?.index { schema.columns[index].rules.append(rule) }
  }

  /// A stored property whose type no column can hold.
  @available(
    *, unavailable,
    message:
      "a stored property of a @Model must be a column type (ColumnValue), Ref<Model>, Many<Model> or One<Model>; wrap a Codable type in JSON<…>, or mark the property @Transient"
  )
  public mutating func column<V>(
    _ property: String, _ column: String, _ type: V.Type, default initial: (@Sendable () -> V)? = nil,
    _ options: FieldOptions = .init()
  ) {}

  /// The schema.
  public func build() -> ModelSchema { schema }

  private mutating func append<V: ColumnValue>(
    _ property: String, _ column: String, _ type: V.Type, default initial: (@Sendable () -> SQLValue)?, _ options: FieldOptions
  ) {
    schema.columns.append(ColumnSchema(property, column, type, default: initial, options))
  }
}

extension ColumnSchema {
  /// A column of a Swift type.
  package init<V: ColumnValue>(
    _ property: String, _ column: String, _ type: V.Type, default initial: (@Sendable () -> SQLValue)?, _ options: FieldOptions
  ) {
    var columnType = V.columnType
    if let length = options.maxLength, columnType == .text { columnType = .varchar(length) }
    let nullDefault: (@Sendable () -> SQLValue)? = V.isNullable ? { @Sendable in SQLValue.null } : nil
    if let precision = options.precision, let scale = options.scale, case .decimal = columnType {
      columnType = .decimal(precision: precision, scale: scale)
    }
    self.init(
      property: property, name: column, type: columnType, isNullable: V.isNullable, isPrimaryKey: false, keyGeneration: .none,
      choices: V.choices, defaultValue: initial ?? nullDefault, foreignKey: nil, options: options, cell: CellCodec(V.self))
    if let list = type as? any ListColumn.Type { element = (list.element.choices, list.element.isNullable) }
  }
}

/// A column type that is a list, or may be one.
private protocol ListColumn {
  static var element: any ColumnValue.Type { get }
}
extension Array: ListColumn where Element: ArrayElement {
  static var element: any ColumnValue.Type { Element.self }
}
extension Optional: ListColumn where Wrapped: ListColumn {
  static var element: any ColumnValue.Type { Wrapped.element }
}
