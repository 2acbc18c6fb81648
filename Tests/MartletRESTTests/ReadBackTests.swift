import Foundation
import MartletCore
import MartletHTTP
import MartletORM
import MartletREST
import MartletSQL
import TestDatabases
import Testing

@Model(table: "disc")
struct Disc {
  var id: ID
  @Field(maxLength: 40) var title: String
  var sleeve: StoredFile?
  var booklet: StoredFile?
  @HasMany("disc") var tracks: Many<Track>
  static let policy = Policy(Disc.self) { $0.allowAll(.read, .create, .update, .delete) }
}

@Model(table: "track")
struct Track {
  var id: ID
  @Field(maxLength: 40) var title: String
  var sound: StoredFile?
  @Relation(onDelete: .cascade) var disc: Ref<Disc>
  static let policy = Policy(Track.self) { $0.allowAll(.read, .create, .update, .delete) }
}

@Suite("what was read can be sent back", .onEveryDatabase)
struct ReadBackTests {
  private let folder: Folder
  private let api: API

  init() async throws {
    folder = try Folder()
    api = try await API(Self.routes(folder.path), [Disc.self, Track.self])
    let discs = try await Disc.insert([Disc(title: "a"), Disc(title: "b")], api.db)
    try await Track.insert([Track(title: "one", disc: Ref(discs[0])), Track(title: "two", disc: Ref(discs[0]))], api.db)
  }

  private static func routes(_ path: String) -> RouteList {
    REST("api") {
      Resource(Disc.self).file { $0.sleeve }.nested { $0.tracks }.bulk()
        .computed("track_count") { disc, _ in disc.tracks.count }
        .computed("shout", from: { $0.title.uppercased() })
      Resource(Track.self).computed("length", from: { $0.title.count })
    }
    .middleware(
      MiddlewareFunction { request, next in
        var request = request
        request[FileStorageContext.self] = LocalFileStorage(path)
        return try await next(request)
      })
  }
  private func store(_ path: String) async throws -> StoredFile {
    try await LocalFileStorage(folder.path).write(Request(.put, "/", body: Array("x".utf8)).body, to: path, limit: 10)
    return StoredFile(path: path)
  }

  @Test("a row with files and computed fields goes back as it came, by PUT and PATCH", arguments: [true, false])
  func row(hasFile: Bool) async throws {
    if hasFile { #expect(try await api.send(.put, "/api/discs/1/sleeve", "x", type: "image/png").status == 201) }
    let read = try await api.get("/api/discs/1")
    #expect(read.json["track_count"]?.plain == "2" && read.json["shout"]?.plain == "A")
    #expect(read.json["sleeve"]?.plain == (hasFile ? "/api/discs/1/sleeve" : "null"))
    for method in [HTTPMethod.put, .patch] {
      let answer = try await api.send(method, "/api/discs/1", read.text)
      #expect(answer.status == 200, "\(answer.text)")
      #expect(answer.text == read.text)
    }
    let many = try await api.send(.patch, "/api/discs", "[\(read.text)]")
    #expect(many.status == 200, "\(many.text)")
    #expect(folder.files.count == (hasFile ? 1 : 0))
  }

  @Test("another file's link, null for a file that there is, and the path in the storage are refused")
  func others() async throws {
    var disc = try await Disc.get(1, api.db)
    let (sleeve, booklet) = (try await store("s.png"), try await store("b.png"))
    try await disc.save(api.db) { ($0.sleeve, $0.booklet) = (sleeve, booklet) }
    for value in ["\"/api/discs/2/sleeve\"", "\"/api/discs/1/booklet\"", "\"s.png\"", "\"sleeve\"", "\"\"", "null"] {
      #expect(try await api.send(.patch, "/api/discs/1", #"{"sleeve": \#(value)}"#).errors == ["sleeve: read_only"], "\(value)")
    }
    #expect(try await api.send(.patch, "/api/discs/1", #"{"booklet": "b.png"}"#).errors == ["booklet: read_only"])
    let read = try await api.get("/api/discs/1")
    #expect(read.json["booklet"] == .null, "a file without a path is nobody's to see")
    #expect(try await api.send(.put, "/api/discs/1", read.text).text == read.text)
    #expect(try await Disc.get(1, api.db).booklet?.path == "b.png")
  }

  @Test("a computed field is ignored where a row is changed, and read-only where one is created")
  func computed() async throws {
    let changed = try await api.send(.patch, "/api/discs/1", #"{"track_count": 99, "shout": {"x": 1}}"#)
    #expect(changed.status == 200 && changed.json["track_count"]?.plain == "2")
    #expect(
      try await api.send(.post, "/api/discs", #"{"title": "c", "shout": "C", "nope": 1}"#).errors == [
        "shout: read_only", "nope: unknown_field",
      ])
    let nested = try await api.send(.patch, "/api/discs/1", #"{"tracks": [{"id": 1, "length": 3, "sound": null}, 2]}"#)
    #expect(nested.status == 200, "\(nested.text)")
  }

  @Test("the document lets PUT and PATCH repeat what is read-only")
  func document() throws {
    let schemas = OpenAPIDocument(Self.routes("/tmp")).tree["components"]?["schemas"]
    for name in ["DiscReplace", "DiscUpdate"] {
      let fields = schemas?[name]?["properties"]
      for field in ["sleeve", "track_count", "shout"] { #expect(fields?[field]?["readOnly"] == true, "\(name).\(field)") }
    }
    #expect(schemas?["DiscCreate"]?["properties"]?["shout"] == nil)
  }

  @Test("files of rows that a nested write or a list deletes go with them, whether a path leads to them or not")
  func removedFiles() async throws {
    for id in [1, 2] {
      var track = try await Track.get(Track.ID(Int64(id)), api.db)
      let sound = try await store("t\(id).png")
      try await track.save(api.db) { $0.sound = sound }
    }
    var disc = try await Disc.get(1, api.db)
    let booklet = try await store("b.png")
    try await disc.save(api.db) { $0.booklet = booklet }
    #expect(try await api.send(.patch, "/api/discs/1", #"{"tracks": [2, {"title": ""}]}"#).status == 422)
    #expect(folder.files.sorted() == ["b.png", "t1.png", "t2.png"], "nothing was deleted")
    #expect(try await api.send(.patch, "/api/discs/1", #"{"tracks": [2]}"#).status == 200)
    #expect(folder.files.sorted() == ["b.png", "t2.png"])
    #expect(try await api.send(.patch, "/api/discs/1", #"{"tracks": []}"#).status == 200)
    #expect(try await api.send(.delete, "/api/discs?id[in]=1").status == 204)
    #expect(folder.files.isEmpty)
  }
}
