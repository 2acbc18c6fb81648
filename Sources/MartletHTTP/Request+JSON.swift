import Foundation
package import MartletCore

extension Request {
  /// The body as JSON of a type.
  ///
  /// ```swift
  /// struct NewArticle: Decodable { var title: String, tags: [String]? }
  /// let input = try await request.json(NewArticle.self)
  /// ```
  /// - Parameter limit: The most bytes to accept; the application's limit if `nil`.
  /// - Throws: ``HTTPError``: 415 for another media type than JSON, 413 past the limit, 400 with line and
  ///   column for what is not JSON. `ValidationError` (422) naming the field that has the wrong type or is
  ///   missing.
  public func json<T: Decodable>(_ type: T.Type, limit: Int? = nil) async throws -> T {
    let bytes = try await jsonBytes(limit: limit)
    do {
      return try JSONCoding.decoder().decode(type, from: Data(bytes))
    } catch let error as DecodingError {
      if let fault = JSONSyntax.firstFault(in: bytes) { throw fault.error }
      throw error.validationError
    }
  }

  /// The bytes of a body whose media type is JSON.
  ///
  /// - Throws: ``HTTPError``: 415 for another media type, 413 past the limit.
  package func jsonBytes(limit: Int? = nil) async throws -> [UInt8] {
    guard let type = MediaType(headers["content-type"] ?? "") else {
      throw HTTPError(.unsupportedMediaType, "Send the body as JSON with “Content-Type: application/json”.")
    }
    guard type.isJSON else {
      throw HTTPError(.unsupportedMediaType, "The body is \(type.essence); this takes application/json.")
    }
    return try await body.collect(limit)
  }
}

extension QueryParameters {
  /// The parameters as a type: texts become numbers, booleans, dates, enums; repeated ones become arrays.
  ///
  /// - Throws: `ValidationError` naming the parameter.
  public func decode<T: Decodable>(_ type: T.Type) throws -> T {
    try check()
    return try FieldsDecoder.decode(type, from: self)
  }
}

extension DecodingError {
  /// The same failure as a client is told about it: which field, and what is wrong with it.
  package var validationError: ValidationError {
    switch self {
    case .keyNotFound(let key, let context):
      ValidationError(Self.path(context.codingPath + [key]), code: "required", "This field is required.")
    case .valueNotFound(_, let context):
      ValidationError(Self.path(context.codingPath), code: "null", "This field may not be null.")
    case .typeMismatch(let type, let context):
      ValidationError(
        Self.path(context.codingPath), code: "invalid",
        context.debugDescription.hasPrefix("“") ? context.debugDescription : "This is not \(Self.words(for: type)).")
    case .dataCorrupted(let context):
      ValidationError(
        Self.path(context.codingPath), code: "invalid",
        context.debugDescription.hasPrefix("“") ? context.debugDescription : "This value is not valid.")
    @unknown default:
      ValidationError("", code: "invalid", "The input is not valid.")
    }
  }

  private static func path(_ keys: [any CodingKey]) -> String {
    keys.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
  }
  private static func words(for type: Any.Type) -> String {
    switch type {
    case is String.Type: "a text"
    case is Bool.Type: "true or false"
    case is any FixedWidthInteger.Type: "a whole number"
    case is any BinaryFloatingPoint.Type, is Decimal.Type: "a number"
    case is Date.Type: "a date and time"
    case is [String: Any].Type: "an object"
    case is [Any].Type: "a list"
    default: "of the right type"
    }
  }
}
