import MartletCore
import MartletHTTP
import MartletORM
import MartletREST
import MartletSQL
import TestDatabases
import Testing

@Suite("conditional requests to resources", .onEveryDatabase)
struct ConditionTests {
  @Test("a row carries a strong tag; who has it is told 304, also by HEAD and by *")
  func reading() async throws {
    let api = try await API.notes()
    try await Note(title: "a").insert(api.db)
    let first = await api.ask(.get, "/api/notes/1")
    #expect(first.status == 200)
    #expect(first.tag.hasPrefix("\"") && first.tag.count > 20)
    let again = await api.ask(.get, "/api/notes/1", nil, ["If-None-Match": first.tag])
    #expect(again.status == 304 && again.text.isEmpty && again.tag == first.tag)
    #expect(await api.ask(.get, "/api/notes/1", nil, ["If-None-Match": "\"x\", W/\(first.tag)"]).status == 304)
    #expect(await api.ask(.get, "/api/notes/1", nil, ["If-None-Match": "*"]).status == 304)
    #expect(await api.ask(.head, "/api/notes/1", nil, ["If-None-Match": first.tag]).status == 304)
    #expect(await api.ask(.get, "/api/notes/1", nil, ["If-None-Match": "\"x\""]).status == 200)
    #expect(await api.ask(.get, "/api/notes/1", nil, ["If-Match": "\"x\""]).status == 412)
  }

  @Test("a row that changed meanwhile is refused with 412 and the current tag, and stays as it is")
  func changed() async throws {
    let api = try await API.notes()
    try await Note(title: "a").insert(api.db)
    let read = await api.ask(.get, "/api/notes/1").tag
    let mine = await api.ask(.patch, "/api/notes/1", #"{"title":"b"}"#, ["If-Match": read])
    #expect(mine.status == 200)
    #expect(mine.tag != read)
    for (method, body) in [(HTTPMethod.patch, #"{"body":"late"}"#), (.put, #"{"title":"late"}"#), (.delete, nil)] {
      let late = await api.ask(method, "/api/notes/1", body, ["If-Match": read])
      #expect(late.status == 412)
      #expect(late.type == "/problems/precondition-failed")
      #expect(await api.ask(.patch, "/api/notes/1", "{}", ["If-Match": late.tag]).status == 200)
    }
    let now = await api.ask(.get, "/api/notes/1")
    #expect(now.json["title"]?.plain == "b" && now.json["body"]?.plain == "")
    #expect(now.tag == mine.tag)
    #expect(await api.ask(.delete, "/api/notes/1", nil, ["If-Match": "\"x\", \(now.tag)"]).status == 204)
    #expect(await api.ask(.delete, "/api/notes/1", nil, ["If-Match": now.tag]).status == 404)
  }

  @Test("If-Match: * is any state, a weak tag and the start of one are none")
  func forms() async throws {
    let api = try await API.notes()
    try await Note(title: "a").insert(api.db)
    let tag = await api.ask(.get, "/api/notes/1").tag
    #expect(await api.ask(.patch, "/api/notes/1", "{}", ["If-Match": "*"]).status == 200)
    #expect(await api.ask(.patch, "/api/notes/1", "{}", ["If-Match": "W/" + tag]).status == 412)
    #expect(await api.ask(.patch, "/api/notes/1", "{}", ["If-Match": String(tag.prefix(9)) + "\""]).status == 412)
    #expect(await api.ask(.patch, "/api/notes/1", "{}", ["If-Match": ""]).status == 412)
    #expect(await api.ask(.put, "/api/notes/1", #"{"title":"b"}"#, ["If-None-Match": "*"]).status == 412)
    #expect(await api.ask(.patch, "/api/notes/2", "{}", ["If-Match": "*"]).status == 404)
  }

  @Test("the tag of the compressed form is as good as that of the plain one")
  func compressed() async throws {
    let api = try await API.notes()
    try await Note(title: "a", body: String(repeating: "long text ", count: 200)).insert(api.db)
    let plain = await api.ask(.get, "/api/notes/1").tag
    let packed = await api.ask(.get, "/api/notes/1", nil, ["Accept-Encoding": "gzip"])
    #expect(packed.header("content-encoding") == "gzip" && packed.tag != plain)
    let again = await api.ask(.get, "/api/notes/1", nil, ["Accept-Encoding": "gzip", "If-None-Match": packed.tag])
    #expect(again.status == 304 && again.tag == packed.tag)
    #expect(await api.ask(.patch, "/api/notes/1", #"{"title":"b"}"#, ["If-Match": packed.tag]).status == 200)
    #expect(await api.ask(.patch, "/api/notes/1", #"{"title":"c"}"#, ["If-Match": packed.tag]).status == 412)
  }

  @Test("the tag of a write is that of the next read, whatever the column holds")
  func tagsOfWrites() async throws {
    let api = try await API.notes()
    let body =
      #"{"title":"ü","price":"1.50","ratio":0.1,"moment":"2026-01-02T03:04:05.123456Z","data":{"b":[1,{"a":null}],"a":""}}"#
    let created = await api.ask(.post, "/api/notes", body)
    #expect(created.status == 201)
    #expect(await api.ask(.get, "/api/notes/1").tag == created.tag)
    let patched = await api.ask(
      .patch, "/api/notes/1", #"{"price":"2.00","ratio":1e300,"data":{"c":1}}"#, ["If-Match": created.tag])
    #expect(patched.status == 200)
    #expect(await api.ask(.get, "/api/notes/1").tag == patched.tag)
    let replaced = await api.ask(.put, "/api/notes/1", #"{"title":"n"}"#, ["If-Match": patched.tag])
    #expect(replaced.status == 200)
    #expect(await api.ask(.get, "/api/notes/1").tag == replaced.tag)
    #expect(await api.ask(.patch, "/api/notes/1", "{}").tag == replaced.tag)
  }

  @Test("hidden columns count, secret ones do not, and the app's secret keys the digest")
  func hiddenColumns() async throws {
    let api = try await API.notes()
    var note = try await Note(title: "a").insert(api.db)
    let before = await api.ask(.get, "/api/notes/1")
    try await note.save(api.db) { $0.pin = "1234" }
    #expect(await api.ask(.get, "/api/notes/1").tag == before.tag)
    try await note.save(api.db) { $0.score = 5 }
    let after = await api.ask(.get, "/api/notes/1")
    #expect(after.text == before.text && after.tag != before.tag)
    #expect(await api.ask(.patch, "/api/notes/1", "{}", ["If-Match": before.tag]).status == 412)
    let keys = [RequestSecret("one"), RequestSecret("two")]
    #expect(keys[0].digest([1], purpose: "p") != keys[1].digest([1], purpose: "p"))
    #expect(keys[0].digest([1], purpose: "p") == RequestSecret("one").digest([1], purpose: "p"))
    #expect(keys[0].digest([1], purpose: "p") != keys[0].digest([1], purpose: "q"))
  }

  @Test("a declared version decides alone")
  func version() async throws {
    let api = try await API.notes { $0.version { $0.revision } }
    var note = try await Note(title: "a").insert(api.db)
    let tag = await api.ask(.get, "/api/notes/1").tag
    try await note.save(api.db) { $0.score = 5 }
    #expect(await api.ask(.get, "/api/notes/1").tag == tag)
    try await note.save(api.db) { $0.body = "b" }
    #expect(await api.ask(.get, "/api/notes/1").tag != tag, "other bytes are another tag for a cache")
    #expect(await api.ask(.patch, "/api/notes/1", "{}", ["If-Match": tag]).status == 200)
    #expect(await api.ask(.patch, "/api/notes/1", #"{"revision":2}"#, ["If-Match": tag]).status == 200)
    #expect(await api.ask(.patch, "/api/notes/1", "{}", ["If-Match": tag]).status == 412)
  }

  @Test("a version that is no column of the model is a finding")
  func wrongVersion() async throws {
    let routes = REST("api") { Resource(Note.self).version { $0.revision + 1 } }
    #expect(REST.check(routes).map(\.id) == ["rest.E020"])
  }

  @Test("a write without a condition is 428 where one is required; who may not write is told that first")
  func required() async throws {
    let api = try await API.notes { $0.requireMatch() }
    try await Note(title: "a").insert(api.db)
    for (method, body) in [(HTTPMethod.patch, "{}"), (.put, #"{"title":"x"}"#), (.delete, nil)] {
      let answer = await api.ask(method, "/api/notes/1", body)
      #expect(answer.status == 428)
      #expect(answer.type == "/problems/precondition-required")
    }
    #expect(await api.ask(.patch, "/api/notes/2", "{}").status == 404)
    #expect(await api.ask(.patch, "/api/notes/1", "{}", ["If-Match": "*"]).status == 200)
    let tag = await api.ask(.get, "/api/notes/1").tag
    #expect(await api.ask(.patch, "/api/notes/1", #"{"title":"b"}"#, ["If-Match": tag]).status == 200)
  }

  @Test("where a condition is required, actions on one row need it too, but for those that only read")
  func requiredByActions() async throws {
    let api = try await API.notes {
      $0.requireMatch()
        .action("touch") { note, _ in note.body = "touched" }
        .action("size", method: .get, needs: .read) { note, _ in note.body.count }
    }
    try await Note(title: "a").insert(api.db)
    let refused = await api.ask(.post, "/api/notes/1/touch")
    #expect(refused.status == 428 && refused.type == "/problems/precondition-required")
    #expect(try await Note.get(1, api.db).body == "")
    #expect(await api.ask(.post, "/api/notes/2/touch").status == 404)
    #expect(await api.ask(.get, "/api/notes/1/size").status == 200)
    let tag = await api.ask(.get, "/api/notes/1").tag
    #expect(await api.ask(.post, "/api/notes/1/touch", nil, ["If-Match": tag]).status == 200)
    #expect(await api.ask(.post, "/api/notes/1/touch", nil, ["If-Match": tag]).status == 412)
  }

  @Test("where a condition is required, many rows are not changed or deleted at once: 428, whatever If-Match says")
  func requiredOfMany() async throws {
    let api = try await API.notes { $0.requireMatch().bulk() }
    #expect(await api.ask(.post, "/api/notes", #"[{"title":"a"},{"title":"b"}]"#).status == 201)
    for fields: KeyValuePairs<String, String> in [[:], ["If-Match": "*"], ["Prefer": "handling=lenient"]] {
      let change = await api.ask(.patch, "/api/notes", #"[{"id":1,"title":"late"}]"#, fields)
      #expect(change.status == 428 && change.type == "/problems/precondition-required")
      #expect(await api.ask(.delete, "/api/notes?id[in]=1,2", nil, fields).status == 428)
    }
    #expect(try await Note.query.all(api.db).map(\.title).sorted() == ["a", "b"])
  }

  @Test("who may not write a row is refused, whatever its state")
  func refusal() async throws {
    let api = try await API.notes()
    try await Note(title: "fixed").insert(api.db)
    #expect(await api.ask(.patch, "/api/notes/1", #"{"body":"x"}"#, ["If-Match": "\"x\""]).status == 401)
    #expect(await api.ask(.delete, "/api/notes/1", nil, ["If-Match": "\"x\""]).status == 401)
  }

  @Test("of 12 writers who read the same state one wins, and the others are told 412")
  func race() async throws {
    let api = try await API.notes()
    for id in 1...5 {
      try await Note(title: "a").insert(api.db)
      let tag = await api.ask(.get, "/api/notes/\(id)").tag
      let answers = await withTaskGroup(of: (Int, Int).self) { group in
        for writer in 0..<12 {
          group.addTask {
            (writer, await api.ask(.patch, "/api/notes/\(id)", #"{"title":"w\#(writer)"}"#, ["If-Match": tag]).status)
          }
        }
        return await group.reduce(into: [Int: Int]()) { $0[$1.0] = $1.1 }
      }
      #expect(answers.values.sorted() == [200] + Array(repeating: 412, count: 11))
      let winner = try #require(answers.first { $0.value == 200 }?.key)
      #expect(await api.ask(.get, "/api/notes/\(id)").json["title"]?.plain == "w\(winner)")
    }
  }

  @Test("without conditions, concurrent changes of different fields all survive")
  func merging() async throws {
    let api = try await API.notes()
    try await Note(title: "a").insert(api.db)
    let bodies = [
      #"{"title":"t"}"#, #"{"body":"b"}"#, #"{"price":"3.00"}"#, #"{"ratio":0.5}"#, #"{"data":{"x":1}}"#, #"{"data":{"y":2}}"#,
    ]
    let statuses = await withTaskGroup(of: Int.self) { group in
      for body in bodies { group.addTask { await api.ask(.patch, "/api/notes/1", body).status } }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(statuses == Array(repeating: 200, count: bodies.count))
    let now = await api.ask(.get, "/api/notes/1").json
    #expect(now["title"]?.plain == "t" && now["body"]?.plain == "b" && now["price"]?.plain == "3")
    #expect(now["ratio"]?.plain == "0.5" && now["data"]?["x"]?.plain == "1" && now["data"]?["y"]?.plain == "2")
  }
}
