import Martlet

// Comments as the API answers them: the author is joined, so a list is one statement.

/// A comment with its author.
struct CommentView: Sendable {
  var comment: Comment
  var author: ProfileView

  func write(to json: inout JSONWriter) {
    json.object {
      $0.key("id")
      $0.number(comment.id.raw ?? 0)
      $0.key("createdAt")
      $0.timestamp(microseconds: comment.createdAt.microsecondsSince1970)
      $0.key("updatedAt")
      $0.timestamp(microseconds: comment.updatedAt.microsecondsSince1970)
      $0.key("body")
      $0.string(comment.body)
      $0.key("author")
      author.write(to: &$0)
    }
  }
}

extension Query<Comment> {
  /// The comments of the query as the viewer sees them: one statement.
  func views(for viewer: User.ID?, in db: Database) async throws -> [CommentView] {
    let rows =
      try await self
      .with { $0.author }
      .annotate { ($0.author.profile.bio, $0.author.profile.image, $0.author.isFollowed(by: viewer)) }
      .all(db)
    return try rows.map { comment, bio, image, following in
      CommentView(
        comment: comment,
        author: ProfileView(username: try comment.author.username, bio: bio, image: image, following: following))
    }
  }
}
