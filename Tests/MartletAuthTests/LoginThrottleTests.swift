import Foundation
import MartletCore
import Testing

@testable import MartletAuth

@Suite("Limits on failed logins")
struct LoginThrottleTests {
  let clock = MovableClock()
  var throttle: LoginThrottle {
    LoginThrottle(freeFailures: 3, firstWait: .seconds(2), longestWait: .seconds(10), capacity: 20, timeSource: clock.source)
  }
  private struct Broken: Error {}

  private func fail(_ throttle: LoginThrottle, _ name: String = "ada", _ peer: String = "192.0.2.1") async throws -> AuthError? {
    do {
      #expect(try await throttle.attempt(username: name, peer: peer) { nil as Int? } == nil)
      return nil
    } catch let error as AuthError { return error }
  }

  @Test("after the free failures each further one doubles the wait, up to the longest")
  func backOff() async throws {
    let throttle = throttle
    for _ in 0..<4 { #expect(try await fail(throttle) == nil) }
    for wait in [2, 4, 8, 10, 10] {
      let error = try #require(try await fail(throttle))
      #expect(error.kind == .tooManyAttempts && error.retryAfter == wait)
      #expect(error.problem.status == 429)
      #expect(error.problem.headers.first { $0.name == "Retry-After" }?.value == String(wait))
      clock.advance(.seconds(wait))
      #expect(try await fail(throttle) == nil)
    }
  }

  @Test("an attempt that breaks off forgets itself alone, not the failures beside it")
  func brokenBesideFailures() async throws {
    let throttle = throttle
    await #expect(throws: Broken.self) {
      try await throttle.attempt(username: "ada", peer: "192.0.2.1") { () -> Int? in
        for _ in 0..<3 { _ = try await fail(throttle) }
        throw Broken()
      }
    }
    #expect(try await fail(throttle) == nil)
    #expect(try await fail(throttle)?.retryAfter == 2)
  }

  @Test("a name of any length is kept in little memory, and as its own")
  func longNames() async throws {
    let throttle = throttle, long = String(repeating: "a", count: 1_000_000)
    for _ in 0..<4 { #expect(try await fail(throttle, long + "1") == nil) }
    #expect(try await fail(throttle, long + "2") == nil)
    #expect(try await fail(throttle, long + "1")?.retryAfter == 2)
    #expect(throttle.longestName <= 600)
  }

  @Test("refused attempts do not run and do not prolong the wait")
  func refusedIsFree() async throws {
    let throttle = throttle
    for _ in 0..<4 { _ = try await fail(throttle) }
    for _ in 0..<20 { #expect(try await fail(throttle)?.retryAfter == 2) }
    clock.advance(.seconds(2))
    #expect(try await throttle.attempt(username: "ada", peer: "192.0.2.1") { 7 } == 7)
  }

  @Test("a success ends the count; another name and another address count for themselves")
  func separate() async throws {
    let throttle = throttle
    for _ in 0..<3 { _ = try await fail(throttle) }
    #expect(try await throttle.attempt(username: "ada", peer: "192.0.2.1") { true } == true)
    for _ in 0..<4 { #expect(try await fail(throttle) == nil) }
    #expect(try await fail(throttle) != nil)
    #expect(try await fail(throttle, "ADA") != nil)
    #expect(try await fail(throttle, "bob") == nil)
    #expect(try await fail(throttle, "ada", "192.0.2.2") == nil)
  }

  @Test("an error of the login itself does not count")
  func errors() async throws {
    let throttle = throttle
    for _ in 0..<50 {
      await #expect(throws: Broken.self) {
        try await throttle.attempt(username: "ada", peer: nil) { () -> Int? in throw Broken() }
      }
    }
    #expect(try await fail(throttle, "ada", "") == nil)
  }

  @Test("guesses that run at the same time count before they end")
  func parallel() async throws {
    let throttle = throttle
    let ran = await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<40 {
        group.addTask {
          do {
            _ = try await throttle.attempt(username: "ada", peer: "x") { () -> Int? in
              try await Task.sleep(for: .milliseconds(20))
              return nil
            }
            return true
          } catch { return false }
        }
      }
      return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(ran == 4)
  }

  @Test("quiet names are forgotten, and the memory is bounded")
  func forgets() async throws {
    let throttle = throttle
    for _ in 0..<4 { _ = try await fail(throttle) }
    clock.advance(.seconds(20))
    for _ in 0..<4 { #expect(try await fail(throttle) == nil) }
    for i in 0..<500 { _ = try await fail(throttle, "name\(i)") }
    #expect(throttle.count <= 20)
  }
}
