import Martlet

// Lists: a query is a value, built up filter by filter, counted and read at the end. Two statements, however many rows.

extension Conduit {
  /// `GET /articles`, `GET /articles/feed`
  @RoutesBuilder static var articleLists: RouteList {
    Get("articles") { request in
      var query = Article.query
      if let tag = request.query["tag"] { query = query.filter { $0.tags.any { $0.name == tag } } }
      if let author = request.query["author"] { query = query.filter { $0.author.username == author } }
      if let reader = request.query["favorited"] { query = query.filter { $0.favorites.any { $0.user.username == reader } } }
      return try await list(query, request)
    }
    .operationID("getArticles").summary("Articles, newest first").returns(ArticlesAnswer.self)
    .parameter("tag", String.self, "Only those with this tag").parameter("author", String.self, "Only this user's")
    .parameter("favorited", String.self, "Only those that this user likes")
    .parameter("limit", Int.self, "20 if absent", in: 1...100).parameter("offset", Int.self, "How many to skip", in: 0...Int.max)

    Get("articles/feed") { request in
      let me = try request.requireUserID()
      return try await list(Article.filter { $0.author.isFollowed(by: me) }, request)
    }
    .operationID("getArticlesFeed").summary("Articles of those one follows").needsAuthentication().returns(ArticlesAnswer.self)
    .parameter("limit", Int.self, "20 if absent", in: 1...100).parameter("offset", Int.self, "How many to skip", in: 0...Int.max)
  }

  /// A page of the query, newest first, with the number of all its rows.
  private static func list(_ query: Query<Article>, _ request: Request) async throws -> Response {
    let limit = try request.query.value("limit", as: Int.self, default: 20, in: 1...100)
    let offset = try request.query.value("offset", as: Int.self, default: 0, in: 0...Int.max)
    let viewer = request.viewer.userID
    let articles = try await query.permitted(.read, to: request.viewer)
      .order({ $0.createdAt.desc }, { $0.id.desc }).limit(limit, offset: offset)
      .json(request.db, counted: true) { article, json in json.article(article, for: viewer, withBody: false) }
    return .json { json in
      json.key("articles")
      articles.write(to: &json)
      json.key("articlesCount")
      json.number(articles.total ?? 0)
    }
  }
}
