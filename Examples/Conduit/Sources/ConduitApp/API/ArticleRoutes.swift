import Martlet

// One article: read, write, change, delete. Writes ask the policy of `Article`, which `/api/v1` asks too.

extension Conduit {
  /// `POST /articles`; `GET`, `PUT` and `DELETE /articles/{slug}`
  @RoutesBuilder static var articleRoutes: RouteList {
    Get("articles/{slug}") { (request, slug: String) in
      try await Article.response(slug: slug, for: request.viewer.userID, in: request.db)
    }
    .operationID("getArticle").summary("An article").returns(ArticleAnswer.self).fails(.notFound)

    Post("articles") { request in
      let author = try request.requireUserID()
      let input = try await request.input(NewArticle.self).article
      let slug = try await Slug.claim(for: input.title, in: request.db) { slug, tx in
        let article = try await Article(
          slug: slug, title: input.title, description: input.description, body: input.body,
          author: .id(author)
        ).insert(tx, as: request.viewer)
        try await article.setTags(input.tagList, tx)
        return article.slug
      }
      return try await Article.response(slug: slug, for: author, in: request.db, status: .created)
    }
    .operationID("createArticle").summary("Write an article").needsAuthentication().body(NewArticle.self)
    .returns(ArticleAnswer.self, .created).fails(.badRequest, .contentTooLarge, .unsupportedMediaType)

    Put("articles/{slug}") { (request, slug: String) in
      let viewer = try request.requireUserID()
      let article = try await Article.find(slug: slug, in: request.db)
      try await allow(.update, article, request)
      let change = try await request.input(ArticleUpdate.self).article
      // An article's address follows its title.
      let newTitle = change.title.value.flatMap { $0 == article.title ? nil : $0 }
      let newSlug = try await Slug.claim(for: newTitle, in: request.db, besides: article) { slug, tx in
        var changed = article
        changed.slug = slug
        if let title = newTitle { changed.title = title }
        change.description.apply(to: &changed.description)
        change.body.apply(to: &changed.body)
        try await changed.save(tx, changedFrom: article, as: request.viewer)
        if let tags = change.tagList.value { try await changed.setTags(tags, tx) }
        return changed.slug
      }
      return try await Article.response(slug: newSlug, for: viewer, in: request.db)
    }
    .operationID("updateArticle").summary("Change an article").needsAuthentication().body(ArticleUpdate.self)
    .returns(ArticleAnswer.self).fails(.forbidden, .notFound, .badRequest, .contentTooLarge, .unsupportedMediaType)

    Delete("articles/{slug}") { (request, slug: String) in
      _ = try request.requireUserID()
      let article = try await Article.find(slug: slug, in: request.db)
      try await allow(.delete, article, request)
      try await article.delete(request.db)  // The database deletes its comments, favourites and tags.
    }
    .operationID("deleteArticle").summary("Delete an article").needsAuthentication().returns(.noContent)
    .fails(.forbidden, .notFound)
  }

  /// - Throws: ``RealWorldError`` 403 where the article's policy does not let the viewer do this.
  private static func allow(_ action: PolicyAction, _ article: Article, _ request: Request) async throws {
    guard try await article.permits(action, to: request.viewer, in: request.db) else { throw RealWorldError.forbidden("article") }
  }
}

extension Article {
  /// Makes these the article's tags, each once and in this order, and creates those that nobody has used yet.
  func setTags(_ list: [String], _ db: Database) async throws {
    var names: [String] = []
    for name in list where !names.contains(name) { names.append(name) }
    let ids = try await Tag.upsert(names.map { Tag(name: $0) }, db, on: { $0.name }) { _, _ in }
    try await set(zip(ids, names).map { Tag(id: $0, name: $1) }, for: { $0.tags }, db)
  }
}
