/// The rules for a declaration: each looks for one kind of mistake.
enum Validators {
  typealias Rule = @Sendable (ModelDeclaration) -> [Mistake]

  /// Every rule, in the order of the reports.
  static let all: [Rule] = [
    keyArgument, moduleIsKnown, modelNames,
    missingKey, each(keyPart), compositeKey, conditionalProperties, markersOnStoredProperties,
    tuplePatterns, each(constant), each(storage), each(writtenType), each(reservedName), each(djangoName), each(keyType),
    each(supportedType), each(relationTarget), each(optionalCollection), each(undeclaredCollection),
    each(attributes), each(relationMarker), each(collectionMarker), each(fieldMarker), each(transientMarker),
    each(oneRelation), each(setNull), each(referenceColumns), each(manyToManyArguments), each(propertyArguments),
    each(maxLength), each(rules), each(transform), each(digits), each(clock), each(bothClocks), each(generated),
    each(redundantIndex), each(uniqueBool),
    each(columnName),
    duplicateColumns,
  ]

  /// The rule that looks at one property at a time.
  private static func each(_ rule: @escaping @Sendable (Property, ModelDeclaration) -> [Mistake]) -> Rule {
    { model in model.properties.flatMap { rule($0, model) } }
  }
}

/// The types of columns that the macro knows by name. Others may be an app's own: the compiler judges them.
enum KnownType {
  static let columns: Set<String> = [
    "String", "Int", "Int64", "Int32", "Int16", "Double", "Bool", "Date", "CalendarDate", "TimeOfDay", "Duration", "UUID",
    "Decimal", "[UInt8]", "JSON", "UInt64", "UInt", "UInt32", "UInt16", "UInt8", "Int8", "Float",
  ]
  /// Whether a type's name could be that of a model.
  static func canBeModel(_ name: String) -> Bool { !columns.contains(name) && !name.contains { "[]<>()?!&, ".contains($0) } }
  /// Whether a property is certainly not of the type: it is a relation or another known type.
  static func isCertainlyNot(_ name: String, _ property: Property) -> Bool {
    guard property.role != .key, let type = property.type, case .named(let written) = type.shape else { return true }
    return written != name && (columns.contains(written) || written.hasPrefix("["))
  }
}
