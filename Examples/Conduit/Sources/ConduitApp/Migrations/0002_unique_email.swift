import Martlet

// A migration written by hand. Django's `auth_user` lets two users share an address; Conduit logs in by it, so the database
// makes sure that they cannot. Users that `createsuperuser` made without an address are left out.

extension Migrations {
  static let m0002_unique_email = Migration("0002_unique_email") { m in
    m.sql(
      "CREATE UNIQUE INDEX conduit_user_email_uniq ON auth_user (email) WHERE email <> ''",
      reverse: "DROP INDEX conduit_user_email_uniq")
  }
}
