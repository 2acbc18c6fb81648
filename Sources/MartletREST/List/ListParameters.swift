import MartletCore
import MartletHTTP
import MartletORM
import MartletSQL

/// What a client asks of a list by its query string: `?status=draft&views[gte]=10&ordering=-published_at,id&page=2&page_size=50`.
struct ListParameters: Sendable {
  struct Filter: Sendable {
    var field: ResolvedField
    var lookup: FilterLookup
    var values: [SQLValue]
  }
  var filters: [Filter] = []
  var ordering: [(field: ResolvedField, isDescending: Bool)] = []
  var page = 1
  var pageSize: Int

  /// Most values of one `[in]`: keeps a statement within every database's number of bindings.
  static let valueLimit = 500
  /// Most filters of one request: a condition may nest only so deep in a database.
  static let filterLimit = 50

  /// - Throws: ``HTTPError`` (400, `invalid-parameter`) with an error for each parameter at fault.
  init(_ query: QueryParameters, shape: ResourceShape) throws {
    pageSize = shape.pageSize
    _ = try query.value("page", as: String.self)  // fails where the query string's escapes are broken
    var errors: [FieldError] = []
    let names = ListParameterNames(shape.naming)
    for item in query.items where errors.count < InputLimits.errors {
      do {
        switch item.name {
        case names.page: page = try Self.positive(item.value)
        case names.pageSize: pageSize = min(try Self.positive(item.value), shape.maxPageSize)
        case names.ordering: ordering = try Self.ordering(item.value, shape)
        default:
          filters.append(try Self.filter(item, shape, names))
          if filters.count > Self.filterLimit {
            throw InputFault("max_length", "Ensure there are no more than \(Self.filterLimit) filters.")
          }
        }
      } catch let fault as InputFault {
        errors.append(FieldError(String(item.name.prefix(80)), code: fault.code, fault.message))
      }
    }
    guard errors.isEmpty else {
      let first = errors[0]
      throw HTTPError(
        .invalidParameter, "The query parameter “\(first.field)” is not valid: \(first.message)", errors: errors)
    }
  }

  private static func positive(_ text: String) throws -> Int {
    guard let number = Int(pathParameter: text) else {
      throw InputFault("invalid", "“\(text.prefix(40))” is not a whole number.")
    }
    guard number >= 1 else { throw InputFault("min_value", "Ensure this value is greater than or equal to 1.") }
    return number
  }

  private static func ordering(_ text: String, _ shape: ResourceShape) throws -> [(ResolvedField, Bool)] {
    var seen: Set<String> = []
    return try text.split(separator: ",").compactMap { key in
      let isDescending = key.hasPrefix("-"), name = isDescending ? key.dropFirst() : key
      guard let field = shape.ordering.first(where: { $0.name == name }) else {
        throw InputFault(
          "invalid_choice",
          "A list cannot be ordered by “\(name.prefix(80))”. Allowed: \(shape.ordering.map(\.name).joined(separator: ", ")).")
      }
      // A field that stands there again decides nothing.
      return seen.insert(field.name).inserted ? (field, isDescending) : nil
    }
  }

  private static func filter(_ item: QueryParameters.Item, _ shape: ResourceShape, _ names: ListParameterNames) throws -> Filter {
    var name = item.name[...], lookupName: Substring?
    if name.hasSuffix("]"), let bracket = name.lastIndex(of: "[") {
      lookupName = name[name.index(after: bracket)...].dropLast()
      name = name[..<bracket]
    }
    guard let field = shape.filters.first(where: { $0.name == name }) else {
      let allowed = shape.filters.map(\.name) + [names.ordering, names.page, names.pageSize]
      throw InputFault(
        "unknown_parameter", "There is no such parameter. Allowed: \(allowed.joined(separator: ", ")).")
    }
    let allowed = FilterLookup.allowed(for: field)
    let lookup = lookupName.map { $0.isEmpty ? nil : FilterLookup(rawValue: String($0)) } ?? .exact
    guard let lookup, allowed.contains(lookup) else {
      let written = allowed.map { $0 == .exact ? field.name : "\(field.name)[\($0.rawValue)]" }
      throw InputFault(
        "unknown_lookup", "There is no such lookup. Allowed: \(written.joined(separator: ", ")).")
    }
    return Filter(field: field, lookup: lookup, values: try values(item.value, lookup, field.column))
  }

  private static func values(_ text: String, _ lookup: FilterLookup, _ column: ColumnSchema) throws -> [SQLValue] {
    switch lookup {
    case .null:
      guard let value = Bool(pathParameter: text) else { throw InputFault("invalid", "Must be a valid boolean.") }
      return [.bool(value)]
    case .contains, .icontains:
      return [.text(text)]
    case .in:
      let parts = text.split(separator: ",", omittingEmptySubsequences: false)
      guard parts.count <= valueLimit else {
        throw InputFault("max_length", "Ensure this list has no more than \(valueLimit) values.")
      }
      return try text.isEmpty ? [] : parts.map { try QueryText.read(String($0), for: column).get() }
    default:
      return [try QueryText.read(text, for: column).get()]
    }
  }
}

/// What the parameters of every list are called.
package struct ListParameterNames: Sendable {
  package let page = "page"
  package let pageSize: String
  package let ordering = "ordering"
  package init(_ naming: FieldNaming) { pageSize = naming == .snakeCase ? "page_size" : "pageSize" }
}

extension Query {
  /// The rows that the parameters ask for, without their page; only what the viewer may read.
  func filtered(_ parameters: ListParameters, for viewer: Viewer) -> Query {
    var query = permitted(.read, to: viewer)
    for filter in parameters.filters {
      query = query.filter(node: filter.lookup.condition(filter.field.node(in: root), filter.values))
      let readable = filter.field.readCondition(in: root, for: viewer)
      if case .value(.bool(true)) = readable { continue }
      query = query.filter(node: readable)
    }
    return query
  }

  /// In the order that the parameters ask for, else the resource's own; the key decides last, so that pages do not overlap.
  func ordered(_ parameters: ListParameters, default keys: [@Sendable (M.Fields) -> Ordering], for viewer: Viewer) -> Query {
    var query = self
    if parameters.ordering.isEmpty { for key in keys { query = query.order(key) } }
    var hasKey = false
    for (field, isDescending) in parameters.ordering {
      var node = field.node(in: root)
      let readable = field.readCondition(in: root, for: viewer)
      if case .value(.bool(true)) = readable {} else { node = .cases([(when: readable, then: node)], otherwise: nil) }
      query = query.order(by: [Ordering(node: node, isDescending: isDescending)])
      if field.hops.isEmpty, field.column.isPrimaryKey { hasKey = true }
    }
    return hasKey ? query : query.order(by: [Ordering(node: keyNode, isDescending: false)])
  }
}
