/// What a handler may return besides a ``Response``.
public protocol ResponseConvertible: SendableMetatype {
  /// The response to send.
  func response(for request: Request) throws -> Response
}

extension Response: ResponseConvertible {
  /// Itself.
  public func response(for request: Request) throws -> Response { self }
}
extension String: ResponseConvertible {
  /// `text/plain`.
  public func response(for request: Request) throws -> Response { .text(self) }
}
extension HTTPStatus: ResponseConvertible {
  /// A status without a body.
  public func response(for request: Request) throws -> Response { Response(status: self) }
}
extension Optional: ResponseConvertible where Wrapped: ResponseConvertible {
  /// The wrapped response; 404 for `nil`.
  public func response(for request: Request) throws -> Response {
    guard let self else { throw HTTPError.notFound("There is nothing at “\(request.path)”.") }
    return try self.response(for: request)
  }
}

/// An optional without its type, to see `nil` in a value of which only `Encodable` is known.
private protocol AnyOptional { var isNil: Bool { get } }
extension Optional: AnyOptional {
  fileprivate var isNil: Bool { self == nil }
}

extension Response {
  /// What a handler's encodable result becomes: JSON, and 404 for `nil`.
  ///
  /// - Parameter mayBeNil: Whether the type is optional: ``isOptional(_:)``, asked once for a route, not for each request.
  static func encoding(_ value: some Encodable, for request: Request, mayBeNil: Bool) throws -> Response {
    if mayBeNil, let optional = value as? any AnyOptional, optional.isNil {
      throw HTTPError.notFound("There is nothing at “\(request.path)”.")
    }
    return try .json(value)
  }
  /// Whether values of a type can be `nil`.
  static func isOptional(_ type: any Encodable.Type) -> Bool { type is any AnyOptional.Type }
}
