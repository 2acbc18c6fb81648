import Martlet

// A relation between a user and an article that is a model, so that it can have a policy of its own.

/// That a user likes an article.
@Model(app: "conduit")
struct Favorite {
  var id: ID
  var user: Ref<User>
  var article: Ref<Article>

  static let constraints = Martlet.constraints(Favorite.self) {
    unique($0.user.id, $0.article.id)
  }

  /// Everyone sees what is liked; users change their own.
  static let policy = Policy(Favorite.self) {
    $0.allowAll(.read)
    $0.allow(.create, .delete) { favorite, viewer in favorite.user.id == viewer.id }
  }
}
