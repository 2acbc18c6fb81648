public import MartletHTTP
public import MartletORM
import MartletCore

extension Resource {
  /// Something that can be done with many rows: `POST /articles/archive`. Answers 204.
  ///
  /// Runs in a transaction. The query has the rows that the viewer may read and may do `needs` to, and no others.
  public func collectionAction(
    _ name: String, method: HTTPMethod = .post, needs: PolicyAction = .update, summary: String? = nil,
    perform: @escaping @Sendable (_ rows: Query<M>, _ context: ResourceContext) async throws -> Void
  ) -> Self {
    adding(
      name, method, needs, summary, .nothing,
      body: .many { _ in
        { rows, context in
          try await perform(rows, context)
          return .status(.noContent)
        }
      })
  }
  /// Something that can be done with many rows, that answers a value.
  ///
  /// ```swift
  /// .collectionAction("publish-all") { articles, context in
  ///   try await articles.filter { $0.status == .draft }.update(context.db) { $0.status.set(to: .published) }   // how many
  /// }
  /// ```
  public func collectionAction<R: Encodable & Sendable>(
    _ name: String, method: HTTPMethod = .post, needs: PolicyAction = .update, summary: String? = nil,
    perform: @escaping @Sendable (_ rows: Query<M>, _ context: ResourceContext) async throws -> R
  ) -> Self {
    adding(
      name, method, needs, summary, .value { $0.schema(of: R.self) },
      body: .many { _ in
        { rows, context in try .value(try await perform(rows, context)) }
      })
  }
  /// The same with input: the JSON of the body, or the query string where the method is GET or DELETE.
  public func collectionAction<I: Decodable & Sendable>(
    _ name: String, method: HTTPMethod = .post, needs: PolicyAction = .update, summary: String? = nil, input: I.Type,
    perform: @escaping @Sendable (_ rows: Query<M>, _ input: I, _ context: ResourceContext) async throws -> Void
  ) -> Self {
    addingMany(name, method, needs, summary, read: { try await CustomAction<M>.input(I.self, $0) }, perform)
  }
  /// Something that can be done with many rows, with input, that answers a value.
  public func collectionAction<I: Decodable & Sendable, R: Encodable & Sendable>(
    _ name: String, method: HTTPMethod = .post, needs: PolicyAction = .update, summary: String? = nil, input: I.Type,
    perform: @escaping @Sendable (_ rows: Query<M>, _ input: I, _ context: ResourceContext) async throws -> R
  ) -> Self {
    addingMany(name, method, needs, summary, read: { try await CustomAction<M>.input(I.self, $0) }, perform)
  }
  // MARK: With input, however it is read

  func addingMany<I: Sendable>(
    _ name: String, _ method: HTTPMethod, _ needs: PolicyAction, _ summary: String?,
    read: @escaping @Sendable (Request) async throws -> I,
    _ perform: @escaping @Sendable (Query<M>, I, ResourceContext) async throws -> Void
  ) -> Self {
    adding(
      name, method, needs, summary, .nothing, input: { $0.schema(of: I.self) },
      body: .many { request in
        let input = try await read(request)
        return { rows, context in
          try await perform(rows, input, context)
          return .status(.noContent)
        }
      })
  }
  func addingMany<I: Sendable, R: Encodable & Sendable>(
    _ name: String, _ method: HTTPMethod, _ needs: PolicyAction, _ summary: String?,
    read: @escaping @Sendable (Request) async throws -> I,
    _ perform: @escaping @Sendable (Query<M>, I, ResourceContext) async throws -> R
  ) -> Self {
    adding(
      name, method, needs, summary, .value { $0.schema(of: R.self) }, input: { $0.schema(of: I.self) },
      body: .many { request in
        let input = try await read(request)
        return { rows, context in try .value(try await perform(rows, input, context)) }
      })
  }
}
