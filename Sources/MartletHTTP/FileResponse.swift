import NIOPosix

/// A file as a response: tag and date, conditions, ranges (RFC 9110 §13 and §14).
package struct FileResponse {
  private let size: Int
  private let modifiedSeconds: Int?
  private let tag: EntityTag
  private let contentType: String
  private let read: @Sendable (Range<Int>, BodyWriter) async throws -> Void

  /// A file on the disk.
  init(path: String, facts: FileFacts) {
    size = facts.size
    modifiedSeconds = facts.modifiedSeconds
    // The size and the time of the last change; nobody can change a file and keep both by accident.
    tag = EntityTag(
      String(facts.modifiedSeconds, radix: 16) + String(facts.modifiedNanoseconds, radix: 16) + "-"
        + String(facts.size, radix: 16))
    contentType = ContentTypes.type(forPath: path)
    read = { range, writer in try await FileSystem.send(path, range, to: writer) }
  }

  /// Bytes that somebody else keeps and that never change under their tag.
  package init(
    size: Int, tag: EntityTag, contentType: String, read: @escaping @Sendable (Range<Int>, BodyWriter) async throws -> Void
  ) {
    self.size = size
    modifiedSeconds = nil
    self.tag = tag
    self.contentType = contentType
    self.read = read
  }

  package func response(for request: Request, contentType: String? = nil) -> Response {
    var response = Response()
    response.headers["Content-Type"] = contentType ?? self.contentType
    response.headers["ETag"] = tag.description
    if let modifiedSeconds { response.headers["Last-Modified"] = HTTPDate.text(secondsSince1970: modifiedSeconds) }
    response.headers["Accept-Ranges"] = "bytes"
    if Conditional.isFresh(response.headers, request.headers) { return Conditional.notModified(response) }
    switch range(of: request) {
    case .whole:
      response.body = body(0..<size)
    case .part(let range):
      response.status = .partialContent
      response.headers["Content-Range"] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)"
      response.body = body(range)
    case .unsatisfiable:
      response.status = .rangeNotSatisfiable
      response.headers["Content-Range"] = "bytes */\(size)"
      response.headers.remove("Content-Type")
    }
    return response
  }

  private func body(_ range: Range<Int>) -> ResponseBody {
    let read = read
    return range.isEmpty ? .empty : .stream(length: range.count) { writer in try await read(range, writer) }
  }

  private enum Wanted {
    case whole
    case part(Range<Int>)
    case unsatisfiable
  }

  /// One range; several are answered with the whole, which RFC 9110 §14.2 allows.
  private func range(of request: Request) -> Wanted {
    guard request.method == .get, let field = request.headers["range"], field.hasPrefix("bytes="), !field.contains(",") else {
      return .whole
    }
    if let condition = request.headers["if-range"] {
      let fits =
        condition.contains("\"")
        ? tag.isListed(in: condition, strong: true, anyCoding: false)
        : modifiedSeconds != nil && HTTPDate.parse(condition) == modifiedSeconds
      if !fits { return .whole }
    }
    let ends = field.dropFirst("bytes=".count).split(separator: "-", omittingEmptySubsequences: false).map(\.trimmed)
    guard ends.count == 2, ends.allSatisfy({ $0.utf8.allSatisfy { (48...57).contains($0) } }) else { return .whole }
    switch (Int(ends[0]), Int(ends[1])) {
    case (let first?, let last?) where first <= last:
      return first < size ? .part(first..<min(last, size - 1) + 1) : .unsatisfiable
    case (let first?, nil) where ends[1].isEmpty:
      return first < size ? .part(first..<size) : .unsatisfiable
    case (nil, let count?) where ends[0].isEmpty:
      return count > 0 && size > 0 ? .part(max(0, size - count)..<size) : .unsatisfiable
    default: return .whole
    }
  }
}

extension Response {
  /// A file, with its tag, conditions and ranges.
  ///
  /// ```swift
  /// Get("invoices/{id}") { (request, id: Int) in
  ///   try await Response.file("invoices/\(id).pdf", for: request, downloadName: "invoice-\(id).pdf")
  /// }
  /// ```
  /// - Parameters:
  ///   - path: The file. Never build it from a client's text: that is what ``StaticFiles`` is for.
  ///   - contentType: The media type; by the path's extension if `nil`.
  ///   - downloadName: The name to save it under; `nil` shows it in the browser.
  /// - Throws: ``HTTPError``: 404 where there is no such file.
  public static func file(
    _ path: String, for request: Request, contentType: String? = nil, downloadName: String? = nil
  ) async throws -> Response {
    let found = try await NIOThreadPool.singleton.runIfActive {
      FileSystem.realPath(path).flatMap { real in FileSystem.facts(real).map { (real, $0) } }
    }
    guard let (real, facts) = found, facts.isRegular else {
      throw HTTPError.notFound("There is no file at “\(request.path.prefix(200))”.")
    }
    var response = FileResponse(path: real, facts: facts)
      .response(for: request, contentType: contentType ?? ContentTypes.type(forPath: path))
    if let downloadName {
      // RFC 6266 and 8187: the escaped form carries any character.
      response.headers["Content-Disposition"] = "attachment; filename*=UTF-8''" + PercentCoding.encode(downloadName)
    }
    return response
  }
}
