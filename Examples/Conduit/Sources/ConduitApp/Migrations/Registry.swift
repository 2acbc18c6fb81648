import Martlet

/// Every migration, in order. Written by `makemigrations`.
enum Migrations {
  static let all: [Migration] = [
    m0001_initial,
    m0002_unique_email,
    m0003_idempotency_keys,
  ]
}
