import Foundation
import Martlet
import Testing

@Suite("the commands openapi, openapi diff and client")
struct OpenAPIToolsTests {
  @Test("openapi writes YAML, in which every text stands in quotation marks")
  func yaml() async {
    let result = await run(Shop.self, "openapi", "--format", "yaml")
    #expect(result.code == 0)
    #expect(result.output.contains("\nopenapi: \"3.1.0\"\n"))
    #expect(result.output.contains("\n  \"/items/{id}\":\n    get:\n"))
    #expect(result.output.contains("\n        - in: \"path\"\n          name: \"id\"\n"))
  }

  @Test("openapi diff ends with 0 where all is safe, 1 where something breaks, 2 where a document cannot be read")
  func diff() async throws {
    let folder = try TestFolder()
    let document = await run(Shop.self, "openapi").output
    func write(_ name: String, _ text: String) throws -> String {
      let path = folder.path + "/" + name
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      return path
    }
    let same = await run(Shop.self, "openapi", "diff", try write("same.json", document))
    #expect(same.code == 0)
    #expect(same.output == "No changes.\n")
    let old = try write("old.json", document.replacing("/items/{id}", with: "/goods/{id}"))
    let broken = await run(Shop.self, "openapi", "diff", old)
    #expect(broken.code == 1)
    #expect(broken.output.contains("BREAKING  GET /goods/{id}: the operation is gone"))
    let json = await run(Shop.self, "openapi", "diff", old, folder.path + "/same.json", "--format", "json", "--breaking-only")
    #expect(json.code == 1)
    #expect(json.output.contains("\"code\": \"operation-removed\"") && !json.output.contains("operation-added"))
    for path in [folder.path + "/none.json", try write("text.json", "text"), try write("empty.json", "{}")] {
      let refused = await run(Shop.self, "openapi", "diff", path)
      #expect(refused.code == 2)
      #expect(refused.errors.hasPrefix("error: "))
    }
    #expect(await run(Shop.self, "openapi", "diff").code == 64)
  }

  @Test("client prints a client of the app's own document, or of a file's")
  func client() async throws {
    let folder = try TestFolder()
    let script = await run(Shop.self, "client", "typescript")
    #expect(script.code == 0)
    #expect(script.output.contains("export class Client {"))
    let written = await run(Shop.self, "client", "swift", "--output", folder.path + "/Shop.swift")
    #expect(written.output == "wrote \(folder.path)/Shop.swift\n")
    #expect(try folder.read("Shop.swift").contains("public struct Client: Sendable {"))
    try Data(await run(Shop.self, "openapi").output.utf8).write(to: URL(fileURLWithPath: folder.path + "/openapi.json"))
    #expect(
      await run(Shop.self, "client", "typescript", "--document", folder.path + "/openapi.json").output.contains(
        "export class Client {"))
    try Data("{}".utf8).write(to: URL(fileURLWithPath: folder.path + "/empty.json"))
    let refused = await run(Shop.self, "client", "swift", "--document", folder.path + "/empty.json")
    #expect(refused.code == 1)
    #expect(refused.errors.contains("This is no OpenAPI 3 document"))
    #expect(await run(Shop.self, "client", "cobol").code == 64)
  }

  @Test("guards of routes say who may call them, and openapi diff notices when one is gone")
  func guards() async throws {
    let folder = try TestFolder()
    let guarded = await run(Guarded.self, "openapi").output
    try Data(guarded.utf8).write(to: URL(fileURLWithPath: folder.path + "/guarded.json"))
    let result = await run(Unguarded.self, "openapi", "diff", folder.path + "/guarded.json")
    #expect(result.code == 1)
    #expect(
      result.output == """
        EXPOSED   GET /mine: anyone, without credentials, may call it; before, may not call it
        EXPOSED   GET /reports: anyone, without credentials, may call it; before, may not call it
        EXPOSED   GET /reports: anyone who logged in may call it; before, may call it for some rows or with a permission
        EXPOSED   GET /team: anyone, without credentials, may call it; before, may not call it
        EXPOSED   GET /team: anyone who logged in may call it; before, may not call it
        safe      GET /reports: staff may call it; before, may call it for some rows or with a permission
        0 breaking, 5 exposed, 1 safe

        """)
    let back = folder.path + "/open.json"
    try Data(await run(Unguarded.self, "openapi").output.utf8).write(to: URL(fileURLWithPath: back))
    #expect(await run(Guarded.self, "openapi", "diff", back).output.hasSuffix("6 breaking, 0 exposed, 0 safe\n"))
  }
}

private struct Guarded: Backend {
  static let name = "shop"
  var models: Models {}
  var routes: some Routes {
    Get("mine") { _ in "" }.authenticated()
    Get("team") { _ in "" }.staff()
    Get("reports") { _ in "" }.requiring(permission: "shop.view_report")
  }
}

private struct Unguarded: Backend {
  static let name = "shop"
  var models: Models {}
  var routes: some Routes {
    Get("mine") { _ in "" }
    Get("team") { _ in "" }
    Get("reports") { _ in "" }
  }
}
