public import MartletHTTP
public import MartletORM
import MartletCore

extension Resource {
  /// Something that can be done with one row: `POST /articles/{id}/publish`.
  ///
  /// ```swift
  /// .action("publish") { article, context in article.status = .published }
  /// ```
  /// Runs in a transaction, on a row that the viewer may read (else 404) and may do `needs` to. What the closure changes
  /// in the row is saved; the answer is the row.
  public func action(
    _ name: String, method: HTTPMethod = .post, needs: PolicyAction = .update, summary: String? = nil,
    perform: @escaping @Sendable (_ row: inout M, _ context: ResourceContext) async throws -> Void
  ) -> Self {
    adding(
      name, method, needs, summary, .row,
      body: .row { _ in
        { row, context in
          try await perform(&row, context)
          return .row
        }
      })
  }
  /// Something that can be done with one row, that answers a value of its own.
  public func action<R: Encodable & Sendable>(
    _ name: String, method: HTTPMethod = .post, needs: PolicyAction = .update, summary: String? = nil,
    perform: @escaping @Sendable (_ row: inout M, _ context: ResourceContext) async throws -> R
  ) -> Self {
    adding(
      name, method, needs, summary, .value { $0.schema(of: R.self) },
      body: .row { _ in
        { row, context in try .value(try await perform(&row, context)) }
      })
  }
  /// Something that can be done with one row, that answers with a status alone: `return .noContent`.
  public func action(
    _ name: String, method: HTTPMethod = .post, needs: PolicyAction = .update, summary: String? = nil,
    perform: @escaping @Sendable (_ row: inout M, _ context: ResourceContext) async throws -> HTTPStatus
  ) -> Self {
    adding(
      name, method, needs, summary, .nothing,
      body: .row { _ in
        { row, context in .status(try await perform(&row, context)) }
      })
  }
  /// The same with input: the JSON of the body, or the query string where the method is GET or DELETE.
  ///
  /// ```swift
  /// struct Rating: Decodable { var stars: Int }
  /// .action("rate", input: Rating.self) { article, rating, context in article.stars += rating.stars }
  /// ```
  public func action<I: Decodable & Sendable>(
    _ name: String, method: HTTPMethod = .post, needs: PolicyAction = .update, summary: String? = nil, input: I.Type,
    perform: @escaping @Sendable (_ row: inout M, _ input: I, _ context: ResourceContext) async throws -> Void
  ) -> Self {
    addingRow(name, method, needs, summary, read: { try await CustomAction<M>.input(I.self, $0) }, perform)
  }
  /// Something that can be done with one row, with input, that answers a value of its own.
  public func action<I: Decodable & Sendable, R: Encodable & Sendable>(
    _ name: String, method: HTTPMethod = .post, needs: PolicyAction = .update, summary: String? = nil, input: I.Type,
    perform: @escaping @Sendable (_ row: inout M, _ input: I, _ context: ResourceContext) async throws -> R
  ) -> Self {
    addingRow(name, method, needs, summary, read: { try await CustomAction<M>.input(I.self, $0) }, perform)
  }

  func adding(
    _ name: String, _ method: HTTPMethod, _ needs: PolicyAction, _ summary: String?, _ output: ActionShape.Output,
    input: (@Sendable (SchemaRegistry) -> JSONTree)? = nil, body: CustomAction<M>.Body
  ) -> Self {
    let isCollection = if case .many = body { true } else { false }
    let shape = ActionShape(
      name: name, method: method, needs: needs, isCollection: isCollection, summary: summary, input: input, output: output)
    var copy = self
    copy.writing.actions.append(CustomAction(shape: shape, body: body))
    return copy
  }
  // MARK: With input, however it is read

  func addingRow<I: Sendable>(
    _ name: String, _ method: HTTPMethod, _ needs: PolicyAction, _ summary: String?,
    read: @escaping @Sendable (Request) async throws -> I,
    _ perform: @escaping @Sendable (inout M, I, ResourceContext) async throws -> Void
  ) -> Self {
    adding(
      name, method, needs, summary, .row, input: { $0.schema(of: I.self) },
      body: .row { request in
        let input = try await read(request)
        return { row, context in
          try await perform(&row, input, context)
          return .row
        }
      })
  }
  func addingRow<I: Sendable, R: Encodable & Sendable>(
    _ name: String, _ method: HTTPMethod, _ needs: PolicyAction, _ summary: String?,
    read: @escaping @Sendable (Request) async throws -> I,
    _ perform: @escaping @Sendable (inout M, I, ResourceContext) async throws -> R
  ) -> Self {
    adding(
      name, method, needs, summary, .value { $0.schema(of: R.self) }, input: { $0.schema(of: I.self) },
      body: .row { request in
        let input = try await read(request)
        return { row, context in try .value(try await perform(&row, input, context)) }
      })
  }
}
