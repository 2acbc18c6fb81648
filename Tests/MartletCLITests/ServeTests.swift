import Foundation
import FoundationNetworking
import Martlet
import Testing

@Suite("serve")
struct ServeTests {
  @Test("serves over a socket, says where to look and what is not applied, and ends when it is told to")
  func endToEnd() async throws {
    let recording = ConsoleRecording(), folder = try TestFolder()
    let settings = try Settings.load(
      variables: ["ENVIRONMENT": "development", "DATABASE_URL": folder.databaseURL, "LOG_LEVEL": "critical"], directory: nil)
    let tool = MigratedBookshop.tool(console: recording.console)
    let server = Task { await tool.run(["serve", "--port", "0"]) { _ in settings } }
    defer { server.cancel() }
    let deadline = ContinuousClock.now + .seconds(20)
    while !recording.output.contains("Ctrl-C"), ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(20)) }
    let banner = recording.output
    #expect(banner.contains("bookshop in development"))
    #expect(banner.contains("2 migrations are not applied: 0001_author, 0002_rename. Run: bookshop migrate"))
    let base = try #require(banner.split(separator: " ").first { $0.hasPrefix("http://127.0.0.1:") }).split(separator: "\n")[0]
    let url = try #require(URL(string: String(base)))
    let (data, response) = try await URLSession.shared.data(from: url)
    #expect((response as? HTTPURLResponse)?.statusCode == 200)
    #expect(String(decoding: data, as: UTF8.self) == "home")
    server.cancel()
    #expect(await server.value == 130)
  }

  @Test("a port that is taken is an error that says which, and what to do")
  func takenPort() async throws {
    let recording = ConsoleRecording(), other = ConsoleRecording()
    let settings = try Settings.load(
      variables: ["ENVIRONMENT": "development", "DATABASE_URL": "sqlite::memory:", "LOG_LEVEL": "critical"], directory: nil)
    let first = Task { await MigratedBookshop.tool(console: recording.console).run(["serve", "--port", "0"]) { _ in settings } }
    defer { first.cancel() }
    let deadline = ContinuousClock.now + .seconds(20)
    while !recording.output.contains("Ctrl-C"), ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(20)) }
    let base = try #require(recording.output.split(separator: " ").first { $0.hasPrefix("http://127.0.0.1:") }).split(
      separator: "\n")[0]
    let port = try #require(URL(string: String(base))?.port)
    let code = await MigratedBookshop.tool(console: other.console).run(["serve", "--port", "\(port)"]) { _ in settings }
    #expect(code == 1)
    #expect(other.errors.hasPrefix("error: cannot listen on 127.0.0.1:\(port): "))
    #expect(other.errors.contains("bookshop serve --port"))
  }
}
