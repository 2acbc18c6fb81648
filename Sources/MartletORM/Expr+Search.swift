/// Full-text search. What a person typed goes in as it is: words, `"phrases"`, `-without`, `OR` between alternatives; nothing is a
/// syntax error, and a text without a word finds nothing.
extension ModelFields {
  /// Whether the row fits what a person typed, by the full-text index that the model declares.
  ///
  /// ```swift
  /// Article.filter { $0.search(typed) && $0.isPublic }.order { $0.relevance(of: typed).desc }
  /// ```
  /// - Parameter index: Which index, by its name, where the model declares several; else the first.
  public func search(_ text: String, index: String? = nil) -> Expr<Bool> { .init(declared(.match, text, index)) }
  /// How well the row fits: more is better, and 0 is not at all. Comparable within one query alone.
  public func relevance(of text: String, index: String? = nil) -> Expr<Double> { .init(declared(.relevance, text, index)) }

  /// Whether these columns fit what a person typed. Without an index over exactly them, slow on PostgreSQL and an error elsewhere.
  public func search<each V: TextColumnValue>(
    _ text: String, in columns: repeat Expr<each V>, language: SearchLanguage = .simple
  ) -> Expr<Bool> {
    .init(over(.match, text, repeat each columns, language: language))
  }
  /// How well these columns fit.
  public func relevance<each V: TextColumnValue>(
    of text: String, in columns: repeat Expr<each V>, language: SearchLanguage = .simple
  ) -> Expr<Double> {
    .init(over(.relevance, text, repeat each columns, language: language))
  }

  private func declared(_ kind: SearchNode.Kind, _ text: String, _ name: String?) -> Node {
    do {
      let indexes = try FullTextIndex.declared(by: M.self)
      guard let index = name.map({ name in indexes.first { $0.name == name } }) ?? indexes.first else {
        let what = name.map { "no full-text index named \($0)" } ?? "no full-text index"
        throw ORMError(
          .invalidExpression, "search(_:): \(M.schema.name) declares \(what)",
          hint: "add fullText($0.title, language: .english) to its constraints and run makemigrations; PostgreSQL also searches "
            + "without: search(_:in: $0.title)")
      }
      let columns = try index.columns.map { name -> Node in
        guard let place = M.schema.columns.firstIndex(where: { $0.name == name }) else {
          throw ORMError(.invalidExpression, "the full-text index \(index.name) names \(name), which is no column")
        }
        return .column(
          ColumnReference(
            path: joinPath, name: name, index: place, isNullable: M.schema.columns[place].isNullable, isKey: false))
      }
      return .custom(
        SearchNode(kind: kind, words: SearchWords(text), children: columns, language: index.language, index: index))
    } catch let error as ORMError {
      return .invalid(error)
    } catch {
      return .invalid(ORMError(.invalidExpression, "search(_:): \(error)"))
    }
  }

  private func over<each V: TextColumnValue>(
    _ kind: SearchNode.Kind, _ text: String, _ expressions: repeat Expr<each V>, language: SearchLanguage
  ) -> Node {
    var columns: [Node] = []
    for column in repeat each expressions { columns.append(column.node) }
    guard !columns.isEmpty else { return .invalid(ORMError(.invalidExpression, "search(_:in:) takes a column at least")) }
    let names = columns.map { node in
      if case .column(let column) = node, column.path === joinPath { column.name } else { "" }
    }
    let index = try? FullTextIndex.declared(by: M.self).first { $0.columns == names && $0.language == language }
    return .custom(
      SearchNode(kind: kind, words: SearchWords(text), children: columns, language: language, index: index))
  }
}

extension Maybe {
  /// Whether there is a row and it fits what a person typed, by the full-text index that its model declares.
  public func search(_ text: String, index: String? = nil) -> Expr<Bool> { base.search(text, index: index) }
  /// How well the row fits: more is better, and 0 is not at all.
  public func relevance(of text: String, index: String? = nil) -> Expr<Double> { base.relevance(of: text, index: index) }
}

extension Query {
  /// The rows that fit what a person typed, the best first; see ``ModelFields/search(_:index:)``.
  ///
  /// ```swift
  /// let found = try await Article.query.search("swift -java \"on the server\"").limit(20).all(db)
  /// ```
  public func search(_ text: String, index: String? = nil) -> Self {
    filter { $0.search(text, index: index) }.order { $0.relevance(of: text, index: index).desc }
  }
}
