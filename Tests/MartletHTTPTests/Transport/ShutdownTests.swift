import Foundation
import MartletCore
import Synchronization
import Testing

@testable import MartletHTTP

@Suite(.timeLimit(.minutes(2))) struct ShutdownTests {
  @Test("SIGTERM during 200 running requests: every one is answered")
  func everyRequestIsAnswered() async throws {
    let running = Mutex(0), isReleased = Mutex(false)
    let answered = try await withServer(endsOnSIGTERM: true) {
      Get("slow") { _ in
        running.withLock { $0 += 1 }
        while !isReleased.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(10)) }
        return "done"
      }
    } use: { port, _ in
      try await withThrowingTaskGroup(of: Bool.self) { tasks in
        for _ in 0..<200 {
          tasks.addTask {
            try await SocketClient.connect(port) { client in
              try await client.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
              let answer = try await client.answer()
              return answer?.status == 200 && answer?.body == "done"
            }
          }
        }
        while running.withLock({ $0 }) < 200 { try await Task.sleep(for: .milliseconds(5)) }
        #expect(kill(getpid(), SIGTERM) == 0)
        try await Task.sleep(for: .milliseconds(500))
        isReleased.withLock { $0 = true }
        var answered = 0
        while let good = try await tasks.next() { if good { answered += 1 } }
        return answered
      }
    }
    #expect(answered == 200)
  }

  @Test("an idle connection is closed by a shutdown, new ones are not accepted")
  func idleConnections() async throws {
    try await withServer {
      Get("a") { _ in "a" }
    } use: { port, server in
      try await SocketClient.connect(port) { client in
        try await client.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try await client.answer()?.status == 200)
        await server.shutDown()
        #expect(try await client.ends())
        await #expect(throws: (any Error).self) {
          try await SocketClient.connect(port) { _ in }
        }
      }
    }
  }

  @Test("what runs longer than the grace is cancelled")
  func grace() async throws {
    let started = Mutex(false), cancelled = Mutex(false)
    let start = ContinuousClock.now
    try await withServer {
      $0.shutdownGrace = .milliseconds(300)
    } routes: {
      Get("forever") { _ -> String in
        started.withLock { $0 = true }
        do {
          try await Task.sleep(for: .seconds(60))
        } catch {
          cancelled.withLock { $0 = true }
          throw error
        }
        return "never"
      }
    } use: { port, server in
      try await SocketClient.connect(port) { client in
        try await client.send("GET /forever HTTP/1.1\r\nHost: x\r\n\r\n")
        while !started.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(5)) }
        await server.shutDown()
        _ = try? await client.answer()
      }
    }
    #expect(cancelled.withLock { $0 })
    #expect(ContinuousClock.now - start < .seconds(20))
  }
}
