import MartletCore
package import MartletHTTP
package import MartletORM
import MartletSQL

/// Something that a resource can be asked to do besides its six actions.
struct CustomAction<M: Model>: Sendable {
  typealias OnRow = @Sendable (inout M, ResourceContext) async throws -> ActionResult
  typealias OnMany = @Sendable (Query<M>, ResourceContext) async throws -> ActionResult
  /// Reads the input, before the transaction begins.
  enum Body: Sendable {
    case row(@Sendable (Request) async throws -> OnRow)
    case many(@Sendable (Request) async throws -> OnMany)
  }
  var shape: ActionShape
  var body: Body

  /// The input of an action: the body, or the query string where the method has none.
  static func input<I: Decodable>(_ type: I.Type, _ request: Request) async throws -> I {
    ActionShape.hasBody(request.method) ? try await request.json(type) : try request.query.decode(type)
  }
}

/// What an action gives back.
enum ActionResult: Sendable {
  case row
  case json([UInt8])
  case status(HTTPStatus)

  static func value(_ value: some Encodable) throws -> ActionResult { .json(try Response.json(value).body.bytes) }
}

/// An action without types: what OpenAPI and checks read.
package struct ActionShape: Sendable {
  enum Output: Sendable {
    case row
    case value(@Sendable (SchemaRegistry) -> JSONTree)
    case nothing
  }
  package var name: String
  package var method: HTTPMethod
  /// What the policy is asked for.
  package var needs: PolicyAction
  package var isCollection: Bool
  package var summary: String?
  var input: (@Sendable (SchemaRegistry) -> JSONTree)?
  var output: Output

  /// Whether the query string is the input.
  var readsQuery: Bool { input != nil && !Self.hasBody(method) }
  /// Whether a resource that requires conditions requires one here: a collection has no state that it could name.
  var needsCondition: Bool { !isCollection && method != .get && method != .head }
  static func hasBody(_ method: HTTPMethod) -> Bool { ![.get, .head, .delete].contains(method) }
}

extension ResponseBody {
  /// What stands in memory.
  fileprivate var bytes: [UInt8] { if case .bytes(let bytes) = source { bytes } else { [] } }
}

/// Marks a request whose query string is an action's input, and says nothing of the row that is the answer.
enum QueryInputContext: ContextKey {
  typealias Value = Bool
}
