import Martlet

// The read side of articles: whatever the number of rows, one statement for the articles with their authors, counts and
// flags, and one for the tags. The JSON is written from what the database sends; no article is made in between.

extension JSONShape {
  /// An article with everything that answers say about it.
  mutating func article(_ article: Article.Fields, for viewer: User.ID?, withBody: Bool) {
    value("slug", article.slug)
    value("title", article.title)
    value("description", article.description)
    if withBody { value("body", article.body) }
    values("tagList", article.tags.order { $0.name.asc }) { $0.name }
    value("createdAt", article.createdAt)
    value("updatedAt", article.updatedAt)
    value("favorited", article.isFavorited(by: viewer))
    value("favoritesCount", article.favorites.count)
    profile("author", article.author, for: viewer)
  }
}

extension Article.Fields {
  /// Whether the viewer likes the article.
  func isFavorited(by viewer: User.ID?) -> Expr<Bool> {
    guard let viewer else { return .never }
    return favorites.any { $0.user.id == viewer }
  }
}

extension Article {
  /// The article of that slug.
  /// - Throws: ``RealWorldError`` 404 where there is none.
  static func find(slug: String, in db: Database) async throws -> Article {
    guard let article = try await Article.filter({ $0.slug == slug }).first(db) else { throw RealWorldError.notFound("article") }
    return article
  }

  /// `{"article": {…}}` as the viewer sees it.
  /// - Throws: ``RealWorldError`` 404 where there is none.
  static func response(
    slug: String, for viewer: User.ID?, in db: Database, status: HTTPStatus = .ok
  ) async throws -> Response {
    let rows = try await Article.filter { $0.slug == slug }.json(db) { article, json in
      json.article(article, for: viewer, withBody: true)
    }
    guard !rows.isEmpty else { throw RealWorldError.notFound("article") }
    return .json(status: status) { json in
      json.key("article")
      rows.write(0, to: &json)
    }
  }
}
