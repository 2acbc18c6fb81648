import MartletHTTP
import MartletORM
import MartletREST
import TestDatabases
import Testing

@Suite("JSON Merge Patch", .onEveryDatabase)
struct MergePatchTests {
  @Test("the example of RFC 7396, section 3")
  func document() throws {
    let target = try JSONParser.parse(
      Array(
        #"{"title":"Goodbye!","author":{"givenName":"John","familyName":"Doe"},"tags":["example","sample"],"content":"x"}"#.utf8))
    let patch = try JSONParser.parse(
      Array(#"{"title":"Hello!","phoneNumber":"+01","author":{"familyName":null},"tags":["example"]}"#.utf8))
    #expect(
      MergePatch.apply(patch, to: target).text
        == #"{"title":"Hello!","author":{"givenName":"John"},"tags":["example"],"content":"x","phoneNumber":"+01"}"#)
  }

  @Test(
    "every example of RFC 7396, appendix A, on a JSON column",
    arguments: [
      (#"{"a":"b"}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
      (#"{"a":"b"}"#, #"{"b":"c"}"#, #"{"a":"b","b":"c"}"#),
      (#"{"a":"b"}"#, #"{"a":null}"#, #"{}"#),
      (#"{"a":"b","b":"c"}"#, #"{"a":null}"#, #"{"b":"c"}"#),
      (#"{"a":["b"]}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
      (#"{"a":"c"}"#, #"{"a":["b"]}"#, #"{"a":["b"]}"#),
      (#"{"a":{"b":"c"}}"#, #"{"a":{"b":"d","c":null}}"#, #"{"a":{"b":"d"}}"#),
      (#"{"a":[{"b":"c"}]}"#, #"{"a":[1]}"#, #"{"a":[1]}"#),
      (#"["a","b"]"#, #"["c","d"]"#, #"["c","d"]"#),
      (#"{"a":"b"}"#, #"["c"]"#, #"["c"]"#),
      (#"{"a":"foo"}"#, "null", "null"),
      (#"{"a":"foo"}"#, #""bar""#, #""bar""#),
      (#"{"e":null}"#, #"{"a":1}"#, #"{"a":1,"e":null}"#),
      (#"[1,2]"#, #"{"a":"b","c":null}"#, #"{"a":"b"}"#),
      (#"{}"#, #"{"a":{"bb":{"ccc":null}}}"#, #"{"a":{"bb":{}}}"#),
    ])
  func appendix(_ original: String, _ patch: String, _ result: String) async throws {
    let api = try await API.notes()
    #expect(await api.ask(.post, "/api/notes", #"{"title":"a","data":\#(original)}"#).status == 201)
    for type in ["application/merge-patch+json", "application/json; charset=utf-8"] {
      #expect(await api.ask(.put, "/api/notes/1", #"{"title":"a","data":\#(original)}"#).status == 200)
      let answer = await api.ask(.patch, "/api/notes/1", #"{"data":\#(patch)}"#, ["Content-Type": type])
      #expect(answer.status == 200)
      #expect(answer.json["data"]?.text == result)
      #expect(answer.json["title"]?.plain == "a")
      #expect(await api.ask(.get, "/api/notes/1").text == answer.text)
    }
  }

  @Test("null removes the value of a nullable JSON column; a patch of nothing makes an object without its nulls")
  func nullable() async throws {
    let api = try await API.notes()
    try await Note(title: "a").insert(api.db)
    let made = await api.ask(.patch, "/api/notes/1", #"{"extra":{"a":{"b":null},"c":1}}"#)
    #expect(made.json["extra"]?.text == #"{"a":{},"c":1}"#)
    #expect(await api.ask(.patch, "/api/notes/1", #"{"extra":null}"#).json["extra"] == .null)
    #expect(try await Note.query.one(api.db).extra == nil)
  }

  @Test("PUT and POST replace: their nulls are kept")
  func replacing() async throws {
    let api = try await API.notes()
    let created = await api.ask(.post, "/api/notes", #"{"title":"a","data":{"a":null}}"#)
    #expect(created.json["data"]?.text == #"{"a":null}"#)
    let put = await api.ask(.put, "/api/notes/1", #"{"title":"a","data":{"b":null}}"#)
    #expect(put.json["data"]?.text == #"{"b":null}"#)
  }

  @Test(
    "another kind of patch is 415 and told what is taken",
    arguments: ["application/json-patch+json", "text/plain", "application/xml", "", "application/vnd.api+json"])
  func otherTypes(_ type: String) async throws {
    let api = try await API.notes()
    try await Note(title: "a").insert(api.db)
    let answer = await api.ask(.patch, "/api/notes/1", #"{"title":"b"}"#, ["Content-Type": type])
    #expect(answer.status == 415)
    #expect(answer.header("accept-patch") == "application/merge-patch+json, application/json")
    #expect(try await Note.query.one(api.db).title == "a")
  }

  @Test("a patch that is no object, or no JSON, is refused")
  func malformed() async throws {
    let api = try await API.notes()
    try await Note(title: "a").insert(api.db)
    #expect(await api.ask(.patch, "/api/notes/1", "[1]").status == 422)
    #expect(await api.ask(.patch, "/api/notes/1", "null").status == 422)
    #expect(await api.ask(.patch, "/api/notes/1", "{").status == 400)
    #expect(await api.ask(.patch, "/api/notes/1", #"{"data":{"a":1,"a":2}}"#).status == 400)
  }

  @Test("OPTIONS and 405 name the methods of a resource")
  func allow() async throws {
    let api = try await API.notes()
    let one = "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"
    let options = await api.ask(.options, "/api/notes/1")
    #expect(options.status == 204 && options.header("allow") == one)
    #expect(options.header("accept-patch") == "application/merge-patch+json, application/json")
    #expect(await api.ask(.options, "/api/notes").header("accept-patch") == nil)
    let refused = await api.ask(.post, "/api/notes/1", "{}")
    #expect(refused.status == 405 && refused.header("allow") == one)
    #expect(await api.ask(.options, "/api/notes").header("allow") == "GET, HEAD, OPTIONS, POST")
    #expect(await api.ask(.patch, "/api/notes", "{}").status == 405)
  }
}
