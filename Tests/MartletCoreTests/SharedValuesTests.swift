import Foundation
import MartletCore
import Testing

private enum First: ContextKey { typealias Value = Int }
private enum Second: ContextKey { typealias Value = Int }

@Suite("The values that modules share")
struct SharedValuesTests {
  @Test("a context keeps one value per key, and copies are independent")
  func context() {
    var context = ContextValues()
    #expect(context[First.self] == nil)
    context[First.self] = 1
    context[Second.self] = 2
    context[First.self] = 3
    var copy = context
    copy[First.self] = nil
    #expect(context[First.self] == 3)
    #expect(context[Second.self] == 2)
    #expect(copy[First.self] == nil)
    #expect(copy[Second.self] == 2)
  }

  @Test("a trace stops growing and says how much it dropped")
  func trace() {
    let trace = DebugTrace()
    for i in 0..<(DebugTrace.limit + 3) { trace.record("line \(i)") }
    #expect(trace.lines.count == DebugTrace.limit + 1)
    #expect(trace.lines.last == "… and 3 more")
  }

  @Test("dates keep their microseconds, on both sides of 1970")
  func microseconds() {
    var wrong = 0
    for _ in 0..<5000 {
      // 2³² seconds, 136 years, on both sides of 2001: there two roundings stay below half a microsecond.
      let moment = Int64.random(in: -3_300_000_000_000_000...5_250_000_000_000_000)
      if Date(microsecondsSince1970: moment).microsecondsSince1970 != moment { wrong += 1 }
    }
    #expect(wrong == 0)
    #expect(Date(timeIntervalSince1970: 0).microsecondsSince1970 == 0)
  }

  @Test("a viewer has the permissions listed; a superuser has them all")
  func viewers() {
    #expect(!Viewer.anonymous.isAuthenticated)
    let editor = Viewer(id: .int(7), permissions: ["blog.add_post"])
    #expect(editor.isAuthenticated && editor.has("blog.add_post") && !editor.has("blog.delete_post"))
    #expect(Viewer(id: .int(1), isSuperuser: true).has("anything.at_all"))
  }

  @Test("a viewer's key has the text that sessions keep")
  func viewerIDs() throws {
    let uuid = try #require(UUID(uuidString: "0E984725-C51C-4BF4-9960-E1C80E27ABA0"))
    #expect(ViewerID.int(-5).description == "-5")
    #expect(ViewerID.uuid(uuid).description == "0e984725-c51c-4bf4-9960-e1c80e27aba0")
    #expect(ViewerID.text("ada").description == "ada")
  }

  @Test("a failed validation lists every broken rule and is a 422")
  func validation() {
    let error = ValidationError([
      FieldError("title", code: "required", "is needed"), FieldError("", code: "invalid", "does not fit together"),
    ])
    #expect(error.description == "invalid input: title: is needed; does not fit together")
    #expect(error.problem.status == 422)
    #expect(error.problem.errors == error.errors)
  }

  @Test("a problem keeps its headers and equals another with the same ones")
  func problems() {
    var problem = ProblemDetails(status: 405, type: "x", title: "X", headers: [("Allow", "GET")])
    #expect(problem.headers.map(\.value) == ["GET"])
    #expect(problem == ProblemDetails(status: 405, type: "x", title: "X", headers: [("Allow", "GET")]))
    problem.headers.append(("Retry-After", "1"))
    #expect(problem.headers.map(\.name) == ["Allow", "Retry-After"])
  }
}
