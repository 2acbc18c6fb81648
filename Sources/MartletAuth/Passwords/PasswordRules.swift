public import MartletCore

/// What a new password must be like: Django's password validators, with their codes and messages.
///
/// ```swift
/// try PasswordRules.standard.check("ada1815!", username: "ada", email: "ada@example.org")
/// ```
/// The list of common passwords holds the thousand most frequent of eight characters and more; Django's holds 20,000.
public struct PasswordRules: Sendable, Hashable {
  /// Characters (Unicode scalars) at least; code `password_too_short`.
  public var minimumLength: Int
  /// UTF-8 bytes at most, so that nobody is made to hash megabytes; code `password_too_long`.
  public var maximumLength: Int
  /// Refuses a password close to the user's own names and address; code `password_too_similar`.
  public var refusesSimilarity: Bool
  /// Refuses passwords that many people chose; code `password_too_common`.
  public var refusesCommon: Bool
  /// Refuses passwords of digits alone; code `password_entirely_numeric`.
  public var refusesNumeric: Bool

  /// Rules; Django's defaults unless given.
  public init(
    minimumLength: Int = 8, maximumLength: Int = 4096, refusesSimilarity: Bool = true, refusesCommon: Bool = true,
    refusesNumeric: Bool = true
  ) {
    self.minimumLength = minimumLength
    self.maximumLength = maximumLength
    self.refusesSimilarity = refusesSimilarity
    self.refusesCommon = refusesCommon
    self.refusesNumeric = refusesNumeric
  }

  /// All four of the validators that `startproject` configures.
  public static let standard = PasswordRules()
  /// Anything of one character and more.
  public static let none = PasswordRules(
    minimumLength: 1, refusesSimilarity: false, refusesCommon: false, refusesNumeric: false)

  /// Every rule that a password breaks.
  /// - Parameter field: The input's name in the errors.
  public func findings(
    _ password: String, username: String = "", firstName: String = "", lastName: String = "", email: String = "",
    field: String = "password"
  ) -> [FieldError] {
    var errors: [FieldError] = []
    // One that is too long is refused anyway; comparing it would take long.
    if refusesSimilarity, password.utf8.count <= maximumLength {
      let attributes = [("username", username), ("first name", firstName), ("last name", lastName), ("email address", email)]
      if let name = attributes.first(where: { Self.isSimilar(password, to: $0.1) })?.0 {
        errors.append(FieldError(field, code: "password_too_similar", "The password is too similar to the \(name)."))
      }
    }
    if password.unicodeScalars.count < minimumLength {
      let unit = minimumLength == 1 ? "character" : "characters"
      errors.append(
        FieldError(
          field, code: "password_too_short", "This password is too short. It must contain at least \(minimumLength) \(unit)."))
    }
    if password.utf8.count > maximumLength {
      errors.append(
        FieldError(
          field, code: "password_too_long", "This password is too long. It must contain at most \(maximumLength) characters."))
    }
    if refusesCommon, CommonPasswords.contains(stripped(password).lowercased()) {
      errors.append(FieldError(field, code: "password_too_common", "This password is too common."))
    }
    if refusesNumeric, isNumeric(password) {
      errors.append(FieldError(field, code: "password_entirely_numeric", "This password is entirely numeric."))
    }
    return errors
  }

  /// Refuses a password that breaks a rule.
  /// - Throws: `ValidationError` with every broken rule.
  public func check(
    _ password: String, username: String = "", firstName: String = "", lastName: String = "", email: String = "",
    field: String = "password"
  ) throws {
    let errors = findings(password, username: username, firstName: firstName, lastName: lastName, email: email, field: field)
    if !errors.isEmpty { throw ValidationError(errors) }
  }

  /// Django's `UserAttributeSimilarityValidator` with its threshold of 0.7: the value as a whole and each of its words.
  static func isSimilar(_ password: String, to value: String) -> Bool {
    // Nothing that long is a name or an address, and comparing all its words would take long.
    guard !value.isEmpty, value.utf8.count <= 4096 else { return false }
    let password = Array(password.lowercased().unicodeScalars), value = value.lowercased()
    let words = value.unicodeScalars.split(omittingEmptySubsequences: false) { !isWordCharacter($0) }.map(Array.init)
    return (words + [Array(value.unicodeScalars)]).contains { word in
      // Far shorter than the password: the ratio cannot reach the threshold.
      if password.count >= 10 * word.count, Double(word.count) < 0.35 * Double(password.count) { return false }
      return quickRatio(password, word) >= 0.7
    }
  }

  /// Python's `difflib.SequenceMatcher.quick_ratio`: twice the characters in common over all characters.
  private static func quickRatio(_ l: [Unicode.Scalar], _ r: [Unicode.Scalar]) -> Double {
    guard l.count + r.count > 0 else { return 1 }
    var available: [Unicode.Scalar: Int] = [:]
    for scalar in r { available[scalar, default: 0] += 1 }
    var matches = 0
    for scalar in l where available[scalar, default: 0] > 0 {
      available[scalar, default: 0] -= 1
      matches += 1
    }
    return 2 * Double(matches) / Double(l.count + r.count)
  }

  private static func isWordCharacter(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "_" || scalar.properties.isAlphabetic || scalar.properties.numericType != nil
  }
}

private func isNumeric(_ text: String) -> Bool {
  !text.isEmpty && text.unicodeScalars.allSatisfy { [.decimal, .digit].contains($0.properties.numericType) }
}

private func stripped(_ text: String) -> String {
  let scalars = text.unicodeScalars, isSpace = { (s: Unicode.Scalar) in s.properties.isWhitespace }
  guard let first = scalars.firstIndex(where: { !isSpace($0) }), let last = scalars.lastIndex(where: { !isSpace($0) }) else {
    return ""
  }
  return String(scalars[first...last])
}
