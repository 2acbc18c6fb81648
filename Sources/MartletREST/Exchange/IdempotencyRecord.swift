public import Foundation
import MartletCore
public import MartletORM
public import MartletSQL

/// The answer to a request with an `Idempotency-Key`, kept for when the request comes again.
///
/// Written in the transaction of what the request did: both are there, or neither.
@Model(app: "martlet", table: "martlet_idempotency_key", key: .text)
public struct IdempotencyRecord {
  /// The digest of who sent the key, and the key: one length, and no two that a collation takes for one.
  @Field(maxLength: 64, column: "digest", secret: true) public var id: ID
  /// The key as it was sent.
  @Field(maxLength: 255, column: "idempotency_key", secret: true) public var key: String
  /// Who sent it; empty for anonymous callers.
  @Field(maxLength: 255) public var viewer: String
  /// The method of the request.
  @Field(maxLength: 20) public var method: String
  /// The path and the query of the request.
  public var path: String
  /// The digest of the request: the same key with another request is a mistake.
  @Field(maxLength: 64, secret: true) public var fingerprint: String
  /// The status of the answer.
  public var status: Int32 = 0
  /// The header fields of the answer, each a name and a value.
  @Field(secret: true) public var headers: JSON<[[String]]> = JSON([])
  /// The body of the answer.
  @Field(secret: true) public var body: [UInt8] = []
  /// When the request came.
  public var createdAt: Date
  /// From when on the key counts as new.
  @Field(index: true) public var expiresAt: Date
}

extension IdempotencyRecord {
  /// Deletes answers that have expired. Requests with a key do so in passing.
  ///
  /// - Returns: How many there were.
  /// - Throws: ``DatabaseError``.
  @discardableResult
  public static func deleteExpired(in db: Database) async throws -> Int {
    let now = db.timeSource.now()
    return try await filter { $0.expiresAt <= now }.delete(db)
  }
}
