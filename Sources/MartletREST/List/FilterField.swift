import MartletCore
package import MartletORM
import MartletSQL

/// Something that a list can be filtered by: a column of the model or of related rows, an expression of the app's, or a
/// condition of the app's that takes a value.
package struct FilterField: Sendable {
  enum Place: Sendable {
    case column(ResolvedField)
    /// A column of the rows of a to-many relation. `isWhole`: the relation itself was named, so that “null” means “none”.
    case related(hops: [AnyRelation], RelatedHop, ResolvedField, isWhole: Bool)
    case expression(@Sendable (Path) -> Node)
    case condition(@Sendable (Path, SQLValue, Viewer) -> Node)
  }
  package var name: String
  /// What its values look like.
  package var column: ColumnSchema
  /// What it is for, in a sentence.
  package var help: String?
  /// Whether parts of moments and days can be compared.
  var hasParts = true
  var place: Place

  /// The model whose column it is, where that is another than the resource's.
  var owner: String? {
    switch place {
    case .column(let field): field.hops.last?.target().name
    case .related(_, let hop, let field, _): field.hops.last?.target().name ?? hop.schema.name
    case .expression, .condition: nil
    }
  }

  init(_ field: ResolvedField, hasParts: Bool = true) {
    name = field.name
    column = field.column
    help = field.column.description
    self.hasParts = hasParts
    place = .column(field)
  }
  init(_ name: String, _ column: ColumnSchema, help: String?, _ place: Place) {
    self.name = name
    self.column = column
    self.help = help
    self.place = place
  }

  private var isNullable: Bool {
    switch place {
    case .column(let field): field.isNullable
    case .related(_, _, let field, let isWhole): isWhole || field.isNullable
    case .expression: column.isNullable
    case .condition: false
    }
  }

  /// How it can be compared.
  package var lookups: [FilterLookup] {
    if case .condition = place { return [FilterLookup(.exact)] }
    return FilterLookup.allowed(for: column, withParts: hasParts) + (isNullable ? [FilterLookup(.null)] : [])
  }

  /// What a lookup is written as: `views[gte]`.
  package func parameter(_ lookup: FilterLookup, _ naming: FieldNaming) -> String {
    let bracket = lookup.name(naming)
    return bracket.isEmpty ? name : "\(name)[\(bracket)]"
  }

  /// The condition, which holds only where the viewer may read every row on the way.
  func condition(_ lookup: FilterLookup, _ values: [SQLValue], in root: Path, for viewer: Viewer) -> Node {
    switch place {
    case .column(let field):
      return .and(lookup.condition(field.node(in: root), column.type, values), field.readCondition(in: root, for: viewer))
    case .related(let hops, let related, let field, let isWhole):
      let way = ResolvedField(name: name, hops: hops, index: 0, column: column)
      let parent = hops.reduce(root) { $0.to($1) }
      let isNone = isWhole && lookup.comparison == .null
      let found = related.exists(at: parent, for: viewer) { inner in
        if isNone { return .alwaysTrue }
        return .and(lookup.condition(field.node(in: inner), column.type, values), field.readCondition(in: inner, for: viewer))
      }
      let condition = isNone && values.first == .bool(true) ? Node.not(found) : found
      return .and(condition, way.readCondition(in: root, for: viewer))
    case .expression(let node): return lookup.condition(node(root), column.type, values)
    case .condition(let make): return make(root, values.first ?? .null, viewer)
    }
  }

  /// The models on the way that have no policy: what they hold can be found out by filtering.
  func unguarded(in root: Path) -> [String] {
    switch place {
    case .column(let field): return field.unguarded(in: root)
    case .related(let hops, let related, let field, _):
      let way = ResolvedField(name: name, hops: hops, index: 0, column: column)
      return way.unguarded(in: root) + (related.hasPolicy ? [] : [related.schema.name]) + field.unguarded(in: related.target)
    case .expression, .condition: return []
    }
  }
}

extension ResolvedField {
  /// The models on the way that have no policy.
  func unguarded(in root: Path) -> [String] {
    var path = root, names: [String] = []
    for hop in hops {
      path = path.to(hop)
      if hop.readCondition(at: path, for: .anonymous) == nil { names.append(path.schema.name) }
    }
    return names
  }
}

extension ColumnSchema {
  /// A value of a type that is no column: what a filter of the app's takes.
  static func value(_ type: ColumnType, choices: [Choice], isNullable: Bool, like column: ColumnSchema) -> ColumnSchema {
    var value = column
    value.property = "value"
    value.name = "value"
    value.type = type
    value.choices = choices
    value.isNullable = isNullable
    value.isPrimaryKey = false
    value.keyPlace = nil
    value.keyGeneration = .none
    value.defaultValue = nil
    value.foreignKey = nil
    value.options = FieldOptions()
    return value
  }
}
