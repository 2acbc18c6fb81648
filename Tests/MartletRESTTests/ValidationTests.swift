import MartletCore
import MartletHTTP
import MartletORM
import MartletREST
import MartletSQL
import TestDatabases
import Testing

@Suite("rules across fields and against the database", .onEveryDatabase)
struct ValidationTests {
  let api: EventAPI
  init() async throws {
    api = try await EventAPI(
      REST {
        EventAPI.resource()
          .validate(of: {
            $0.starts
            $0.ends
          }) { event, errors in
            if event.ends < event.starts { errors.add(\.ends, code: "too_early", "It ends before it starts.") }
          }
          .validate { event, errors in
            if event.title == event.code { errors.add(code: "same", "Title and code are the same.") }
          }
          .validate { event, errors, context in
            let others = try await Event.filter { $0.seats == event.seats }.count(context.db)
            if event.seats > 90, others > 0 { errors.add(\.seats, code: "taken_out", "One large event only.") }
          }
      })
    _ = try await api.send(.post, "/events", "{\(EventAPI.fields("a", title: "First"))}")
  }
  private func event(
    _ code: String, _ title: String, starts: String = "2026-01-01T10:00:00Z", ends: String = "2026-01-01T12:00:00Z",
    more: String = ""
  ) -> String {
    #"{"title": "\#(title)", "code": "\#(code)", "starts": "\#(starts)", "ends": "\#(ends)"\#(more)}"#
  }

  @Test("a rule's error names the field as the API does")
  func rule() async throws {
    let answer = try await api.send(.post, "/events", event("b", "B", ends: "2025-01-01T00:00:00Z"))
    #expect(answer.status == 422)
    #expect(answer.errors == ["ends: too_early"])
    #expect(answer.messages == ["It ends before it starts."])
    #expect(try await api.send(.post, "/events", event("b", "b")).errors == [": same"])
  }

  @Test("rules hold for changes, on the row as it becomes")
  func change() async throws {
    #expect(try await api.send(.patch, "/events/1", #"{"ends": "2026-01-01T09:00:00Z"}"#).errors == ["ends: too_early"])
    #expect(try await api.send(.patch, "/events/1", #"{"title": "a"}"#).errors == [": same"])
    #expect(try await api.send(.patch, "/events/1", #"{"title": "Second"}"#).status == 200)
  }

  @Test("a rule may ask the database")
  func database() async throws {
    #expect(try await api.send(.post, "/events", event("b", "B", more: #", "seats": 99"#)).status == 201)
    #expect(try await api.send(.post, "/events", event("c", "C", more: #", "seats": 99"#)).errors == ["seats: taken_out"])
  }

  @Test("fields, references, rules and taken values are all told at once")
  func allAtOnce() async throws {
    let answer = try await api.send(
      .post, "/events", event("a", " ", ends: "2025-01-01T00:00:00Z", more: #", "helper": 77, "seats": "x", "nope": 1"#))
    #expect(answer.status == 422)
    #expect(
      answer.errors == [
        "title: blank", "seats: invalid", "nope: unknown_field", "helper: does_not_exist", "ends: too_early", "code: unique",
      ])
  }

  @Test("a rule is silent about fields that are at fault by themselves")
  func silent() async throws {
    #expect(try await api.send(.post, "/events", event("b", "B", ends: "soon")).errors == ["ends: invalid"])
    #expect(try await api.send(.post, "/events", event("b", "B", starts: "soon")).errors == ["starts: invalid"])
    #expect(try await api.send(.patch, "/events/1", #"{"starts": null}"#).errors == ["starts: null"])
  }

  @Test("taken values alone are 409, each by its field; a set of fields by all of its names")
  func taken() async throws {
    let answer = try await api.send(.post, "/events", event("a", "First"))
    #expect(answer.status == 409)
    #expect(answer.type == "/problems/conflict")
    #expect(answer.errors == ["code: unique", "owner: unique", "title: unique"])
    #expect(answer.messages[1] == "The fields owner, title must make a unique set.")
    let second = try await api.send(.post, "/events", event("b", "Second")).response.headers["Location"] ?? ""
    #expect(try await api.send(.patch, second, #"{"code": "a"}"#).errors == ["code: unique"])
    #expect(try await api.send(.patch, second, #"{"code": "b", "title": "Second"}"#).status == 200)
    #expect(try await api.send(.post, "/events", event("c", "First"), user: 2).status == 201, "another owner's title is free")
    #expect(try await Event.query.count(api.db) == 3)
  }

  @Test("who loses the race gets the answer of who comes late")
  func race() async throws {
    let api = try await EventAPI(
      REST {
        EventAPI.resource().before(.create) { event, context in
          // Another request was faster, after the input was checked.
          var other = event
          other.title = "Other"
          if event.title != "Other" { try await other.insert(context.db) }
        }
      })
    // Inside of the transaction the other row is undone as well: by then the values are free, and the constraint answers.
    let answer = try await api.send(.post, "/events", EventAPI.event("a"))
    #expect(answer.status == 409)
    #expect(answer.errors == ["code: unique"])
    #expect(answer.messages == ["This field must be unique."])
  }

  @Test("of many at the same time one gets the value, and the others hear which it is")
  func concurrent() async throws {
    let api = try await EventAPI(REST { EventAPI.resource() })
    let answers = try await withThrowingTaskGroup(of: Answer.self) { group in
      for index in 0..<6 {
        group.addTask { try await api.send(.post, "/events", "{\(EventAPI.fields("same", title: "T\(index)"))}") }
      }
      return try await group.reduce(into: [Answer]()) { $0.append($1) }
    }
    #expect(answers.map(\.status).sorted() == [201, 409, 409, 409, 409, 409])
    for answer in answers where answer.status == 409 { #expect(answer.errors == ["code: unique"]) }
    #expect(try await Event.query.count(api.db) == 1)
  }

  @Test("valid input pays for no question about what is taken")
  func cost() async throws {
    let plain = try await EventAPI(REST { EventAPI.resource() })
    let created = try await plain.count { _ = try await plain.send(.post, "/events", EventAPI.event("z")) }
    #expect(created == 1, "\(plain.statements.texts)")
    let changed = try await plain.count { _ = try await plain.send(.patch, "/events/1", #"{"code": "y"}"#) }
    #expect(changed == 3, "the row is looked up, read again and saved: \(plain.statements.texts)")
  }
}
