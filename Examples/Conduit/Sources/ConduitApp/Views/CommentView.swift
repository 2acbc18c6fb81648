import Martlet

// Comments as the API answers them: the author is joined, so a list is one statement.

extension Query<Comment> {
  /// The comments of the query as the viewer sees them.
  func views(for viewer: User.ID?, in db: Database) async throws -> JSONRows {
    try await json(db) { comment, json in
      json.value("id", comment.id)
      json.value("createdAt", comment.createdAt)
      json.value("updatedAt", comment.updatedAt)
      json.value("body", comment.body)
      json.profile("author", comment.author, for: viewer)
    }
  }
}
