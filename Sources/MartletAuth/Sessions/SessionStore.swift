import Foundation
import MartletCore
import MartletORM
import MartletSQL
import Synchronization

/// Moves sessions between the table `django_session` and memory.
struct SessionStore: Sendable {
  let keys: SecretKeys
  let lifetime: Duration

  /// The session behind a key; a new one where there is none, it has expired or was tampered with. The foreign key is
  /// not taken over then: nobody chooses the key of somebody else's session.
  func load(_ key: String?, _ db: Database) async throws -> Session {
    var state = Session.State()
    if let key, Self.isKey(key) {
      let now = db.timeSource.now(), id = SessionRecord.ID(key)
      if let record = try await SessionRecord.filter({ $0.id == id && $0.expireDate > now }).first(db) {
        state.key = key
        state.isStored = true
        // As Django: a payload that cannot be read is an empty session.
        state.data = (try? SessionCodec(keys).decode(record.sessionData)) ?? SessionData()
      }
    }
    return Session(state, keys: keys, lifetime: lifetime, timeSource: db.timeSource)
  }

  /// Writes the session under its key, or a new one, and deletes the rows it leaves behind.
  /// - Returns: The key.
  func save(_ session: Session, _ db: Database) async throws -> String {
    let state = session.state.withLock { $0 }
    let codec = SessionCodec(keys, timeSource: db.timeSource)
    let payload = try codec.encode(state.data), expires = session.lifespan().expires
    let key = state.key ?? RandomText.sessionKey()
    try await db.transaction { tx in
      if state.isStored {
        // Only an update: a row that is gone was deleted by a logout elsewhere, and must not come back.
        let id = SessionRecord.ID(key)
        let count = try await SessionRecord.filter { $0.id == id }.update(tx) {
          $0.sessionData.set(to: payload)
          $0.expireDate.set(to: expires)
        }
        guard count > 0 else {
          throw AuthError(.sessionInterrupted, "the session was deleted while the request ran, perhaps by a logout elsewhere")
        }
      } else {
        try await SessionRecord(id: SessionRecord.ID(key), sessionData: payload, expireDate: expires).insert(tx)
      }
      try await delete(state.replaced + state.flushed, tx)
    }
    session.state.withLock {
      $0.key = key
      $0.isStored = true
      $0.isModified = false
      $0.replaced = []
      $0.flushed = []
    }
    return key
  }

  /// Deletes the rows of flushed sessions.
  func deleteFlushed(_ session: Session, _ db: Database) async throws {
    let flushed = session.state.withLock { state in
      defer { state.flushed = [] }
      return state.flushed
    }
    try await delete(flushed, db)
  }

  private func delete(_ keys: [String], _ db: Database) async throws {
    for key in keys {
      let id = SessionRecord.ID(key)
      try await SessionRecord.filter { $0.id == id }.delete(db)
    }
  }

  /// Whether a text can be a key: as long as the column allows, and no shorter than Django accepts.
  private static func isKey(_ text: String) -> Bool {
    (8...40).contains(text.utf8.count)
      && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) || (0x41...0x5A).contains($0) }
  }
}
