public import MartletSQL

/// What a model's declaration says about its table: read by migrations, REST, OpenAPI and the admin.
public struct ModelSchema: Sendable {
  /// The struct's name.
  public var name: String
  /// Django's app label.
  public var app: String
  /// The table's name.
  public var table: String
  /// What people call one of it.
  public var label: String
  /// What people call many of it.
  public var pluralLabel: String
  /// The columns, in the order of the declaration; the row decoder reads them in this order.
  public var columns: [ColumnSchema]
  /// The references of several columns, which are other columns of the model.
  public var foreignKeys: [CompositeForeignKeySchema] = []
  /// The tables of many-to-many relations that this model declares without a model in between.
  public var links: [LinkSchema]
  /// The relations that are no columns, by property.
  public var toMany: [ToManySchema]
  /// The struct's doc comment, in Markdown: for API documents.
  public var documentation: String?
  /// The place of the primary key in ``columns``; of its first column, where several columns are it.
  public var primaryKeyIndex: Int { primaryKeyIndexes[0] }
  /// The places of the primary key's columns in ``columns``, in its order: mostly one.
  public var primaryKeyIndexes: [Int]

  /// The primary key; its first column, where several columns are it.
  public var primaryKey: ColumnSchema { columns[primaryKeyIndex] }
  /// The primary key's columns, in its order.
  public var primaryKeyColumns: [ColumnSchema] { primaryKeyIndexes.map { columns[$0] } }
  /// Whether several columns are the primary key.
  public var hasCompositeKey: Bool { primaryKeyIndexes.count > 1 }
  /// `blog.post`, as Django names a model.
  public var modelLabel: String { app + "." + name.lowercased() }
  /// The places of the columns that the database computes.
  package var generatedIndexes: [Int] { columns.indices.filter { columns[$0].options.generated != nil } }
  /// The column of a Swift property.
  public func column(property: String) -> (index: Int, column: ColumnSchema)? {
    columns.firstIndex { $0.property == property }.map { ($0, columns[$0]) }
  }
}

/// One column of a model.
public struct ColumnSchema: Sendable {
  /// The Swift property: `publishedAt`, `author`.
  public var property: String
  /// The column: `published_at`, `author_id`.
  public var name: String
  /// What the column holds.
  public var type: ColumnType
  public var isNullable: Bool
  /// Whether this is the primary key, or one of its columns.
  public var isPrimaryKey: Bool
  /// The place in a primary key of several columns.
  public var keyPlace: Int?
  /// Who gives the key, where this is the primary key.
  public var keyGeneration: KeyGeneration
  /// The values an enum allows; empty where every value is.
  public var choices: [Choice]
  /// The initial value of the Swift property, evaluated anew at each call.
  public var defaultValue: (@Sendable () -> SQLValue)?
  /// What this column refers to, where it is a foreign key.
  public var foreignKey: ForeignKeySchema?
  /// What `@Field` says.
  public var options: FieldOptions
  /// How a cell of the column is read, by the property's type; `nil` where there is no property.
  package var cell: CellCodec?
  /// What `@Field(validate:)` says.
  public var rules: [FieldRule] = []
  /// The property's doc comment, in Markdown: for API documents.
  public var documentation: String?
  /// Whether the column holds a ``StoredFile``, or none.
  public var isFile = false

  /// What one element is, where the column holds a list: its choices, and whether it may be NULL.
  package var element: (choices: [Choice], isNullable: Bool) = ([], true)
  /// What API documents say of the column: `help:`, else the doc comment.
  package var description: String? { options.help ?? documentation }
  /// Whether a unique constraint of its own covers the column.
  public var isUnique: Bool { options.unique || foreignKey?.isOneToOne == true }
  /// Whether it has an index of its own; foreign keys do, as in Django, unless they are unique.
  public var isIndexed: Bool {
    // The key serves its first column.
    (options.index || foreignKey != nil) && !isUnique && (!isPrimaryKey || (keyPlace ?? 0) > 0)
  }
}

extension ColumnSchema {
  /// What a computed value would be as a column.
  package init(computed name: String, _ type: ColumnType, isNullable: Bool, choices: [Choice]) {
    self.init(
      property: name, name: name, type: type, isNullable: isNullable, isPrimaryKey: false, keyGeneration: .none, choices: choices,
      options: FieldOptions())
  }
}

/// The arguments of ``Field(primaryKey:maxLength:validate:transform:unique:index:digits:dbDefault:generated:autoNow:autoNowAdd:label:help:column:renamedFrom:editable:hidden:secret:)``,
/// but for the rules, which hold closures and are ``ColumnSchema/rules``.
public struct FieldOptions: Sendable, Hashable {
  /// One of the columns of the primary key.
  public var primaryKey: Bool
  /// Characters (Unicode scalars) at most.
  public var maxLength: Int?
  /// What is done to text from a client before it is checked.
  public var transform: TextTransform
  /// No two rows share a value.
  public var unique: Bool
  /// An index of its own.
  public var index: Bool
  /// The database's own default.
  public var dbDefault: DatabaseDefault?
  /// Whether the database computes the value, and when.
  public var generated: GeneratedColumn?
  /// Set to the current time by every insert and save.
  public var autoNow: Bool
  /// Set to the current time by insert.
  public var autoNowAdd: Bool
  /// What people call it.
  public var label: String?
  /// One sentence for forms and API documents.
  public var help: String?
  /// The column's name before.
  public var renamedFrom: String?
  /// Whether the API and the admin may write it.
  public var editable: Bool
  /// Never in the API.
  public var hidden: Bool
  /// Never in the API, in logs or in error pages.
  public var secret: Bool
  /// For decimals: digits in all, and after the point.
  public var precision: Int?, scale: Int?

  /// What `@Field` says; the same labels in the same order, without `validate:`.
  public init(
    primaryKey: Bool = false, maxLength: Int? = nil, transform: TextTransform = [], unique: Bool = false, index: Bool = false,
    digits: (Int, Int)? = nil, dbDefault: DatabaseDefault? = nil, generated: GeneratedColumn? = nil, autoNow: Bool = false,
    autoNowAdd: Bool = false,
    label: String? = nil, help: String? = nil, column: String? = nil, renamedFrom: String? = nil, editable: Bool = true,
    hidden: Bool = false,
    secret: Bool = false
  ) {
    self.primaryKey = primaryKey
    self.maxLength = maxLength
    self.transform = transform
    self.unique = unique
    self.index = index
    self.dbDefault = dbDefault
    self.generated = generated
    self.autoNow = autoNow
    self.autoNowAdd = autoNowAdd
    self.label = label
    self.help = help
    self.renamedFrom = renamedFrom
    self.editable = editable && !autoNow && !autoNowAdd && generated == nil
    self.hidden = hidden || secret
    self.secret = secret
    precision = digits?.0
    scale = digits?.1
  }
}

/// A default that the database fills in.
public enum DatabaseDefault: Sendable, Hashable {
  case int(Int64)
  case double(Double)
  case bool(Bool)
  case text(String)
  /// The time of the insert, in the column's own format.
  case currentTimestamp
  /// A random UUID (RFC 9562, version 4).
  case randomUUID
  /// An SQL expression, written into the table's definition as it stands.
  case sql(String)
}

/// When the database computes a generated column. Its expression stands among the model's constraints: ``generated(_:as:)``.
public enum GeneratedColumn: Sendable, Hashable {
  /// With every write; the value is kept.
  case stored
  /// With every read; nothing is kept. Where the database lacks the capability `virtualColumns`, as PostgreSQL does, the value
  /// is kept as well, and is the same.
  case virtual
}

/// What happens to a row when the one it refers to is deleted.
public enum OnDelete: String, Sendable, Hashable, CaseIterable {
  /// It goes too.
  case cascade
  /// The deletion is refused at once.
  case restrict
  /// The reference becomes NULL.
  case setNull
  /// The deletion is refused at the end of the transaction, unless the reference went too.
  case noAction
}

/// What a foreign key refers to.
public struct ForeignKeySchema: Sendable {
  /// The other model's schema. A closure, because schemas refer to each other in circles.
  public var target: @Sendable () -> ModelSchema
  /// What happens to this row when that one goes.
  public var onDelete: OnDelete
  /// Whether no two rows share it.
  public var isOneToOne: Bool
  /// The other model, for surfaces that ask its policy about a key from outside.
  package var model: @Sendable () -> any Model.Type
}

/// A reference of several columns to a key of as many: `@Relation(columns:)`.
public struct CompositeForeignKeySchema: Sendable {
  /// The Swift property of the relation.
  public var property: String
  /// The columns, in the order of the other key.
  public var columns: [String]
  /// The other model's schema.
  public var target: @Sendable () -> ModelSchema
  /// What happens to this row when that one goes.
  public var onDelete: OnDelete
}

/// The table of a many-to-many relation without a model of its own, as Django lays it out:
/// `id`, two foreign keys, unique together.
public struct LinkSchema: Sendable {
  public var table: String
  /// The column that refers to the declaring model: `post_id`, or `from_person_id` where a model refers to itself.
  public var ownerColumn: String
  /// The column that refers to the other model.
  public var targetColumn: String
  /// The other model's schema.
  public var target: @Sendable () -> ModelSchema
}

/// A relation to rows elsewhere, by its property.
public struct ToManySchema: Sendable {
  /// The Swift property.
  public var property: String
  /// The other model's schema.
  public var target: @Sendable () -> ModelSchema
  /// Whether link rows stand in between.
  public var isManyToMany: Bool
  /// The property's doc comment, in Markdown: for API documents.
  public var documentation: String?
}
