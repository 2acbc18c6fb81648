import MartletCore
import MartletORM
import MartletSQL

extension OpenAPIBuilder {
  /// The filters of a list, each with each of its lookups, its search and the combinations.
  func filterParameters(_ shape: ResourceShape) -> [JSONTree] {
    var parameters: [JSONTree] = []
    for field in shape.filters {
      for lookup in field.lookups { parameters.append(filter(field, lookup, shape)) }
    }
    if let search = shape.search {
      let fields = search.fields.map(\.name).joined(separator: ", ")
      parameters.append(
        Self.query(
          ListSearch.parameter, ["type": "string"],
          search.fullText == nil
            ? "Words to look for in \(fields), in any case; each has to be in one of them. \"Several words\" side by side."
            : "Words to look for, \"phrases\", -without, OR between alternatives."))
    }
    guard let example = shape.filters.first else { return parameters }
    for combination in Combination.allCases {
      let what =
        switch combination {
        case .or: "One of the filters in parentheses holds"
        case .and: "All of the filters in parentheses hold"
        case .not: "Not all of the filters in parentheses hold"
        }
      let form = "(\(example.name)=…,not(\(example.parameter(example.lookups[0], shape.naming))=…))"
      parameters.append(
        Self.query(
          combination.rawValue, ["type": "string", "pattern": "^\\([\\s\\S]+=[\\s\\S]*\\)$"],
          "\(what): \(form). They are the filters of this list, and or(…), and(…), not(…); values with commas or parentheses "
            + "stand in \"quotation marks\", lists in parentheses."))
    }
    return parameters
  }

  private func filter(_ field: FilterField, _ lookup: FilterLookup, _ shape: ResourceShape) -> JSONTree {
    let comparison = lookup.comparison
    var column = field.column
    column.isNullable = false
    column.foreignKey = nil
    column.options.help = nil
    column.documentation = nil
    column.rules = []
    if let part = lookup.part {
      column.type = part.type
      column.choices = []
    }
    let isList = comparison.takesList(column.type)
    column.type = column.type.element
    var schema = comparison == .null ? JSONTree.object([.init("type", "boolean")]) : column.filterSchema
    let owner = field.owner ?? shape.schema.name
    schema = schemas.namingEnum(schema, owner: owner, field: String(field.name.split(separator: ".").last ?? ""))
    if isList {
      schema = ["type": "array", "items": schema, "maxItems": .number(String(FilterLimits.values))]
      if comparison == .range { schema = schema.adding("minItems", 2).adding("maxItems", 2) }
    }
    let parameter = Self.query(field.parameter(lookup, shape.naming), schema, Self.description(field, lookup))
    return isList ? parameter.adding("style", "form").adding("explode", false) : parameter
  }

  private static func description(_ field: FilterField, _ lookup: FilterLookup) -> String? {
    let what = lookup.part.map { "\($0.label) of \(field.name)" } ?? field.name
    return switch lookup.comparison {
    case .exact: lookup.part == nil ? field.help : "The \(what)."
    case .ne: "Another \(what)."
    case .gt, .gte, .lt, .lte: nil
    case .in: "One of these, separated by commas; what holds a comma stands in quotation marks."
    case .notIn: "None of these, separated by commas."
    case .range: "From the first to the second, both included."
    case .null: "Whether there is no \(what)."
    case .iexact: "The same text in any case."
    case .contains: lookup.part == nil && isList(field) ? "All of these are in \(what)." : "Text in \(what)."
    case .icontains: "Text in \(what), in any case."
    case .startswith: "How \(what) begins."
    case .istartswith: "How \(what) begins, in any case."
    case .endswith: "How \(what) ends."
    case .iendswith: "How \(what) ends, in any case."
    case .overlap: "One of these at least is in \(what)."
    case .containedBy: "Nothing but these is in \(what)."
    }
  }
  private static func isList(_ field: FilterField) -> Bool { if case .array = field.column.type { true } else { false } }
}

extension ColumnSchema {
  /// The value as the text of a query parameter: a text of any length can be looked for.
  var filterSchema: JSONTree {
    var column = self
    if case .varchar = type, choices.isEmpty { column.type = .text }
    // A length of time may be a number of seconds, as in input.
    return type == .interval ? column.writeSchema : column.readSchema
  }
}
