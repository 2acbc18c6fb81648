import MartletHTTP
import MartletORM
import MartletSQL

/// Reads the filters of a query string: what the resource declares and nothing else.
struct FilterParser {
  private let shape: ResourceShape
  /// What is allowed besides filters, for the answer to an unknown name.
  private let others: [String]
  private let limit: Int
  private var count = 0, valueCount = 0

  /// - Parameter others: The names of a list's parameters that are no filters.
  init(_ shape: ResourceShape, others: [String]) {
    self.shape = shape
    self.others = others
    limit = max(FilterLimits.conditions, shape.filterParameterCount)
  }

  /// One parameter.
  /// - Throws: ``InputFault`` that says what is allowed.
  mutating func filter(_ item: QueryParameters.Item) throws(InputFault) -> FilterExpression {
    if let combination = Combination(rawValue: item.name), !shape.filters.isEmpty {
      return combined(
        combination, try CombinationParser.parse(item.value, limit: limit).map { part throws(InputFault) in try read(part) })
    }
    return try filter(item.name, .plain(item.value))
  }

  private mutating func read(_ part: CombinationParser.Part) throws(InputFault) -> FilterExpression {
    switch part {
    case .group(let combination, let parts):
      return combined(combination, try parts.map { part throws(InputFault) in try read(part) })
    case .filter(let name, let text):
      do { return try filter(name, text) } catch {
        throw InputFault(error.code, "“\(name.prefix(80))”: \(error.message)")
      }
    }
  }
  private func combined(_ combination: Combination, _ parts: [FilterExpression]) -> FilterExpression {
    switch combination {
    case .or: .any(parts)
    case .and: .all(parts)
    case .not: .not(.all(parts))
    }
  }

  private mutating func filter(_ written: String, _ text: FilterText) throws(InputFault) -> FilterExpression {
    count += 1
    guard count <= limit else { throw .tooManyConditions(limit) }
    if written == ListSearch.parameter, let search = shape.search { return try search.filter(text) }
    var name = written[...], lookupName: Substring = ""
    if name.hasSuffix("]"), let bracket = name.lastIndex(of: "[") {
      lookupName = name[name.index(after: bracket)...].dropLast()
      name = name[..<bracket]
      // `views[]` is no other way to write `views`.
      if lookupName.isEmpty { lookupName = "[]" }
    }
    guard let field = shape.filters.first(where: { $0.name == name }) else {
      let allowed = shape.filterParameters + others
      throw InputFault("unknown_parameter", "There is no such parameter. Allowed: \(allowed.joined(separator: ", ")).")
    }
    let lookups = field.lookups
    guard let lookup = lookups.first(where: { $0.name(shape.naming) == lookupName }) else {
      let allowed = lookups.map { field.parameter($0, shape.naming) }
      throw InputFault("unknown_lookup", "There is no such lookup. Allowed: \(allowed.joined(separator: ", ")).")
    }
    let values = try FilterValues.read(text, lookup, field.column)
    valueCount += values.count
    guard valueCount <= FilterLimits.allValues else {
      throw InputFault("max_length", "Ensure there are no more than \(FilterLimits.allValues) values in all filters.")
    }
    return .condition(field, lookup, values)
  }
}

/// Turns the text of a filter into the values that it is compared with.
enum FilterValues {
  static func read(_ text: FilterText, _ lookup: FilterLookup, _ column: ColumnSchema) throws(InputFault) -> [SQLValue] {
    var column = column
    if let part = lookup.part {
      column.type = part.type
      column.choices = []
    }
    let comparison = lookup.comparison
    if comparison.takesList(column.type) {
      column.type = column.type.element
      let values = text.values
      if comparison == .range, values.count != 2 {
        throw InputFault("invalid", "Expected two values, separated by a comma.")
      }
      guard values.count <= FilterLimits.values else {
        throw InputFault("max_length", "Ensure this list has no more than \(FilterLimits.values) values.")
      }
      return try values.map { value throws(InputFault) in try QueryText.read(value, for: column).get() }
    }
    guard let text = text.single else { throw InputFault("invalid", "Expected one value, not a list.") }
    if comparison == .null {
      guard let value = Bool(pathParameter: text) else { throw InputFault("invalid", "Must be a valid boolean.") }
      return [.bool(value)]
    }
    return [try QueryText.read(text, for: column).get()]
  }
}

extension ResourceShape {
  /// How many parameters the filters of a list have.
  var filterParameterCount: Int {
    filters.reduce(0) { $0 + $1.lookups.count } + (search == nil ? 0 : 1) + Combination.allCases.count
  }
  /// What a list can be filtered by, as names.
  var filterParameters: [String] {
    filters.map(\.name) + (search == nil ? [] : [ListSearch.parameter])
      + (filters.isEmpty ? [] : Combination.allCases.map(\.rawValue))
  }
}
