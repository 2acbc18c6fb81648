public import MartletORM
public import MartletSQL

/// What a resource says of reading, beyond its fields.
struct ResourceReading<M: Model>: Sendable {
  var expansions: (@Sendable (M.Fields) -> [RelationExpression])?
  var computed: [ComputedContent<M>] = []
  var pagination = Pagination.page
  var count = RowCount.exact
  var isExportable = false
  var isSparse = false
}

/// How a list is cut into pages.
public enum Pagination: String, Sendable, Hashable {
  /// `?page=2&page_size=25`, Django REST framework's PageNumberPagination.
  case page
  /// `?limit=25&offset=50`, its LimitOffsetPagination.
  case limitOffset
  /// `?cursor=…`: a sealed place in the order. A page costs the same however deep it is, and rows that come and go
  /// meanwhile neither repeat nor hide others.
  case cursor
}

/// Whether a list says how many rows there are in all.
public enum RowCount: String, Sendable, Hashable {
  /// Counted, inside of the page's own statement; by one more where a page that is not the first is empty.
  case exact
  /// What the database's planner expects, which costs the same for any number of rows; SQLite, which keeps no such figures,
  /// counts.
  case estimated
  /// Not said.
  case none
}

extension Resource {
  /// The relations that a request may ask to see as rows: `?expand=author,comments`.
  ///
  /// ```swift
  /// Resource(Article.self).expand { $0.author; $0.comments.order { $0.id.desc }.limit(20) }
  /// ```
  /// An expanded row shows what the resource of its model in the same ``REST`` shows, and can be expanded by what that one
  /// declares (`comments.author`); where the API has no such resource, all of its fields that are not hidden. Policies hold: a
  /// row that the viewer may not read is `null`, a list leaves it out. A list without a limit of its own has at most as many
  /// rows as a page.
  public func expand(@RelationListBuilder _ relations: @escaping @Sendable (M.Fields) -> [RelationExpression]) -> Self {
    reading { $0.expansions = relations }
  }
  /// A field that the database computes: `.computed("comment_count") { article, _ in article.comments.count }`.
  ///
  /// - Parameters:
  ///   - name: The name in the API's own spelling.
  ///   - value: The expression; it may depend on the viewer: `article.favorites.any { $0.user.id == viewer.id }`.
  public func computed<V: ColumnValue>(
    _ name: String, _ value: @escaping @Sendable (M.Fields, PolicyViewer) -> Expr<V>
  ) -> Self { reading { $0.computed.append(ComputedContent(name, value)) } }
  /// A field that the app computes from the row, with all of its columns: `.computed("minutes", from: { $0.body.count / 1000 })`.
  public func computed<V: ColumnValue>(_ name: String, from value: @escaping @Sendable (M) throws -> V) -> Self {
    reading { $0.computed.append(ComputedContent(name, row: value)) }
  }
  /// A request may ask for some of the fields alone: `?fields=title,author.name`. In the API's document every field is optional
  /// then.
  public func sparseFields() -> Self { reading { $0.isSparse = true } }
  /// How a list is cut into pages; by page numbers without this.
  public func pagination(_ pagination: Pagination) -> Self { reading { $0.pagination = pagination } }
  /// Whether a list says how many rows there are in all; exactly without this. Lists with cursors do not.
  public func count(_ count: RowCount) -> Self { reading { $0.count = count } }
  /// A list can be had whole, as CSV (RFC 4180) or as a JSON text a line (NDJSON), in constant memory: by `?format=csv`, or by
  /// `Accept: text/csv`.
  public func exportable() -> Self { reading { $0.isExportable = true } }

  private func reading(_ change: (inout ResourceReading<M>) -> Void) -> Self {
    var copy = self
    change(&copy.reading)
    return copy
  }
}
