import Martlet

// What the RealWorld API answers, as types: the API's document at `/docs` is made from them. The answers themselves are
// written by the views, straight into bytes.

/// `{"user": {…}}`
struct UserAnswer: Codable {
  struct User: Codable { var email: String, token: String, username: String, bio: String?, image: String? }
  var user: User
}

/// `{"profile": {…}}`
struct ProfileAnswer: Codable {
  struct Profile: Codable { var username: String, bio: String?, image: String?, following: Bool }
  var profile: Profile
}

/// `{"article": {…}}`
struct ArticleAnswer: Codable {
  struct Article: Codable {
    var slug: String, title: String, description: String, body: String, tagList: [String], createdAt: String, updatedAt: String
    var favorited: Bool, favoritesCount: Int, author: ProfileAnswer.Profile
  }
  var article: Article
}

/// `{"articles": […], "articlesCount": 500}`, without the bodies.
struct ArticlesAnswer: Codable {
  struct Article: Codable {
    var slug: String, title: String, description: String, tagList: [String], createdAt: String, updatedAt: String
    var favorited: Bool, favoritesCount: Int, author: ProfileAnswer.Profile
  }
  var articles: [Article]
  var articlesCount: Int
}

/// `{"comment": {…}}`
struct CommentAnswer: Codable {
  struct Comment: Codable { var id: Int, createdAt: String, updatedAt: String, body: String, author: ProfileAnswer.Profile }
  var comment: Comment
}

/// `{"comments": […]}`
struct CommentsAnswer: Codable {
  var comments: [CommentAnswer.Comment]
}

/// `{"tags": […]}`
struct TagsAnswer: Codable {
  var tags: [String]
}

/// `{"errors": {"title": ["can't be blank"]}}`
struct ErrorAnswer: Codable {
  var errors: [String: [String]]
}

extension RouteComponent {
  /// The errors that the routes answer.
  func fails(_ statuses: HTTPStatus...) -> RouteList {
    statuses.reduce(RouteList(descriptions)) { $0.returns(ErrorAnswer.self, $1, "What is wrong, field by field") }
  }
}
