import MartletCore
import MartletHTTP
import MartletORM
import MartletREST
import MartletSQL
import Synchronization
import TestDatabases
import Testing

@Suite("hooks around writes", .onEveryDatabase)
struct HookTests {
  /// What hooks saw. Guarded by its mutex.
  final class Notes: Sendable {
    private let texts = Mutex<[String]>([])
    func add(_ text: String) { texts.withLock { $0.append(text) } }
    var all: [String] { texts.withLock { $0 } }
  }

  @Test("before(.create) changes the row, after(.create) sees its key and writes in the same transaction")
  func create() async throws {
    let api = try await EventAPI(
      REST {
        EventAPI.resource()
          .before(.create) { event, context in event.code = event.code + "-\(context.viewer.name ?? "")" }
          .after(.create) { event, context in
            _ = try await Plan(text: "of \(event.code)", event: Ref(event)).insert(context.db)
          }
      })
    let answer = try await api.send(.post, "/events", EventAPI.event("a"))
    #expect(answer.json["code"]?.plain == "a-user1")
    let plan = try await Plan.get(1, api.db)
    #expect(plan.text == "of a-user1")
    #expect(plan.event.id == 1)
  }

  @Test("what a hook throws is the answer, and undoes everything")
  func rollback() async throws {
    let notes = Notes()
    let api = try await EventAPI(
      REST {
        EventAPI.resource()
          .after(.create) { event, context in
            await context.db.onCommit { notes.add("committed \(event.code)") }
            if event.seats > 100 { throw HTTPError.conflict("The hall is too small.") }
            if event.seats > 50 { throw ValidationError("seats", code: "too_many", "At most 50.") }
          }
      })
    let refused = try await api.send(.post, "/events", EventAPI.event("a", more: #""seats": 101"#))
    #expect(refused.status == 409)
    #expect(refused.json["detail"]?.plain == "The hall is too small.")
    #expect(try await api.send(.post, "/events", EventAPI.event("b", more: #""seats": 51"#)).errors == ["seats: too_many"])
    #expect(try await Event.query.count(api.db) == 0)
    #expect(try await api.send(.post, "/events", EventAPI.event("c")).status == 201)
    #expect(notes.all == ["committed c"], "what was rolled back never runs after the commit")
  }

  @Test("before(.update) gets the row as it was too, and runs for PUT and PATCH")
  func update() async throws {
    let notes = Notes()
    let api = try await EventAPI(
      REST {
        EventAPI.resource()
          .before(.update) { event, original, _ in
            if event.seats < original.seats { throw ValidationError("seats", code: "fewer", "Seats are sold.") }
            event.title = event.title.uppercased()
          }
          .after(.update) { event, original, _ in notes.add("\(original.title) > \(event.title)") }
      })
    _ = try await api.send(.post, "/events", EventAPI.event("a"))
    #expect(try await api.send(.patch, "/events/1", #"{"seats": 9}"#).errors == ["seats: fewer"])
    #expect(try await api.send(.patch, "/events/1", #"{"seats": 11}"#).json["title"]?.plain == "A")
    #expect(try await api.send(.put, "/events/1", EventAPI.event("b", more: #""seats": 12"#)).json["title"]?.plain == "B")
    #expect(notes.all == ["a > A", "A > B"])
    #expect(try await Event.get(1, api.db).seats == 12)
  }

  @Test("a hook may not change a row into one that the policy refuses")
  func policy() async throws {
    let api = try await EventAPI(
      REST {
        EventAPI.resource()
          .before(.create) { event, _ in if event.seats == 1 { event.owner = .id(2) } }
          .before(.update) { event, _, _ in event.owner = .id(2) }
      })
    #expect(try await api.send(.post, "/events", EventAPI.event("a", more: #""seats": 1"#)).status == 403)
    #expect(try await api.send(.post, "/events", EventAPI.event("a")).status == 201)
    #expect(try await api.send(.patch, "/events/1", #"{"seats": 2}"#).status == 403)
    #expect(try await Event.get(1, api.db).owner.id == 1)
  }

  @Test("a value that a hook makes too long is told by the field's name in the API")
  func tooLong() async throws {
    let api = try await EventAPI(
      REST {
        Resource(Host.self)
        EventAPI.resource().before(.create) { event, _ in event.title = String(repeating: "x", count: 41) }
      }.naming(.camelCase))
    #expect(try await api.send(.post, "/events", EventAPI.event("a")).errors == ["title: max_length"])
  }

  @Test("before(.delete) can refuse, after(.delete) runs in the same transaction")
  func delete() async throws {
    let api = try await EventAPI(
      REST {
        EventAPI.resource()
          .before(.delete) { event, _ in if event.isOpen { throw HTTPError.conflict("It is open.") } }
          .after(.delete) { event, context in try await Host(name: "was \(event.code)").insert(context.db) }
      })
    _ = try await api.send(.post, "/events", EventAPI.event("a", more: #""is_open": true"#))
    _ = try await api.send(.post, "/events", EventAPI.event("b"))
    #expect(try await api.send(.delete, "/events/1").status == 409)
    #expect(try await api.send(.delete, "/events/2").status == 204)
    #expect(try await Event.query.count(api.db) == 1)
    #expect(try await Host.get(3, api.db).name == "was b")
  }
}
