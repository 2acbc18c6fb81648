import Martlet

extension Migrations {
  static let m0003_idempotency_keys = Migration("0003_idempotency_keys") { m in
    m.create("martlet_idempotency_key") { t in
      t.id("digest", .varchar(64))
      t.column("idempotency_key", .varchar(255))
      t.column("viewer", .varchar(255))
      t.column("method", .varchar(20))
      t.column("path", .text)
      t.column("fingerprint", .varchar(64))
      t.column("status", .int)
      t.column("headers", .json)
      t.column("body", .blob)
      t.column("created_at", .timestamp)
      t.column("expires_at", .timestamp, index: true)
    }
  }
}
