import Martlet

// The shortest route of all: a filter through a many-to-many relation.

extension Conduit {
  /// `GET /tags`
  @RoutesBuilder static var tagRoutes: RouteList {
    Get("tags") { request in
      let tags = try await Tag.filter { $0.articles.isNotEmpty }.order { $0.name.asc }.all(request.db)
      return Response.json { json in
        json.key("tags")
        json.array { json in for tag in tags { json.string(tag.name) } }
      }
    }
    .operationID("getTags").summary("Tags that articles use").returns(TagsAnswer.self)
  }
}
