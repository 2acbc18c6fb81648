import MartletMigrations
import MartletORM
import MartletSQL

/// Every migration, in order. Written by `makemigrations`.
enum Migrations {
  static let all: [Migration] = [
    m0001_initial
  ]
}
