/// How responses are compressed: gzip, for clients that take it, where it pays.
///
/// A page that repeats a secret beside what a client sent can leak it through its size (BREACH): CSRF tokens
/// are masked anew in every page for that reason; do likewise with secrets of your own, or set
/// `Cache-Control: no-transform`, which such a response is left alone by.
public struct CompressionPolicy: Sendable, Hashable {
  /// The smallest body worth it, in bytes. A streamed body is always worth it.
  public var minimumSize = 860
  /// 1 (fast) to 9 (small). Of JSON, level 6 saves about a tenth more than 1 at twice the time.
  public var level = 4
  /// The media types beyond `text/*`, `*+json` and `*+xml`.
  public var types: Set<String> = [
    "application/json", "application/javascript", "application/xml", "application/wasm", "image/svg+xml", "font/ttf",
    "font/otf", "image/x-icon", "application/manifest+json",
  ]

  /// The defaults.
  public init() {}

  func isCompressible(_ headers: HeaderFields) -> Bool {
    guard let type = headers["content-type"] else { return false }
    return isCompressible(type)
  }
  private func isCompressible(_ field: String) -> Bool {
    guard let type = MediaType(field)?.essence else { return false }
    return type.hasPrefix("text/") || type.hasSuffix("+json") || type.hasSuffix("+xml") || types.contains(type)
  }
}

/// Compresses by a policy.
struct Compressor: Sendable {
  private let policy: CompressionPolicy
  /// Whether it is worth it for the types that most answers have: they need not be taken apart each time.
  private let usual: [(type: String, isCompressible: Bool)]

  init(_ policy: CompressionPolicy) {
    self.policy = policy
    usual = [KnownFields.json, KnownFields.text, KnownFields.html].map { field in
      (field.value, policy.isCompressible(HeaderFields(only: field)))
    }
  }

  private static let largeSize = 131_072

  private func isCompressible(_ headers: HeaderFields) -> Bool {
    guard let type = headers["content-type"] else { return false }
    for known in usual where known.type == type { return known.isCompressible }
    return policy.isCompressible(headers)
  }

  func apply(to response: inout Response, request: Request) async throws {
    guard isCompressible(response.headers), !response.headers.contains("content-encoding"),
      !response.headers.contains("content-range"), response.status != .partialContent,
      response.headers["cache-control"]?.contains("no-transform") != true,
      !response.status.forbidsBody || response.status == .notModified
    else { return }
    // A cache must tell the forms apart even where this client takes the plain one.
    if response.headers.contains("vary") {
      response.headers.addToken("Accept-Encoding", to: "Vary")
    } else {
      response.headers.set(KnownFields.varyEncoding)
    }
    guard !response.status.forbidsBody, (response.body.length ?? .max) >= policy.minimumSize,
      AcceptEncoding.prefersGzip(request.headers["accept-encoding"])
    else { return }
    guard try await compress(&response.body) else { return }
    response.headers["Content-Encoding"] = "gzip"
    response.headers.remove("Content-Length")
    response.headers.remove("Accept-Ranges")
    // The bytes are no longer those of a strong tag. Another strong one, not a weak one: `If-Match` takes no weak tags.
    if let tag = response.headers["etag"].flatMap({ EntityTag(field: $0) }) {
      response.headers["ETag"] = tag.gzipped.description
    }
  }

  /// - Returns: Whether the body is a compressed one now: one that would not be smaller stays.
  private func compress(_ body: inout ResponseBody) async throws -> Bool {
    let gzip = try Gzip(level: policy.level)
    switch body.source {
    case .bytes(let bytes):
      // A large body takes longer than a loop may be held.
      let packed = bytes.count > Compressor.largeSize ? try await offload { try gzip.finish(bytes) } : try gzip.finish(bytes)
      guard packed.count < bytes.count else { return false }
      body = .bytes(packed)
    case .stream(_, let produce):
      body = .stream { writer in
        try await produce(
          BodyWriter { chunk in
            let packed = try gzip.compress(chunk)
            if !packed.isEmpty { try await writer.write(packed) }
          })
        try await writer.write(gzip.finish())
      }
    }
    return true
  }
}

/// `Accept-Encoding`: RFC 9110 §12.5.3.
enum AcceptEncoding {
  /// Whether gzip is accepted, and not liked less than no encoding.
  static func prefersGzip(_ field: String?) -> Bool {
    guard let field else { return false }
    var gzip: Double?, identity: Double?, any: Double?
    for part in field.split(separator: ",") {
      let parts = part.split(separator: ";", omittingEmptySubsequences: false)
      guard let name = parts.first?.trimmed.lowercased() else { continue }
      let quality = MediaType.parameters(parts.dropFirst())["q"].map { Double($0) ?? 0 } ?? 1
      switch name {
      case "gzip", "x-gzip": gzip = quality
      case "identity": identity = quality
      case "*": any = quality
      default: break
      }
    }
    let wanted = gzip ?? any ?? 0
    return wanted > 0 && wanted >= (identity ?? 0)
  }
}
