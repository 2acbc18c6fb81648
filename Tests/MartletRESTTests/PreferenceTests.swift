import MartletHTTP
import MartletORM
import MartletREST
import TestDatabases
import Testing

@Suite("preferences", .onEveryDatabase)
struct PreferenceTests {
  @Test("return=minimal leaves the row out: 201 with Location, 204 for changes, each with the tag")
  func minimal() async throws {
    let api = try await API.notes()
    let created = await api.ask(.post, "/api/notes", #"{"title":"a"}"#, ["Prefer": "return=minimal"])
    #expect(created.status == 201 && created.text.isEmpty)
    #expect(created.header("location") == "/api/notes/1")
    #expect(created.header("preference-applied") == "return=minimal")
    #expect(created.header("content-type") == nil)
    let patched = await api.ask(
      .patch, "/api/notes/1", #"{"title":"b"}"#, ["Prefer": "wait=5, return=\"minimal\"; a=b", "If-Match": created.tag])
    #expect(patched.status == 204 && patched.text.isEmpty)
    let put = await api.ask(.put, "/api/notes/1", #"{"title":"c"}"#, ["Prefer": "Return=minimal", "If-Match": patched.tag])
    #expect(put.status == 204)
    #expect(put.header("preference-applied") == "return=minimal")
    #expect(await api.ask(.get, "/api/notes/1", nil, ["If-Match": put.tag]).json["title"]?.plain == "c")
  }

  @Test("return=representation is followed and said, also where it is what happens anyway; the first of two counts")
  func representation() async throws {
    let api = try await API.notes()
    let created = await api.ask(.post, "/api/notes", #"{"title":"a"}"#, ["Prefer": "return=representation, return=minimal"])
    #expect(created.status == 201 && created.json["title"]?.plain == "a")
    #expect(created.header("preference-applied") == "return=representation")
    #expect(await api.ask(.post, "/api/notes", #"{"title":"a"}"#).header("preference-applied") == nil)
  }

  @Test(
    "what is no preference is passed over", arguments: ["return", "return=", "return=all", ",,;=", "=minimal", "handling=strict"])
  func unknown(_ field: String) async throws {
    let api = try await API.notes()
    let created = await api.ask(.post, "/api/notes", #"{"title":"a"}"#, ["Prefer": field])
    #expect(created.status == 201 && created.json["title"]?.plain == "a")
    #expect(created.header("preference-applied") == nil)
  }

  @Test("a row that may not be read is not represented, however it is preferred, and has no tag")
  func unreadable() async throws {
    let api = try await API.notes()
    for wish in ["return=representation", "return=minimal"] {
      let created = await api.ask(.post, "/api/notes", #"{"title":"unseen"}"#, ["Prefer": wish])
      #expect(created.status == 201 && created.text.isEmpty)
      #expect(created.header("etag") == nil)
      #expect(created.header("preference-applied") == (wish == "return=minimal" ? wish : nil))
    }
  }
}
