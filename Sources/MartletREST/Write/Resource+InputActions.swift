public import MartletHTTP
public import MartletORM

// Actions whose input is an `@Input`: checked by its rules, all mistakes at once.
extension Resource {
  /// Something that can be done with one row, with an ``Input``: the JSON of the body, or the query string where the method is
  /// GET or DELETE.
  ///
  /// ```swift
  /// @Input struct Rating { @Field(validate: .range(1...5)) var stars: Int }
  /// .action("rate", input: Rating.self) { article, rating, context in article.stars += rating.stars }
  /// ```
  public func action<I: Input>(
    _ name: String, method: HTTPMethod = .post, needs: PolicyAction = .update, summary: String? = nil, input: I.Type,
    perform: @escaping @Sendable (_ row: inout M, _ input: I, _ context: ResourceContext) async throws -> Void
  ) -> Self {
    addingRow(name, method, needs, summary, read: { try await CustomAction<M>.input(I.self, $0) }, perform)
  }
  /// The same with an answer of its own.
  public func action<I: Input, R: Encodable & Sendable>(
    _ name: String, method: HTTPMethod = .post, needs: PolicyAction = .update, summary: String? = nil, input: I.Type,
    perform: @escaping @Sendable (_ row: inout M, _ input: I, _ context: ResourceContext) async throws -> R
  ) -> Self {
    addingRow(name, method, needs, summary, read: { try await CustomAction<M>.input(I.self, $0) }, perform)
  }
  /// Something that can be done with many rows, with an ``Input``.
  public func collectionAction<I: Input>(
    _ name: String, method: HTTPMethod = .post, needs: PolicyAction = .update, summary: String? = nil, input: I.Type,
    perform: @escaping @Sendable (_ rows: Query<M>, _ input: I, _ context: ResourceContext) async throws -> Void
  ) -> Self {
    addingMany(name, method, needs, summary, read: { try await CustomAction<M>.input(I.self, $0) }, perform)
  }
  /// The same with an answer of its own.
  public func collectionAction<I: Input, R: Encodable & Sendable>(
    _ name: String, method: HTTPMethod = .post, needs: PolicyAction = .update, summary: String? = nil, input: I.Type,
    perform: @escaping @Sendable (_ rows: Query<M>, _ input: I, _ context: ResourceContext) async throws -> R
  ) -> Self {
    addingMany(name, method, needs, summary, read: { try await CustomAction<M>.input(I.self, $0) }, perform)
  }
}

extension CustomAction {
  /// The input of an action, checked.
  fileprivate static func input<I: Input>(_ type: I.Type, _ request: Request) async throws -> I {
    ActionShape.hasBody(request.method) ? try await request.input(type) : try request.query.input(type)
  }
}
