import Foundation
import MartletCore
import MartletHTTP
import MartletORM
import MartletSQL
import Synchronization

/// What was declared of an idempotent route.
package struct IdempotencyOptions: Sendable, Hashable {
  /// Whether a request without a key is refused.
  package var isRequired: Bool
  package var lifetime: Duration
}

/// Runs requests with an `Idempotency-Key` once, and gives their answer again: draft-ietf-httpapi-idempotency-key-header.
///
/// The record of a key is the first thing written in the transaction of what the request does, and its answer the last.
/// A second request with the key waits for the first at the primary key; a server that is killed leaves neither record nor
/// row. What the handler throws undoes both, so that a refused request can be mended and sent again with its key.
package struct Idempotency: Sendable {
  package static let header = "Idempotency-Key"
  package static let replayedHeader = "Idempotency-Replayed"

  let options: IdempotencyOptions
  private let sweeper = Sweeper()

  init(_ options: IdempotencyOptions) { self.options = options }

  /// Another request with the key was first, or the database could not tell.
  private struct NotFirst: Error {}

  /// How often to look again for the answer of a request that was first and failed.
  private static let attempts = 10

  /// Answers the request by `handler`, or as it was answered before. The handler gets a request whose database is the
  /// transaction.
  ///
  /// - Parameter choice: How the request names its version, where that is still to be found out.
  func respond(to request: Request, choice: VersionChoice? = nil, _ handler: RequestHandler) async throws -> Response {
    // An idempotent resource inside of idempotent routes: the outer transaction is the one that counts.
    if request[IdempotencyContext.self] == true { return try await handler(request) }
    guard let key = try IdempotencyKey(request) else {
      guard options.isRequired else { return try await handler(request) }
      throw HTTPError.badRequest(
        "Send an “\(Self.header)”: a text of your own, new for each request and the same for its repeats.")
    }
    guard let db = request[DatabaseContext.self] else {
      throw RESTError(
        .missingDatabase, "the idempotent route \(request.route ?? request.path) carries no database",
        hint: "answer it through an Application, or set request[DatabaseContext.self]")
    }
    let version = try choice?.version(of: request) ?? request.apiVersion
    let fingerprint = try await Self.fingerprint(of: request, version)
    for attempt in 1...Self.attempts {
      if let record = try await current(key, db.primary) { return try replay(record, fingerprint) }
      do {
        let response = try await first(key, fingerprint, request, db, handler)
        await sweeper.sweep(db)
        return response
      } catch is NotFirst {
        // Whoever was first has committed, and its answer is there, or has failed, and one of those who waited is first now.
        try await Task.sleep(for: .milliseconds(attempt * 5))
      }
    }
    throw Self.stillRunning
  }

  private static let stillRunning = HTTPError(
    .conflict, "A request with this “\(header)” is still being answered. Send it again later.", headers: ["Retry-After": "1"])

  /// The record of a key that has not expired.
  private func current(_ key: IdempotencyKey, _ db: Database) async throws -> IdempotencyRecord? {
    guard let record = try await IdempotencyRecord.find(key.id, db) else { return nil }
    let now = db.timeSource.now()
    if record.expiresAt > now { return record }
    try await IdempotencyRecord.filter { $0.id == key.id && $0.expiresAt <= now }.delete(db)
    return nil
  }

  /// Does what the request asks and keeps the answer, all in one transaction.
  private func first(
    _ key: IdempotencyKey, _ fingerprint: String, _ request: Request, _ db: Database,
    _ handler: RequestHandler
  ) async throws -> Response {
    try await db.transaction { tx in
      var record = try await claim(key, fingerprint, request, tx)
      var inner = request
      inner[DatabaseContext.self] = tx
      inner[IdempotencyContext.self] = true
      var response = try await handler(inner)
      let body = try await response.body.collect()
      response.body = .bytes(body)
      let headers = response.headers.map { [$0.name, $0.value] }, status = Int32(response.status.code)
      try await record.save(tx) {
        $0.status = status
        $0.headers = JSON(headers)
        $0.body = body
      }
      return response
    }
  }

  /// Writes the record; waits where another transaction has written it.
  private func claim(
    _ key: IdempotencyKey, _ fingerprint: String, _ request: Request, _ tx: Database
  ) async throws -> IdempotencyRecord {
    let now = tx.timeSource.now()
    let record = IdempotencyRecord(
      id: key.id, key: key.text, viewer: String(key.viewer.prefix(255)), method: String(request.method.name.prefix(20)),
      path: request.target, fingerprint: fingerprint, createdAt: now,
      expiresAt: now.addingTimeInterval(options.lifetime / .seconds(1)))
    do { return try await record.insert(tx) } catch let error as DatabaseError {
      switch error.kind {
      case .uniqueViolation, .deadlock, .serializationFailure: throw NotFirst()
      case .busy: throw Self.stillRunning
      default: throw error
      }
    }
  }

  private func replay(_ record: IdempotencyRecord, _ fingerprint: String) throws -> Response {
    guard record.fingerprint == fingerprint else {
      throw HTTPError(
        .idempotencyKeyReused, "This “\(Self.header)” was sent with another request before. Take a new key for a new request.")
    }
    var response = Response(status: HTTPStatus(Int(record.status)), body: .bytes(record.body))
    for field in record.headers.value where field.count == 2 { response.headers.append(field[0], field[1]) }
    response.headers[Self.replayedHeader] = "true"
    return response
  }

  /// The method, the target, the body, the version and the preferences: what decides what the request does and gets.
  private static func fingerprint(of request: Request, _ version: String?) async throws -> String {
    let body = try await request.body.collect(), preference = Preference(request)
    let head =
      "\(request.method.name) \(request.target)\n\(request.headers["content-type"] ?? "")\n\(version ?? "")\n"
      + "\(preference.returned?.rawValue ?? "") \(preference.isLenient)\n"
    return Digests.sha256(Array(head.utf8) + body)
  }
}

/// A key and who sent it.
struct IdempotencyKey: Sendable {
  let text: String
  let viewer: String
  let id: IdempotencyRecord.ID

  /// The least length of a key of an anonymous caller. All of them share their keys: one that others come upon, as `1`, would
  /// give them the first one's answer.
  static let anonymousLength = 16

  /// - Throws: ``HTTPError``: 400 for a key that is empty, too long, no printable ASCII, or easily guessed by another
  ///   anonymous caller.
  init?(_ request: Request) throws {
    guard let field = request.headers[Idempotency.header] else { return nil }
    // The draft writes a structured field string, most clients the bare text.
    var text = field[...]
    if text.utf8.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") { text = text.dropFirst().dropLast() }
    guard (1...255).contains(text.utf8.count), text.utf8.allSatisfy({ (32..<127).contains($0) }) else {
      throw HTTPError.badRequest("An “\(Idempotency.header)” has 1 to 255 printable ASCII characters.")
    }
    guard request.viewer.id != nil || text.utf8.count >= Self.anonymousLength else {
      throw HTTPError.badRequest(
        "Without credentials, an “\(Idempotency.header)” has \(Self.anonymousLength) characters at least. Take a new UUID.")
    }
    self.text = String(text)
    viewer =
      switch request.viewer.id {
      case .int(let value)?: "int:\(value)"
      case .uuid(let value)?: "uuid:\(value.uuidString.lowercased())"
      case .text(let value)?: "text:\(value)"
      case nil: ""
      }
    id = IdempotencyRecord.ID(Digests.sha256(Array("\(viewer.utf8.count):\(viewer):\(self.text)".utf8)))
  }
}

/// Whether the request runs in an idempotent route's transaction already.
private enum IdempotencyContext: ContextKey {
  typealias Value = Bool
}

/// Deletes expired records, at most once a minute.
private final class Sweeper: Sendable {
  private let last = Mutex<Date?>(nil)

  func sweep(_ db: Database) async {
    let now = db.timeSource.now()
    let isDue = last.withLock { last in
      if let last, now.timeIntervalSince(last) < 60 { return false }
      last = now
      return true
    }
    guard isDue else { return }
    // Should it fail, the answer is committed all the same, and the next minute tries again.
    _ = try? await IdempotencyRecord.deleteExpired(in: db)
  }
}
