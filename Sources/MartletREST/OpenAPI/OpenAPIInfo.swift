/// What an API's document says of the API as a whole.
public struct OpenAPIInfo: Sendable {
  /// The API's name.
  public var title: String
  /// The API's version, which is not Martlet's.
  public var version: String
  /// What the API is for, in a few sentences.
  public var description: String?
  /// Where it is served, besides where the document comes from.
  public var servers: [String]
  /// How callers prove who they are.
  public var security: [APISecurity]
  /// How the page of ``APIDocs`` logs in.
  public var login: APILogin?

  /// An API.
  public init(
    title: String, version: String = "1.0.0", description: String? = nil, servers: [String] = [],
    security: [APISecurity] = [.bearer(), .session()], login: APILogin? = nil
  ) {
    self.title = title
    self.version = version
    self.description = description
    self.servers = servers
    self.security = security
    self.login = login
  }
}

/// A way to prove who one is, as an OpenAPI security scheme.
public struct APISecurity: Sendable {
  /// The name in the document.
  public var name: String
  let tree: JSONTree

  /// `Authorization: Bearer …` (RFC 6750).
  public static func bearer(name: String = "bearer", format: String? = "JWT") -> APISecurity {
    var tree: [JSONTree.Member] = [.init("type", "http"), .init("scheme", "bearer")]
    if let format { tree.append(.init("bearerFormat", .string(format))) }
    return APISecurity(name: name, tree: .object(tree))
  }
  /// The cookie of a session; Django's `sessionid` without a name.
  public static func session(cookie: String = "sessionid", name: String = "session") -> APISecurity {
    APISecurity(name: name, tree: ["type": "apiKey", "in": "cookie", "name": .string(cookie)])
  }
  /// A header of its own form: `Authorization: Token …` is `.header("Authorization", prefix: "Token ")`.
  public static func header(_ header: String, prefix: String = "", name: String = "token") -> APISecurity {
    var tree: [JSONTree.Member] = [.init("type", "apiKey"), .init("in", "header"), .init("name", .string(header))]
    if !prefix.isEmpty {
      tree.append(.init("description", .string("The header's value is “\(prefix)” followed by the token.")))
      tree.append(.init("x-prefix", .string(prefix)))
    }
    return APISecurity(name: name, tree: .object(tree))
  }
}
