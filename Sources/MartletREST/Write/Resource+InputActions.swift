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
    adding(ActionShape(name, method, needs, summary, I.self, .row, isCollection: false)) { request in
      let input = try await CustomAction<M>.input(I.self, request)
      return { row, context in
        try await perform(&row, input, context)
        return .row
      }
    }
  }
  /// The same with an answer of its own.
  public func action<I: Input, R: Encodable & Sendable>(
    _ name: String, method: HTTPMethod = .post, needs: PolicyAction = .update, summary: String? = nil, input: I.Type,
    perform: @escaping @Sendable (_ row: inout M, _ input: I, _ context: ResourceContext) async throws -> R
  ) -> Self {
    let output = ActionShape.Output.value { $0.schema(of: R.self) }
    return adding(ActionShape(name, method, needs, summary, I.self, output, isCollection: false)) { request in
      let input = try await CustomAction<M>.input(I.self, request)
      return { row, context in try .value(try await perform(&row, input, context)) }
    }
  }
  /// Something that can be done with many rows, with an ``Input``.
  public func collectionAction<I: Input>(
    _ name: String, method: HTTPMethod = .post, needs: PolicyAction = .update, summary: String? = nil, input: I.Type,
    perform: @escaping @Sendable (_ rows: Query<M>, _ input: I, _ context: ResourceContext) async throws -> Void
  ) -> Self {
    adding(toMany: ActionShape(name, method, needs, summary, I.self, .nothing, isCollection: true)) { request in
      let input = try await CustomAction<M>.input(I.self, request)
      return { rows, context in
        try await perform(rows, input, context)
        return .status(.noContent)
      }
    }
  }
  /// The same with an answer of its own.
  public func collectionAction<I: Input, R: Encodable & Sendable>(
    _ name: String, method: HTTPMethod = .post, needs: PolicyAction = .update, summary: String? = nil, input: I.Type,
    perform: @escaping @Sendable (_ rows: Query<M>, _ input: I, _ context: ResourceContext) async throws -> R
  ) -> Self {
    let output = ActionShape.Output.value { $0.schema(of: R.self) }
    return adding(toMany: ActionShape(name, method, needs, summary, I.self, output, isCollection: true)) { request in
      let input = try await CustomAction<M>.input(I.self, request)
      return { rows, context in try .value(try await perform(rows, input, context)) }
    }
  }

  private func adding(
    _ shape: ActionShape, _ prepare: @escaping @Sendable (Request) async throws -> CustomAction<M>.OnRow
  ) -> Self { adding(CustomAction(shape: shape, body: .row(prepare))) }
  private func adding(
    toMany shape: ActionShape, _ prepare: @escaping @Sendable (Request) async throws -> CustomAction<M>.OnMany
  ) -> Self { adding(CustomAction(shape: shape, body: .many(prepare))) }
}

extension ActionShape {
  fileprivate init<I: Input>(
    _ name: String, _ method: HTTPMethod, _ needs: PolicyAction, _ summary: String?, _ input: I.Type, _ output: Output,
    isCollection: Bool
  ) {
    self.init(
      name: name, method: method, needs: needs, isCollection: isCollection, summary: summary,
      input: { $0.schema(of: I.self) }, output: output)
  }
}

extension CustomAction {
  /// The input of an action, checked.
  fileprivate static func input<I: Input>(_ type: I.Type, _ request: Request) async throws -> I {
    ActionShape.hasBody(request.method) ? try await request.input(type) : try request.query.input(type)
  }
}
