import MartletSQL

/// Makes a struct a model: a table, typed queries, and all that is derived from them.
///
/// ```swift
/// @Model
/// struct Post {
///   var id: ID
///   @Field(maxLength: 200) var title: String
///   @Relation(onDelete: .cascade) var author: Ref<User>
///   @HasMany var comments: Many<Comment>
/// }
/// ```
/// Several properties with `@Field(primaryKey: true)` are the key in the place of an `id`: see ``CompositeKey``.
///
/// Writes the key type `ID`, a memberwise initialiser, `Fields` (what `$0` is in queries), the schema and the row decoder.
/// - Parameters:
///   - app: Django's app label, the table's prefix; the Swift module's name in lower case where absent.
///   - table: The table's name; `app_model` where absent, as Django names it.
///   - key: The primary key's type; `.int64` where absent.
///   - label: What people call one of it ("blog post").
///   - pluralLabel: What people call many of it.
@attached(member, names: named(ID), named(id), named(init))
@attached(
  extension, conformances: Model,
  names: named(Fields), named(Relations), named(schema), named(table), named(columnValue), named(readColumn), named(init))
public macro Model(
  app: String? = nil, table: String? = nil, key: KeyKind = .int64, label: String? = nil, pluralLabel: String? = nil
) = #externalMacro(module: "MartletMacros", type: "ModelMacro")

/// Settings of a column.
///
/// - Parameters:
///   - primaryKey: One of several columns that together are the primary key: see ``CompositeKey``.
///   - maxLength: Characters (Unicode scalars) at most; makes the column `varchar(n)`. Checked before writes.
///   - validate: A rule for the value, or several in brackets: `.email`, `[.range(1...5), .multipleOf(2)]`. See ``FieldRule``.
///   - transform: What is done to text from a client before it is checked: `.trim`, `[.trim, .lowercase]`.
///   - unique: No two rows may share a value.
///   - index: An index on the column.
///   - digits: For `Decimal`: digits in all and after the point, as `(10, 2)`.
///   - dbDefault: The database's own default. On insert, `nil` in an optional field asks for it.
///   - generated: The database computes the value, by the expression that ``generated(_:as:)`` gives among the model's
///     constraints. Never written; the rows that an insert or a save gives back have the new value.
///   - autoNow: Set to the current time by every insert and save (Django's `auto_now`).
///   - autoNowAdd: Set to the current time by insert (Django's `auto_now_add`).
///   - label: What people call it.
///   - help: One sentence for forms and API documents.
///   - column: The column's name; the property's name in snake_case where absent.
///   - renamedFrom: The column's name before, so that `makemigrations` renames instead of dropping.
///   - editable: Whether the API and the admin may write it.
///   - hidden: Never in the API.
///   - secret: Never in the API, in logs or in error pages.
@attached(peer)
public macro Field(
  primaryKey: Bool = false, maxLength: Int? = nil, validate: FieldRule? = nil, transform: TextTransform = [],
  unique: Bool = false,
  index: Bool = false, digits: (Int, Int)? = nil, dbDefault: DatabaseDefault? = nil, generated: GeneratedColumn? = nil,
  autoNow: Bool = false, autoNowAdd: Bool = false,
  label: String? = nil, help: String? = nil, column: String? = nil, renamedFrom: String? = nil, editable: Bool = true,
  hidden: Bool = false, secret: Bool = false
) = #externalMacro(module: "MartletMacros", type: "MarkerMacro")

/// A foreign key's settings. Goes on a `Ref<Model>`, which is a foreign key also without it.
///
/// With `columns:` it goes on a `One<Model>`, and other properties of this model together refer to a key of several columns:
/// Django's `ForeignObject`.
///
/// ```swift
/// @Model struct Line {
///   @Field(primaryKey: true) var shop: Ref<Shop>
///   @Field(primaryKey: true) var orderNumber: Int
///   @Field(primaryKey: true) var position: Int
///   @Relation(columns: ["shop", "orderNumber"], onDelete: .cascade) var order: One<Order>
/// }
/// ```
/// - Parameters:
///   - columns: The properties that refer, in the order of the other model's key.
///   - onDelete: What happens to the row when the other one is deleted.
@attached(peer)
public macro Relation(columns: [String] = [], onDelete: OnDelete = .cascade) =
  #externalMacro(module: "MartletMacros", type: "MarkerMacro")

/// A foreign key that no two rows share. Goes on a `Ref<Model>`.
@attached(peer)
public macro OneToOne(onDelete: OnDelete = .cascade) = #externalMacro(module: "MartletMacros", type: "MarkerMacro")

/// The rows that point here: goes on a `Many<Model>`.
/// - Parameter foreignKey: The property of the other model that holds the `Ref`; this model's name where absent.
@attached(peer)
public macro HasMany(_ foreignKey: String? = nil) = #externalMacro(module: "MartletMacros", type: "MarkerMacro")

/// The one row that points here: goes on a `One<Model>`.
/// - Parameter foreignKey: The property of the other model that holds the `@OneToOne` reference; this model's name where absent.
@attached(peer)
public macro HasOne(_ foreignKey: String? = nil) = #externalMacro(module: "MartletMacros", type: "MarkerMacro")

/// A many-to-many relation: goes on a `Many<Model>`.
/// - Parameters:
///   - table: The link table's name; Django's `app_model_field` where absent.
///   - through: A model of your own in between.
///   - from: Its property that refers to this model; this model's name where absent.
///   - to: Its property that refers to the other model; that model's name where absent.
///   - inverse: The property of the other model that declares the relation, where this is its far side.
@attached(peer)
public macro ManyToMany(
  table: String? = nil, through: (any Model.Type)? = nil, from: String? = nil, to: String? = nil, inverse: String? = nil
) = #externalMacro(module: "MartletMacros", type: "MarkerMacro")

/// A property that is no column. Needs a default value or an optional type.
@attached(peer)
public macro Transient() = #externalMacro(module: "MartletMacros", type: "MarkerMacro")
