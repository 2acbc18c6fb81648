import Martlet

// Favourites: an upsert makes the write repeatable, a count in the read does the rest.

extension Conduit {
  /// `POST` and `DELETE /articles/{slug}/favorite`
  @RoutesBuilder static var favoriteRoutes: RouteList {
    Post("articles/{slug}/favorite") { (request, slug: String) in
      let me = try request.requireUserID()
      let article = try await Article.find(slug: slug, in: request.db)
      let favorite = Favorite(user: .id(me), article: Ref(article))
      try await favorite.authorize(.create, to: request.viewer, in: request.db)
      try await Favorite.upsert([favorite], request.db, on: { ($0.user.id, $0.article.id) }) { _, _ in }
      return try await Article.response(slug: slug, for: me, in: request.db)
    }
    .operationID("createArticleFavorite").summary("Like an article").needsAuthentication().returns(ArticleAnswer.self).fails(
      .notFound)

    Delete("articles/{slug}/favorite") { (request, slug: String) in
      let me = try request.requireUserID()
      let article = try await Article.find(slug: slug, in: request.db)
      try await Favorite.filter { $0.user.id == me && $0.article.id == article.id }
        .permitted(.delete, to: request.viewer).delete(request.db)
      return try await Article.response(slug: slug, for: me, in: request.db)
    }
    .operationID("deleteArticleFavorite").summary("Like an article no more").needsAuthentication()
    .returns(ArticleAnswer.self).fails(.notFound)
  }
}
