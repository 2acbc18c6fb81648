import Foundation
import MartletCore
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
    var value = try? JSONDecoder().decode(JSONNode.self, from: Data(bytes))
    for step in path {
      switch value {
      case .object(let members): value = members[step]
      case .array(let elements):
        guard let index = Int(step), elements.indices.contains(index) else { return nil }
        value = elements[index]
      default: return nil
      }
    }
    if case .scalar(let text) = value { return text }
    return nil
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

/// JSON with its scalars as text. Not by `JSONSerialization`, which makes numbers of booleans on Linux.
private enum JSONNode: Decodable {
  case object([String: JSONNode])
  case array([JSONNode])
  case scalar(String?)

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .scalar(nil)
    } else if let flag = try? container.decode(Bool.self) {
      self = .scalar(String(flag))
    } else if let number = try? container.decode(Int64.self) {
      self = .scalar(String(number))
    } else if let number = try? container.decode(Double.self) {
      self = .scalar(String(number))
    } else if let text = try? container.decode(String.self) {
      self = .scalar(text)
    } else if let elements = try? container.decode([JSONNode].self) {
      self = .array(elements)
    } else {
      self = .object(try container.decode([String: JSONNode].self))
    }
  }
}

/// A test's expectation that did not hold.
public struct TestFailure: Error, Sendable, Hashable, CustomStringConvertible {
  /// What was expected and what came.
  public var description: String
  /// A failure.
  public init(_ description: String) { self.description = description }
}
