/// What a resource answers; each is one route.
public enum ResourceAction: String, Sendable, Hashable, CaseIterable {
  /// `GET /posts`
  case list
  /// `POST /posts`
  case create
  /// `GET /posts/{id}`
  case retrieve
  /// `PUT /posts/{id}`: every writable field
  case replace
  /// `PATCH /posts/{id}`: the fields that change
  case update
  /// `DELETE /posts/{id}`
  case delete
}
