import Martlet
import MartletTesting
import TestDatabases
import Testing

@testable import ConduitApp

@Suite("Conduit: profiles", .onEveryDatabase)
struct ProfileTests {
  @Test("following may be repeated, shows to the follower alone, and ends")
  func following() async throws {
    let test = try await ConduitTest()
    let (_, ada) = try await test.user("ada")
    _ = try await test.user("bob")
    for _ in 0..<2 {
      #expect(try await ada.post("/api/profiles/bob/follow").expect(.ok).value("profile", "following") == "true")
    }
    #expect(try await Follow.query.count(test.db) == 1)
    #expect(try await ada.get("/api/profiles/bob").value("profile", "following") == "true")
    #expect(try await test.client.get("/api/profiles/bob").value("profile", "following") == "false")
    for _ in 0..<2 {
      #expect(try await ada.delete("/api/profiles/bob/follow").expect(.ok).value("profile", "following") == "false")
    }
    #expect(try await Follow.query.count(test.db) == 0)
  }

  @Test("nobody follows themselves, a user who is not there, or without a token")
  func refused() async throws {
    let test = try await ConduitTest()
    let (_, ada) = try await test.user("ada")
    #expect(try await ada.post("/api/profiles/ada/follow").errors(.unprocessableContent).keys.contains("username"))
    #expect(try await ada.post("/api/profiles/bob/follow").errors(.notFound) == ["profile": ["not found"]])
    #expect(try await test.client.post("/api/profiles/ada/follow").errors(.unauthorized) == ["token": ["is missing"]])
  }

  @Test("a profile is one statement")
  func statements() async throws {
    let test = try await ConduitTest()
    _ = try await test.user("ada")
    try await test.client.expectStatements(1) { try await test.client.get("/api/profiles/ada").expect(.ok) }
  }
}
