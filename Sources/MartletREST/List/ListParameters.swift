import MartletCore
import MartletHTTP
import MartletORM
import MartletSQL

/// What a client asks of a list by its query string: `?status=draft&views[gte]=10&ordering=-published_at,id&page=2&page_size=50`.
struct ListParameters: Sendable {
  var filters: [FilterExpression] = []
  var ordering: [(field: ResolvedField, isDescending: Bool)] = []
  var page = 1
  var pageSize: Int
  var offset = 0
  var cursor: String?
  /// Whether the request names a page.
  private var isPaged = false
  /// What `?format=` says; it goes before the Accept field.
  var format: ListFormat?
  var selection = FieldSelection.plain

  /// - Throws: ``HTTPError`` (400, `invalid-parameter`) with an error for each parameter at fault.
  init(_ query: QueryParameters, shape: ResourceShape) throws {
    pageSize = shape.pageSize
    _ = try query.value("page", as: String.self)  // fails where the query string's escapes are broken
    var errors: [FieldError] = []
    let names = ListParameterNames(shape)
    var filters = FilterParser(shape, others: names.all)
    // What is kept of expanded rows can be read when it is known which are.
    for item in query.items.filter({ $0.name != names.fields }) + query.items.filter({ $0.name == names.fields })
    where errors.count < InputLimits.errors {
      do {
        switch item.name {
        case names.ordering: ordering = try Self.ordering(item.value, shape)
        case names.expand: try selection.expand(item.value)
        case names.fields: try selection.keep(item.value)
        case names.format: format = try ListFormat(parameter: item.value)
        case _ where names.paging.contains(item.name): try readPaging(item, names, shape)
        default: self.filters.append(try filters.filter(item))
        }
      } catch let fault as InputFault {
        errors.append(FieldError(String(item.name.prefix(80)), code: fault.code, fault.message))
      }
    }
    if !errors.isEmpty { throw HTTPError(parameters: errors) }
  }

  /// The rows of the page that the request names by a number; `nil` where it names none.
  func chosenPage(_ pagination: Pagination) -> (limit: Int, offset: Int)? {
    guard isPaged else { return nil }
    let (before, overflow) = (page - 1).multipliedReportingOverflow(by: pageSize)
    return (pageSize, pagination == .page ? (overflow ? .max : before) : offset)
  }

  private mutating func readPaging(_ item: QueryParameters.Item, _ names: ListParameterNames, _ shape: ResourceShape) throws {
    isPaged = true
    switch item.name {
    case names.page: page = try Self.positive(item.value)
    case names.offset: offset = try Self.positive(item.value, from: 0)
    case names.cursor: cursor = item.value
    default: pageSize = min(try Self.positive(item.value), shape.maxPageSize)
    }
  }

  private static func positive(_ text: String, from least: Int = 1) throws -> Int {
    guard let number = Int(pathParameter: text) else {
      throw InputFault("invalid", "“\(text.prefix(40))” is not a whole number.")
    }
    guard number >= least else { throw InputFault("min_value", "Ensure this value is greater than or equal to \(least).") }
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
}

/// What the parameters of a list are called, besides its filters.
package struct ListParameterNames: Sendable {
  package let page = "page"
  /// How many rows a page has.
  package let pageSize: String
  package let offset = "offset"
  package let cursor = "cursor"
  package let ordering = "ordering"
  package let expand: String?
  package let fields: String?
  package let format: String?
  /// Those that choose the page.
  package let paging: [String]

  package init(_ shape: ResourceShape) {
    let size = shape.naming.name("pageSize")
    pageSize = shape.pagination == .limitOffset ? "limit" : size
    switch shape.pagination {
    case .page: paging = [page, size]
    case .limitOffset: paging = ["limit", offset]
    case .cursor: paging = [cursor, size]
    }
    fields = shape.isSparse ? "fields" : nil
    expand = shape.expansions.isEmpty ? nil : "expand"
    format = shape.isExportable ? "format" : nil
  }
  /// All of them.
  package var all: [String] { [ordering] + paging + [expand, fields, format].compactMap { $0 } }
}

extension Query {
  /// The rows that the parameters ask for, without their page; only what the viewer may read.
  func filtered(_ parameters: ListParameters, for viewer: Viewer) -> Query {
    parameters.filters.reduce(permitted(.read, to: viewer)) { $0.filter(node: $1.node(in: root, for: viewer)) }
  }

  /// In the order that the parameters ask for, else the resource's own; the key decides last, so that pages do not overlap.
  func ordered(_ parameters: ListParameters, default keys: [@Sendable (M.Fields) -> Ordering], for viewer: Viewer) -> Query {
    order(by: sorting(parameters, default: keys, for: viewer).map(\.order))
  }

  /// The sort keys, the primary key last, and the column of each where it is one.
  func sorting(
    _ parameters: ListParameters, default keys: [@Sendable (M.Fields) -> Ordering], for viewer: Viewer
  ) -> [SortKeys.Sorting] {
    var sorting = parameters.ordering.isEmpty ? keys.map { SortKeys.Sorting($0(fields)) } : []
    var hasKey = false
    for (field, isDescending) in parameters.ordering {
      var node = field.node(in: root), isNullable = field.isNullable
      let readable = field.readCondition(in: root, for: viewer)
      if case .value(.bool(true)) = readable {
      } else {
        node = .cases([(when: readable, then: node)], otherwise: nil)
        isNullable = true
      }
      sorting.append(.init(Ordering(node: node, isDescending: isDescending), column: field.column, isNullable: isNullable))
      if field.hops.isEmpty, field.column.isPrimaryKey { hasKey = true }
    }
    return hasKey ? sorting : sorting + [SortKeys.Sorting(keyOrder)]
  }
}
