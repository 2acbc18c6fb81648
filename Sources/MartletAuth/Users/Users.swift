import Foundation
public import MartletCore
import MartletORM
public import MartletSQL

/// What is done with users: creating them, checking their passwords, asking for their permissions.
///
/// ```swift
/// let users = Users()
/// let ada = try await users.create(username: "ada", email: "ada@example.org", password: "vaporous-lantern", in: db)
/// if let user = try await users.authenticate(username: "ada", password: input, in: db) { … }
/// ```
public struct Users: Sendable {
  /// Hashes passwords.
  public var hashers: PasswordHashers
  /// What new passwords must be like.
  public var rules: PasswordRules

  /// With Argon2id and Django's rules for passwords unless told otherwise.
  public init(hashers: PasswordHashers = .standard, rules: PasswordRules = .standard) {
    self.hashers = hashers
    self.rules = rules
  }

  /// Creates a user who may log in.
  ///
  /// The username is normalised (NFKC), the domain of the address becomes lower case.
  /// - Parameter password: `nil` for a user who cannot log in by password.
  /// - Throws: `ValidationError` with every broken rule; ``DatabaseError`` of kind `uniqueViolation` where the username is taken.
  public func create(
    username: String, email: String = "", password: String?, firstName: String = "", lastName: String = "",
    isStaff: Bool = false, in db: Database
  ) async throws -> User {
    try await create(
      username, email, password, firstName: firstName, lastName: lastName, isStaff: isStaff, isSuperuser: false, in: db)
  }

  /// Creates a user who may do everything, as the command `createsuperuser` does.
  /// - Throws: As ``create(username:email:password:firstName:lastName:isStaff:in:)``.
  public func createSuperuser(username: String, email: String = "", password: String?, in db: Database) async throws -> User {
    try await create(username, email, password, firstName: "", lastName: "", isStaff: true, isSuperuser: true, in: db)
  }

  /// Gives a user another password, which ends all of the user's sessions: their hash of the password does not match any more.
  ///
  /// To keep the session of the current request, call `request.keepLogin(for:)` afterwards.
  /// - Parameter password: `nil` so that no password leads to the user.
  /// - Throws: `ValidationError`; ``ORMError`` of kind `notFound` where the user is gone.
  public func setPassword(_ password: String?, for user: inout User, in db: Database) async throws {
    if let password {
      try rules.check(
        password, username: user.username, firstName: user.firstName, lastName: user.lastName, email: user.email)
    }
    let encoded = try await encode(password)
    try await user.save(db) { $0.password = encoded }
  }

  /// Every rule that the input for a new user breaks; empty if it is fine. Whether the name is taken is for the database to say.
  public func findings(
    username: String, email: String = "", password: String?, firstName: String = "", lastName: String = ""
  ) -> [FieldError] {
    var errors = UserInput.findings(username: username, email: email)
    if let password {
      errors += rules.findings(password, username: username, firstName: firstName, lastName: lastName, email: email)
    }
    return errors
  }

  private func create(
    _ username: String, _ email: String, _ password: String?, firstName: String, lastName: String, isStaff: Bool,
    isSuperuser: Bool, in db: Database
  ) async throws -> User {
    let username = UserInput.normalized(username: username), email = UserInput.normalized(email: email)
    let errors = findings(username: username, email: email, password: password, firstName: firstName, lastName: lastName)
    if !errors.isEmpty { throw ValidationError(errors) }
    let user = User(
      password: try await encode(password), isSuperuser: isSuperuser, username: username, firstName: firstName,
      lastName: lastName, email: email, isStaff: isStaff)
    return try await user.insert(db)
  }

  private func encode(_ password: String?) async throws -> String {
    guard let password else { return PasswordHashers.unusable() }
    return try await hashers.encode(password)
  }
}

/// The rules for usernames and addresses: Django's `UnicodeUsernameValidator` and `UserManager`.
enum UserInput {
  static func normalized(username: String) -> String {
    // No name of that length is valid in any form, and normalizing can make it eighteen times as long.
    username.utf8.count <= longestName ? username.precomposedStringWithCompatibilityMapping : username
  }
  private static let longestName = 4096

  /// The domain in lower case, the part before the `@` as it is.
  static func normalized(email: String) -> String {
    let trimmed = email.trimmingCharacters(in: .whitespacesAndNewlines)
    guard let at = trimmed.lastIndex(of: "@") else { return email }
    return trimmed[...at] + trimmed[trimmed.index(after: at)...].lowercased()
  }

  static func findings(username: String, email: String) -> [FieldError] {
    var errors: [FieldError] = []
    if username.isEmpty {
      errors.append(FieldError("username", code: "required", "This field is required."))
    } else if !username.unicodeScalars.allSatisfy(isUsernameCharacter) {
      errors.append(
        FieldError(
          "username", code: "invalid",
          "Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters."))
    }
    if username.unicodeScalars.count > 150 {
      errors.append(
        FieldError(
          "username", code: "max_length",
          "Ensure this value has at most 150 characters (it has \(username.unicodeScalars.count))."))
    }
    if !email.isEmpty, !isAddress(email) {
      errors.append(FieldError("email", code: "invalid", "Enter a valid email address."))
    }
    return errors
  }

  /// One `@` with something before it and a domain after it, no white space: the rest only a mail sent there can tell.
  private static func isAddress(_ email: String) -> Bool {
    guard let at = email.lastIndex(of: "@"), at != email.startIndex, email.unicodeScalars.count <= 254 else { return false }
    let domain = email[email.index(after: at)...]
    return !domain.isEmpty && !domain.hasPrefix(".") && !domain.hasSuffix(".") && !domain.contains("..")
      && !email[..<at].contains("@")
      && !email.unicodeScalars.contains {
        $0.properties.isWhitespace || $0.value < 32 || $0 == "," || $0 == ";" || $0 == "<" || $0 == ">"
      }
  }

  private static func isUsernameCharacter(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "@", ".", "+", "-", "_": true
    default: scalar.properties.isAlphabetic || scalar.properties.numericType != nil
    }
  }
}
