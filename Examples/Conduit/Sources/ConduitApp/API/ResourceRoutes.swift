import Martlet

// The same models as generated resources. Nothing of the RealWorld API is repeated: policies decide who may do what.

extension Conduit {
  /// `/api/v1/articles`, `/comments`, `/tags`, `/profiles`, `/favorites`, `/follows`
  static var resources: REST {
    REST("api/v1") {
      Resource(Article.self)
        .describe("Articles, newest first. Authors write their own.")
        .filters {
          $0.id
          $0.slug
          $0.author
          $0.title
          $0.createdAt
        }
        // Users have no policy here; their names are public, which the profiles say.
        .filter("author.username") { $0.author.username }
        .ordering {
          $0.createdAt
          $0.updatedAt
          $0.title
        }
        .expand {
          $0.tags.order { $0.name.asc }
          $0.comments.order { $0.id.desc }.limit(20)
        }
        .computed("favoritesCount") { article, _ in article.favorites.count }
        .computed("favorited") { article, viewer in article.favorites.any { $0.user.id == viewer.id } }
        .order { $0.createdAt.desc }
        .pageSize(20)
        .idempotent()
      Resource(Comment.self).describe("What readers say about articles.").order { $0.createdAt.desc }.idempotent()
      Resource(Tag.self).describe("The words that articles are found by.").order { $0.name.asc }
      Resource(Profile.self).describe("What users say about themselves.").actions(.list, .retrieve, .replace, .update)
      Resource(Favorite.self).describe("Who likes what.").actions(.list, .retrieve, .create, .delete).idempotent()
      Resource(Follow.self).describe("Whom you follow.").actions(.list, .retrieve, .delete)
    }
    .naming(.camelCase)
    .challenge("Token")
  }
}
