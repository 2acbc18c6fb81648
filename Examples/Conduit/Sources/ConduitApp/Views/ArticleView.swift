import Martlet

// The read side of articles: whatever the number of rows, one statement for the articles with their authors, counts and
// flags, and one for the tags.

/// An article with everything that answers say about it.
struct ArticleView: Sendable {
  var article: Article
  var author: ProfileView
  var favorited: Bool
  var favoritesCount: Int

  func write(to json: inout JSONWriter, withBody: Bool) throws {
    let tags = try article.tags.get()
    json.object {
      $0.key("slug")
      $0.string(article.slug)
      $0.key("title")
      $0.string(article.title)
      $0.key("description")
      $0.string(article.description)
      if withBody {
        $0.key("body")
        $0.string(article.body)
      }
      $0.key("tagList")
      $0.array { for tag in tags { $0.string(tag.name) } }
      $0.key("createdAt")
      $0.timestamp(microseconds: article.createdAt.microsecondsSince1970)
      $0.key("updatedAt")
      $0.timestamp(microseconds: article.updatedAt.microsecondsSince1970)
      $0.key("favorited")
      $0.bool(favorited)
      $0.key("favoritesCount")
      $0.number(favoritesCount)
      $0.key("author")
      author.write(to: &$0)
    }
  }
}

extension Query<Article> {
  /// The articles of the query as the viewer sees them: two statements.
  func views(for viewer: User.ID?, in db: Database) async throws -> [ArticleView] {
    let rows =
      try await self
      .with { $0.author }
      .with { $0.tags.order { $0.name.asc } }
      .annotate { article in
        (
          article.author.profile.bio, article.author.profile.image, article.author.isFollowed(by: viewer),
          article.isFavorited(by: viewer), article.favorites.count
        )
      }
      .all(db)
    return try rows.map { article, bio, image, following, favorited, count in
      ArticleView(
        article: article,
        author: ProfileView(username: try article.author.username, bio: bio, image: image, following: following),
        favorited: favorited, favoritesCount: count)
    }
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
    guard let view = try await Article.filter({ $0.slug == slug }).views(for: viewer, in: db).first else {
      throw RealWorldError.notFound("article")
    }
    var json = JSONWriter(capacity: 4096)
    try json.object {
      $0.key("article")
      try view.write(to: &$0, withBody: true)
    }
    return .json(bytes: json.bytes, status: status)
  }
}
