import Foundation
import MartletCore
import Testing

@testable import MartletAuth

@Suite("Session payloads")
struct SessionCodecTests {
  let codec = SessionCodec(Vectors.keys, timeSource: Vectors.clock)
  /// Written by Django 5.2.19's `SessionStore().encode`.
  let login =
    ".eJyrVopPLC3JiC8tTi2Kz0xRslIyVNJBFktKTM5OzQNJpGQl5qXn6yXn55UUZSbpgZToQWWL9XzzU1JznKBqUQzISCzOAOpOTKIMKtUCAM3lPq0:1r31eq:CL1NrpJOf9SNVu1astJH_K2ENpmX1ziwWIJDrn_SjrE"

  @Test("a login that Django stored is read")
  func readsDjango() throws {
    let data = try codec.decode(login)
    #expect(data.get(LoginKeys.userID) == "1")
    #expect(data.get(LoginKeys.backend) == "django.contrib.auth.backends.ModelBackend")
    #expect(data.get(LoginKeys.hash) == String(repeating: "ab", count: 32))
    #expect(try codec.decode("eyJhIjoxfQ:1r31eq:PeR3ZgAcbI054xNeQdANh0zFSmxrojogeWkJykjlFGo").get("a") == 1)
  }

  @Test("a session is written as Django writes it")
  func writesDjango() throws {
    var data = SessionData()
    try data.set("cart", [1, 2, 3])
    try data.set("name", "Zoë <b>")
    #expect(
      try codec.encode(data)
        == "eyJjYXJ0IjpbMSwyLDNdLCJuYW1lIjoiWm9cdTAwZWIgPGI-In0:1r31eq:3k70DHMyVfJspsjiAZhJaZZ_T7MM2toqORSX3WcZ9VU")
    #expect(try codec.encode(SessionData()) == "e30:1r31eq:FnIC-s9yuT_tZ5FStN-K-4YIZp80pL88UmDw-nc8dgg")
    #expect(try codec.decode(codec.encode(codec.decode(login))) == codec.decode(login))
  }

  @Test("setting one value leaves the others as Django wrote them, in their order")
  func order() throws {
    var data = SessionData(members: [
      .init(key: "z", value: .number("12345678901234567890")), .init(key: "a", value: .number("1.50")),
      .init(key: "m", value: .null),
    ])
    try data.set("a", 2)
    try data.set("new", true)
    #expect(data.names == ["z", "a", "m", "new"])
    #expect(PayloadValue.object(data.members).text == #"{"z":12345678901234567890,"a":2,"m":null,"new":true}"#)
    try data.set("z", nil as Int?)
    #expect(data.names == ["a", "m", "new"])
  }

  @Test("a value of another type reads as nil")
  func otherType() throws {
    var data = SessionData()
    try data.set("cart", ["a", "b"])
    #expect(data.get("cart", as: [Int].self) == nil)
    #expect(data.get("cart", as: [String].self) == ["a", "b"])
    #expect(data.get("other", as: Int.self) == nil)
  }

  @Test("a session under another key or salt is refused")
  func refuses() {
    for other in [SessionCodec(SecretKeys("another")), SessionCodec(Vectors.keys, salt: "django.contrib.sessions.Other")] {
      let error = #expect(throws: AuthError.self) { try other.decode(login) }
      #expect(error?.kind == .badSignature)
    }
  }

  @Test("the session's hash of the password is Django's get_session_auth_hash, also under a fallback key")
  func authHash() {
    let password = "pbkdf2_sha256$1000$saltsaltsalt$BU8fqN0Pl3+EYDFHqbUNEKIVVOrBCXbqjSMGDK9P0HU="
    #expect(
      LoginKeys.sessionHash(password: password, secret: Vectors.keys.current)
        == "18f43e98fc0a16d9b23f21e28a04186204a76b6d6b962dbb949842e0e673fa8f")
    #expect(
      LoginKeys.sessionHash(password: password, secret: Vectors.keys.fallbacks[0])
        == "292ca860ace74a7f7d7cf900785c29511a7bcc8317be26dd3e64ed144a426770")
  }

  @Test("session keys are 32 lower-case letters and digits, never the same")
  func keys() {
    let keys = (0..<200).map { _ in RandomText.sessionKey() }
    #expect(keys.allSatisfy { $0.utf8.count == 32 && $0.allSatisfy { ("a"..."z").contains($0) || ("0"..."9").contains($0) } })
    #expect(Set(keys).count == 200)
  }
}
