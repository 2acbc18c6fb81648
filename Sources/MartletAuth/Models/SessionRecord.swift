public import Foundation
import MartletCore
public import MartletORM
public import MartletSQL

/// A stored session: Django's `django_session`. ``SessionMiddleware`` reads and writes it.
@Model(app: "sessions", table: "django_session", key: .text)
public struct SessionRecord {
  /// The key that the cookie carries.
  @Field(maxLength: 40, column: "session_key", secret: true) public var id: ID
  /// The signed payload, see ``SessionCodec``.
  @Field(secret: true) public var sessionData: String
  /// From when on the session counts for nothing.
  @Field(index: true) public var expireDate: Date
}

extension SessionRecord {
  /// Deletes sessions that have expired. Django's `clearsessions`.
  ///
  /// - Returns: How many there were.
  /// - Throws: ``DatabaseError``.
  @discardableResult
  public static func deleteExpired(in db: Database) async throws -> Int {
    let now = db.timeSource.now()
    return try await filter { $0.expireDate < now }.delete(db)
  }
}
