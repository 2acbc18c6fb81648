import Foundation
public import MartletCore
public import MartletHTTP

/// A response with its whole body, for looking at.
public struct TestResponse: Sendable, CustomStringConvertible {
  /// The request it answers: `GET /api/articles`.
  public let request: String
  /// The status.
  public let status: HTTPStatus
  /// The header fields.
  public let headers: HeaderFields
  /// The body.
  public let bytes: [UInt8]

  /// The body as text.
  public var text: String { String(decoding: bytes, as: UTF8.self) }

  /// The body, decoded from JSON.
  ///
  /// - Throws: ``TestFailure`` that shows the status and the body.
  public func json<Value: Decodable>(_ type: Value.Type) throws -> Value {
    do { return try JSONCoding.decoder().decode(type, from: Data(bytes)) } catch {
      throw TestFailure("\(self)\nis no \(type): \(error)")
    }
  }

  /// A value inside of the JSON body, by keys and indexes: `response.value("article", "tagList", "0")`.
  ///
  /// - Returns: A `String`, `Bool`, `Int` or `Double` as text; `nil` where there is none, or `null`.
  public func value(_ path: String...) -> String? {
    var value = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
    for step in path {
      if let object = value as? [String: Any] {
        value = object[step]
      } else if let array = value as? [Any], let index = Int(step), array.indices.contains(index) {
        value = array[index]
      } else {
        return nil
      }
    }
    switch value {
    case let text as String: return text
    case let flag as Bool where String(describing: flag) == String(describing: value ?? ""): return String(flag)
    case let number as NSNumber: return number.stringValue
    default: return nil
    }
  }

  /// The same response, if it has this status.
  ///
  /// ```swift
  /// let article = try await client.get("/api/articles/x").expect(.ok).json(Article.self)
  /// ```
  /// - Throws: ``TestFailure`` that shows what came instead.
  @discardableResult
  public func expect(_ status: HTTPStatus) throws -> TestResponse {
    guard self.status == status else { throw TestFailure("expected \(status.code), got \(self)") }
    return self
  }

  /// `GET /api/articles → 200` and the first 2,000 characters of the body.
  public var description: String { "\(request) → \(status.code)\n\(text.prefix(2000))" }
}

/// A test's expectation that did not hold.
public struct TestFailure: Error, Sendable, Hashable, CustomStringConvertible {
  /// What was expected and what came.
  public var description: String
  /// A failure.
  public init(_ description: String) { self.description = description }
}
