import Logging
import MartletCore
import MartletORM
public import MartletSQL

extension Users {
  /// The active user of that name, if the password is right.
  ///
  /// A right password whose hash is outdated is hashed anew, and `last_login` is set. An unknown name, a wrong password and an
  /// inactive user take the same time and give the same answer.
  /// - Note: A new hash ends the user's other sessions, as in Django: they hold a digest of the stored hash.
  /// - Throws: ``AuthError`` of kind `hashingOverloaded`; ``DatabaseError``.
  public func authenticate(username: String, password: String, in db: Database) async throws -> User? {
    let name = UserInput.normalized(username: username)
    return try await authenticate(try await User.filter { $0.username == name }.first(db), password, in: db)
  }

  /// The active user of that address, if the password is right. Where several share the address, none is.
  /// - Throws: As ``authenticate(username:password:in:)``.
  public func authenticate(email: String, password: String, in db: Database) async throws -> User? {
    let address = UserInput.normalized(email: email)
    let found = address.isEmpty ? [] : try await User.filter { $0.email == address }.limit(2).all(db)
    return try await authenticate(found.count == 1 ? found[0] : nil, password, in: db)
  }

  private func authenticate(_ found: User?, _ password: String, in db: Database) async throws -> User? {
    // Longer than any rule allows: not worth hashing. Its time differs, but tells nothing about the name.
    guard password.utf8.count <= rules.maximumLength else { return nil }
    guard let user = found else {
      try await hashers.simulate()
      return nil
    }
    let verdict: PasswordVerdict
    do { verdict = try await hashers.verify(password, user.password) } catch let error as AuthError
      where error.kind == .unsupportedPasswordHash || error.kind == .malformedPasswordHash
    {
      Logger(label: "martlet.auth").error("user \(user.id) cannot log in: \(error)")
      try await hashers.simulate()
      return nil
    }
    guard verdict.isCorrect, user.isActive else { return nil }
    var accepted = user
    let now = db.timeSource.now(), renewed = verdict.mustUpdate ? try await hashers.encode(password) : nil
    try await accepted.save(db) {
      $0.lastLogin = now
      if let renewed { $0.password = renewed }
    }
    return accepted
  }

  /// The codes of all permissions that an active user has, directly and through groups: `blog.add_post`.
  ///
  /// A superuser has every permission without a row for it: nothing is read, and `Viewer.has(_:)` says yes.
  /// - Throws: ``DatabaseError``.
  public func permissions(of user: User, in db: Database) async throws -> Set<String> {
    guard user.isActive, !user.isSuperuser else { return [] }
    let id = user.id
    let codes = try await Permission.filter {
      $0.users.any { $0.id == id } || $0.groups.any { $0.users.any { $0.id == id } }
    }.select { ($0.contentType.appLabel, $0.codename) }.all(db)
    return Set(codes.map { $0.0 + "." + $0.1 })
  }
}
