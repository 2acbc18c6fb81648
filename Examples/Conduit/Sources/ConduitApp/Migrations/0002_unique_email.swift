import Martlet

// A migration written by hand. Django's `auth_user` lets two users share an address; Conduit logs in by it, so the database
// makes sure that they cannot. Users that `createsuperuser` made without an address are left out: by an index over some of
// the rows, or, where the database has none, by a column that is NULL for those.

extension Migrations {
  static let m0002_unique_email = Migration("0002_unique_email") { m in
    m.run(reverse: { tx in
      switch tx.dialect.family {
      case .sqlite, .postgres: try await tx.run(SQLStatement("DROP INDEX conduit_user_email_uniq", effect: .definition))
      case .mysql:
        try await tx.run(
          SQLStatement("ALTER TABLE auth_user DROP INDEX conduit_user_email_uniq, DROP COLUMN conduit_email", effect: .definition)
        )
      }
    }) { tx in
      switch tx.dialect.family {
      case .sqlite, .postgres:
        try await tx.run(
          SQLStatement(
            "CREATE UNIQUE INDEX conduit_user_email_uniq ON auth_user (email) WHERE email <> ''", effect: .definition))
      case .mysql:
        try await tx.run(
          SQLStatement(
            "ALTER TABLE auth_user ADD COLUMN conduit_email varchar(254) GENERATED ALWAYS AS (nullif(email, '')) VIRTUAL, "
              + "ADD CONSTRAINT conduit_user_email_uniq UNIQUE (conduit_email)", effect: .definition))
      }
    }
  }
}
