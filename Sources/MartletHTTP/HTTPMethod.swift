/// The method of a request: RFC 9110 §9. Case-sensitive, and open to extension methods.
public struct HTTPMethod: Sendable, Hashable, CustomStringConvertible, ExpressibleByStringLiteral {
  /// The method's token, as it stands in the request line.
  public let name: String

  /// A method by its token.
  public init(_ name: String) { self.name = name }
  /// A method by its token.
  public init(stringLiteral value: String) { name = value }

  /// The token.
  public var description: String { name }

  /// GET: transfer a representation.
  public static let get = HTTPMethod("GET")
  /// HEAD: as GET, without the body.
  public static let head = HTTPMethod("HEAD")
  /// POST: let the resource process the body.
  public static let post = HTTPMethod("POST")
  /// PUT: replace the resource.
  public static let put = HTTPMethod("PUT")
  /// PATCH: change a part of the resource (RFC 5789).
  public static let patch = HTTPMethod("PATCH")
  /// DELETE: remove the resource.
  public static let delete = HTTPMethod("DELETE")
  /// OPTIONS: ask what may be done.
  public static let options = HTTPMethod("OPTIONS")
  /// TRACE: echo; never routed.
  public static let trace = HTTPMethod("TRACE")

  /// Whether the method asks for no change: GET, HEAD, OPTIONS, TRACE (RFC 9110 §9.2.1). CSRF protection
  /// looks at the others only.
  public var isSafe: Bool { self == .get || self == .head || self == .options || self == .trace }
}
