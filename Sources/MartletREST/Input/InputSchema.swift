public import MartletORM
import MartletCore
public import MartletSQL

/// The fields of an ``Input``, in order: read by its reader and by the API's document.
public struct InputSchema: Sendable {
  /// The struct's name.
  public var name: String
  /// The struct's doc comment, in Markdown.
  public var documentation: String?
  package var fields: [InputField] = []
  package var naming: FieldNaming
  package var unknownFields: UnknownFields
}

/// One field of an ``Input``.
package struct InputField: Sendable {
  /// The name in JSON.
  package var name: String
  /// What a value is; of what is no value of a column only the options, the rules and the doc comment.
  package var column: ColumnSchema
  /// The type, where it is no value of a column.
  package var nested: (any InputReadable.Type)?
  /// Whether the client must send it.
  package var isRequired: Bool
}

/// Collects an input's schema: called by the code that ``Input(naming:unknownFields:)`` writes.
public struct InputSchemaBuilder {
  private var schema: InputSchema

  /// Begins the schema of an input.
  public init(_ name: String, naming: FieldNaming = .camelCase, unknownFields: UnknownFields = .refused) {
    schema = InputSchema(name: name, naming: naming, unknownFields: unknownFields)
  }

  /// A value of a column type.
  public mutating func field<V: ColumnValue>(
    _ property: String, _ type: V.Type, default initial: (@Sendable () -> V)? = nil, _ options: FieldOptions = .init()
  ) {
    var erased: (@Sendable () -> SQLValue)?
    if let initial { erased = { initial().sqlValue } }
    let column = ColumnSchema(property, property, type, default: erased, options)
    append(column, nested: nil, isRequired: initial == nil && !V.isNullable)
  }
  /// A value of a column type that may be left out.
  public mutating func field<V: ColumnValue>(_ property: String, _ type: Given<V>.Type, _ options: FieldOptions = .init()) {
    append(ColumnSchema(property, property, V.self, default: nil, options), nested: nil, isRequired: false)
  }
  /// Another input, or a list of them.
  public mutating func field<V: InputReadable>(
    _ property: String, _ type: V.Type, default initial: (@Sendable () -> V)? = nil, _ options: FieldOptions = .init()
  ) {
    let column = ColumnSchema(property, property, JSON<Bool>.self, default: nil, options)
    append(column, nested: type, isRequired: initial == nil && V.missingValue == nil)
  }
  /// A property whose type no JSON becomes.
  @available(
    *, unavailable,
    message:
      "a stored property of an @Input must be a column type (ColumnValue), another @Input, a list of one of them, or Given of one; wrap a Codable type in JSON<…>"
  )
  public mutating func field<V>(
    _ property: String, _ type: V.Type, default initial: (@Sendable () -> V)? = nil, _ options: FieldOptions = .init()
  ) {}

  /// The doc comment of the input.
  public mutating func document(_ text: String) { schema.documentation = text }
  /// The doc comment of a field, which is there already.
  public mutating func document(_ property: String, _ text: String) { change(property) { $0.documentation = text } }
  /// The rules of a field, which is there already.
  public mutating func rules(_ property: String, _ rule: FieldRule?) {
    if let rule { change(property) { $0.rules.append(rule) } }
  }
  /// The schema.
  public func build() -> InputSchema { schema }

  private mutating func change(_ property: String, _ body: (inout ColumnSchema) -> Void) {
    if let index = schema.fields.firstIndex(where: { $0.column.property == property }) { body(&schema.fields[index].column) }
  }
  private mutating func append(_ column: ColumnSchema, nested: (any InputReadable.Type)?, isRequired: Bool) {
    schema.fields.append(
      InputField(name: schema.naming.name(column.property), column: column, nested: nested, isRequired: isRequired))
  }
}
