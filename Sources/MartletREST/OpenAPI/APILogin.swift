/// How one logs in, for the page of ``APIDocs``: which operation to call, and where its answer holds the token.
///
/// ```swift
/// OpenAPIInfo(
///   title: "Conduit", security: [.header("Authorization", prefix: "Token ")],
///   login: .token(operation: "login", at: "user.token", for: "token"))
/// ```
/// The page makes a form of the operation's body, and keeps the token until the tab is closed.
public struct APILogin: Sendable {
  let tree: JSONTree

  /// An operation that answers a token.
  ///
  /// - Parameters:
  ///   - operation: The operation's id in the document.
  ///   - path: The member of its answer that is the token, with dots for nested ones: `user.token`.
  ///   - scheme: The name of the ``APISecurity`` that the token is for.
  public static func token(operation: String, at path: String, for scheme: String) -> APILogin {
    APILogin(tree: ["operationId": .string(operation), "token": .string(path), "scheme": .string(scheme)])
  }
  /// An operation that starts a session: the browser keeps its cookie.
  ///
  /// - Parameter operation: The operation's id in the document.
  public static func session(operation: String) -> APILogin { APILogin(tree: ["operationId": .string(operation)]) }
}
