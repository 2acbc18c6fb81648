import MartletCore

/// The tag of a representation: RFC 9110 §8.8.3.
public struct EntityTag: Sendable, Hashable, CustomStringConvertible {
  /// The opaque text between the quotes.
  public let value: String
  /// Whether the tag says only that two representations mean the same, not that they are the same bytes.
  public let isWeak: Bool

  /// A tag. Characters that no tag may hold (quotes, white space, control characters) are dropped.
  public init(_ value: String, weak: Bool = false) {
    let isClean = value.utf8.allSatisfy(EntityTag.isTagByte)
    self.value = isClean ? value : String(decoding: value.utf8.filter(EntityTag.isTagByte), as: UTF8.self)
    isWeak = weak
  }
  private static func isTagByte(_ byte: UInt8) -> Bool { byte > 32 && byte != 34 && byte != 127 }

  /// A tag as it stands in a field: `"x"` or `W/"x"`.
  package init?(field: some StringProtocol) {
    let text = field.trimmed
    let weak = text.hasPrefix("W/")
    let quoted = weak ? text.dropFirst(2) : text[...]
    guard quoted.utf8.count >= 2, quoted.hasPrefix("\""), quoted.hasSuffix("\"") else { return nil }
    self.init(String(quoted.dropFirst().dropLast()), weak: weak)
  }

  /// The field of a tag of the bytes: weak, because compression sends other bytes under it.
  static func hashField(of bytes: [UInt8]) -> String {
    let fingerprint = bytes.withUnsafeBytes { Fingerprint($0) }
    return String(unsafeUninitializedCapacity: 36) { buffer in
      _ = buffer.update(fromContentsOf: "W/\"".utf8)
      fingerprint.withBytes { HexDigits.write($0, to: UnsafeMutableBufferPointer(rebasing: buffer[3..<35])) }
      buffer[35] = UInt8(ascii: "\"")
      return 36
    }
  }

  /// `"x"` or `W/"x"`
  public var description: String { (isWeak ? "W/\"" : "\"") + value + "\"" }

  /// Whether a list of tags, or `*`, has this one.
  ///
  /// - Parameters:
  ///   - strong: Whether both tags must be strong, as `If-Match` and `If-Range` ask.
  ///   - anyCoding: Whether the tag of the compressed form stands for this one: not where bytes are counted.
  func isListed(in field: String, strong: Bool, anyCoding: Bool = true) -> Bool {
    if field.trimmed == "*" { return true }
    return EntityTag.list(field).contains { other in
      guard other.value == value || (anyCoding && other.withoutCoding == value) else { return false }
      return !strong || (!isWeak && !other.isWeak)
    }
  }

  /// The tags of a field such as `If-Match`; what is none is passed over.
  package static func list(_ field: String) -> [EntityTag] { field.split(separator: ",").compactMap { EntityTag(field: $0) } }

  private static let gzipSuffix = "-gzip"
  /// The tag of the same representation as gzip: other bytes, so another tag, and as strong.
  var gzipped: EntityTag { isWeak ? self : EntityTag(value + EntityTag.gzipSuffix) }
  /// The text between the quotes without what compression added.
  package var withoutCoding: String {
    value.hasSuffix(EntityTag.gzipSuffix) ? String(value.dropLast(EntityTag.gzipSuffix.utf8.count)) : value
  }
}

extension Request {
  /// Fails unless the client's `If-Match` names the current version: protection against lost updates.
  ///
  /// ```swift
  /// try request.requireMatch(EntityTag("v\(article.version)"))
  /// ```
  /// - Throws: ``HTTPError`` (412, `precondition-failed`). A request without `If-Match` passes.
  public func requireMatch(_ current: EntityTag) throws {
    guard let field = headers["if-match"], !current.isListed(in: field, strong: true) else { return }
    throw HTTPError.preconditionFailed(current)
  }
}

extension HTTPError {
  /// 412 with the tag of the current version.
  package static func preconditionFailed(_ current: EntityTag) -> HTTPError {
    HTTPError(
      .preconditionFailed, "The resource has changed since. Read it again, then repeat the change.",
      headers: ["ETag": current.description])
  }
}

/// Conditional requests: RFC 9110 §13.
enum Conditional {
  /// Tags a successful answer to a GET, and turns it into 304 where the client has it already.
  static func apply(to response: inout Response, request: Request, limit: Int) {
    guard response.status == .ok, request.method == .get || request.method == .head else { return }
    if !response.headers.contains("etag"), case .bytes(let bytes) = response.body.source, !bytes.isEmpty,
      bytes.count <= limit, response.headers["cache-control"]?.contains("no-store") != true
    {
      response.headers.set(HeaderFields.Field(name: "ETag", value: EntityTag.hashField(of: bytes)))
    }
    guard isFresh(response.headers, request.headers) else { return }
    if let tag = response.headers["etag"].flatMap({ EntityTag(field: $0) })?.gzipped,
      let field = request.headers["if-none-match"], EntityTag.list(field).contains(tag)
    {
      // The client has the compressed form, and that is the one it is told of.
      response.headers["ETag"] = tag.description
    }
    response = notModified(response)
  }

  static func isFresh(_ response: HeaderFields, _ request: HeaderFields) -> Bool {
    if let field = request["if-none-match"] {
      guard let tag = response["etag"].flatMap({ EntityTag(field: $0) }) else { return false }
      return tag.isListed(in: field, strong: false)
    }
    guard let since = request["if-modified-since"].flatMap(HTTPDate.parse),
      let modified = response["last-modified"].flatMap(HTTPDate.parse)
    else { return false }
    return modified <= since
  }

  static func notModified(_ response: Response) -> Response {
    var response = response
    response.status = .notModified
    response.body = .empty
    for name in ["content-type", "content-encoding", "content-language", "content-range", "accept-ranges"] {
      response.headers.remove(name)
    }
    return response
  }
}
