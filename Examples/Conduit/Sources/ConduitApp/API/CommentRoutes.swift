import Martlet

// Comments of an article: two placeholders in a path, each with its type.

extension Conduit {
  /// `GET` and `POST /articles/{slug}/comments`, `DELETE /articles/{slug}/comments/{id}`
  @RoutesBuilder static var commentRoutes: RouteList {
    Get("articles/{slug}/comments") { (request, slug: String) in
      let article = try await Article.find(slug: slug, in: request.db)
      let comments = try await Comment.filter { $0.article.id == article.id }
        .permitted(.read, to: request.viewer).order { $0.id.desc }
        .views(for: request.viewer.userID, in: request.db)
      return Response.json { json in
        json.key("comments")
        comments.write(to: &json)
      }
    }
    .operationID("getArticleComments").summary("Comments of an article, newest first").returns(CommentsAnswer.self).fails(
      .notFound)

    Post("articles/{slug}/comments") { (request, slug: String) in
      let me = try request.requireUserID()
      let article = try await Article.find(slug: slug, in: request.db)
      let body = try await request.input(NewComment.self).comment.body
      let comment = try await Comment(article: Ref(article), author: .id(me), body: body).insert(request.db, as: request.viewer)
      let views = try await Comment.filter { $0.id == comment.id }.views(for: me, in: request.db)
      return Response.json(status: .created) { json in
        json.key("comment")
        views.write(0, to: &json)
      }
    }
    .operationID("createArticleComment").summary("Comment an article").needsAuthentication().body(NewComment.self)
    .returns(CommentAnswer.self, .created).fails(.notFound, .badRequest, .contentTooLarge, .unsupportedMediaType)

    Delete("articles/{slug}/comments/{id}") { (request, slug: String, id: String) in
      _ = try request.requireUserID()
      let article = try await Article.find(slug: slug, in: request.db)
      // A comment exists only under its own article; what is no number names none.
      guard let id = Int64(id),
        let comment = try await Comment.filter({ $0.id == Comment.ID(id) && $0.article.id == article.id }).first(request.db)
      else { throw RealWorldError.notFound("comment") }
      guard try await comment.permits(.delete, to: request.viewer, in: request.db) else {
        throw RealWorldError.forbidden("comment")
      }
      try await comment.delete(request.db)
    }
    .operationID("deleteArticleComment").summary("Delete a comment").needsAuthentication().returns(.noContent)
    .fails(.forbidden, .notFound)
  }
}
