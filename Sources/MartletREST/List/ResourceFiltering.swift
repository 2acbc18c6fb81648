public import MartletORM
public import MartletSQL

/// What a list of a resource can be asked for besides its declared fields.
struct ResourceFiltering<M: Model>: Sendable {
  /// A filter with a name of the app's, of whichever kind.
  struct Named: Sendable {
    var name: String
    var help: String?
    var type: ColumnType
    var choices: [Choice]
    var isNullable: Bool
    var place: FilterField.Place
  }
  var search: Resource<M>.FieldList?
  /// The full-text index that `search` uses; an empty name is the model's first.
  var fullTextIndex: String?
  var named: [Named] = []
}

extension Resource {
  /// The fields that `?search=two words` looks in: each word in any of them, in any case; `"two words"` side by side.
  ///
  /// ```swift
  /// Resource(Article.self).search { $0.title; $0.author.name; $0.tags.each { $0.name } }
  /// ```
  /// A field of related rows counts only where the viewer may read that row.
  public func search(@FieldListBuilder _ fields: @escaping @Sendable (M.Fields) -> [FieldExpression]) -> Self {
    with { $0.filtering.search = fields }
  }
  /// `?search=` asks the model's full-text index, with the endings and signs that it knows.
  ///
  /// - Parameter index: Which index, by its name, where the model declares several; else the first.
  public func fullTextSearch(index: String? = nil) -> Self { with { $0.filtering.fullTextIndex = index ?? "" } }

  /// A filter by a value that is computed from the row, with all lookups of its type.
  ///
  /// ```swift
  /// Resource(Article.self)
  ///   .filter("commentCount") { $0.comments.count }                     // ?comment_count[gte]=3
  ///   .filter("theme") { $0.settings.json("theme").string }             // ?theme=dark
  /// ```
  /// Nothing asks the policies of related rows: whoever sees the list can find out the value.
  public func filter<V: ColumnValue>(
    _ name: String, _ description: String? = nil, by value: @escaping @Sendable (M.Fields) -> Expr<V>
  ) -> Self {
    named(name, description, V.self, .expression { value(M.Fields($0)).node })
  }
  /// A filter that takes a value and says itself for which rows it holds.
  ///
  /// ```swift
  /// .filter("recent", "From the last week") { (article, isRecent: Bool) in
  ///   isRecent ? article.publishedAt > weekAgo() : article.publishedAt <= weekAgo()
  /// }
  /// ```
  public func filter<V: ColumnValue>(
    _ name: String, _ description: String? = nil, where condition: @escaping @Sendable (M.Fields, V) -> Expr<Bool>
  ) -> Self {
    filter(name, description) { fields, value, _ in condition(fields, value) }
  }
  /// A filter that takes a value, and asks who looks.
  ///
  /// ```swift
  /// .filter("mine") { (article, isMine: Bool, viewer) in
  ///   isMine ? article.author.id == viewer.id : article.author.id != viewer.id
  /// }
  /// ```
  public func filter<V: ColumnValue>(
    _ name: String, _ description: String? = nil,
    where condition: @escaping @Sendable (M.Fields, V, PolicyViewer) -> Expr<Bool>
  ) -> Self {
    named(
      name, description, V.self,
      .condition { root, value, viewer in
        do {
          let value = try RowCells.withRow([value]) { try V.read(&$0) }
          return condition(M.Fields(root), value, PolicyViewer(viewer)).node
        } catch {
          return .invalid(ORMError(.invalidExpression, "the filter “\(name)” got a value that is no \(V.self): \(error)"))
        }
      })
  }

  private func named<V: ColumnValue>(_ name: String, _ help: String?, _ type: V.Type, _ place: FilterField.Place) -> Self {
    with {
      $0.filtering.named.append(
        .init(
          name: name, help: help, type: V.columnType, choices: V.choices, isNullable: V.isNullable, place: place))
    }
  }
}
