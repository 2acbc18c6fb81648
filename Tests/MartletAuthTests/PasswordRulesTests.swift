import MartletCore
import Testing

@testable import MartletAuth

@Suite("Password rules")
struct PasswordRulesTests {
  private func codes(_ password: String, username: String = "", email: String = "", firstName: String = "") -> [String] {
    PasswordRules.standard.findings(password, username: username, firstName: firstName, email: email).map(\.code)
  }

  @Test("a good password breaks no rule")
  func good() throws {
    #expect(codes("vaporous-lantern-91", username: "ada", email: "ada@example.org").isEmpty)
    try PasswordRules.standard.check("vaporous-lantern-91")
  }

  @Test("each rule has Django's code")
  func eachCode() {
    #expect(codes("short1x") == ["password_too_short"])
    #expect(codes("qwertyuiop") == ["password_too_common"])
    #expect(codes(" QwertyUiop ") == ["password_too_common"])
    #expect(codes("8351940276") == ["password_entirely_numeric"])
    #expect(codes("٨٣٥١٩٤٠٢٧٦") == ["password_entirely_numeric"])
    #expect(codes(String(repeating: "xy-", count: 2000)) == ["password_too_long"])
    #expect(codes("9876") == ["password_too_short", "password_entirely_numeric"])
  }

  // The verdicts of django.contrib.auth.password_validation.UserAttributeSimilarityValidator, 5.2.19.
  @Test(
    "similarity to the user's own data is judged as Django judges it",
    arguments: [
      ("testclient", "testclient", "", true), ("lovelace1815", "lovelace", "", true), ("ecalevol", "lovelace", "", true),
      ("example99", "ada", "ada@example.org", true), ("ada@example.org", "x", "ada@example.org", true),
      ("orange-lantern", "lovelace", "ada@example.org", false), ("abcdefghijklmnop", "a", "", false),
      ("adaadaada", "ada", "", false),
    ])
  func similarity(_ password: String, _ username: String, _ email: String, _ isSimilar: Bool) {
    #expect(codes(password, username: username, email: email).contains("password_too_similar") == isSimilar)
  }

  @Test("every broken rule is reported at once, under the field's name")
  func allAtOnce() {
    let error = #expect(throws: ValidationError.self) {
      try PasswordRules.standard.check("1234", username: "1234", field: "user.password")
    }
    #expect(error?.errors.map(\.code) == ["password_too_similar", "password_too_short", "password_entirely_numeric"])
    #expect(error?.errors.allSatisfy { $0.field == "user.password" } == true)
    #expect(error?.errors.first?.message == "The password is too similar to the username.")
    #expect(error?.errors[1].message == "This password is too short. It must contain at least 8 characters.")
  }

  @Test("texts too long to be names or passwords cost no comparison and no normalizing")
  func longTexts() {
    let long = String(repeating: "abcdefghij", count: 500)
    #expect(PasswordRules.standard.findings(long, username: long).map(\.code) == ["password_too_long"])
    #expect(!PasswordRules.isSimilar("abcdefghij", to: long + " abcdefghij"))
    #expect(PasswordRules.isSimilar("abcdefghij", to: "abcdefghij abcdefghij"))
    let name = String(repeating: "\u{FDFA}", count: 1400)
    #expect(UserInput.normalized(username: name).utf8.count == name.utf8.count)
  }
}
