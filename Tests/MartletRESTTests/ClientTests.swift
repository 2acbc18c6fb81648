import MartletREST
import Testing

@Suite("generated clients")
struct ClientTests {
  private static func api(_ json: String) throws -> ClientAPI { try ClientAPI(try JSONParser.parse(Array(json.utf8))) }

  /// One operation with headers, a merge patch and a component of every sort.
  private static let notes = #"""
    {"openapi": "3.1.0", "info": {"title": "Notes", "version": "1"},
     "paths": {"/notes/{id}": {"patch": {
       "operationId": "updateNotes", "summary": "Change a note",
       "parameters": [
         {"name": "id", "in": "path", "required": true, "schema": {"type": "integer"}},
         {"name": "If-Match", "in": "header", "schema": {"type": "string"}},
         {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string"}},
         {"name": "Authorization", "in": "header", "schema": {"type": "string"}}],
       "requestBody": {"required": true, "content": {"application/merge-patch+json": {"schema": {"$ref": "#/components/schemas/NoteUpdate"}}}},
       "responses": {"200": {"description": "x", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Note"}}}},
                     "412": {"$ref": "#/components/responses/Problem"}}}}},
     "components": {
       "responses": {"Problem": {"description": "x", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}},
       "schemas": {
         "Problem": {"type": "object", "properties": {"status": {"type": "integer"}}, "required": ["status"]},
         "NoteKind": {"enum": ["plain", "self", "in-progress"], "type": "string"},
         "NoteUpdate": {"type": "object", "properties": {"text": {"type": ["string", "null"]}, "kind": {"$ref": "#/components/schemas/NoteKind"}}},
         "Note": {"type": "object", "description": "A note.", "required": ["id", "text", "kind", "parent", "at"], "properties": {
           "id": {"type": "integer", "readOnly": true}, "text": {"type": ["string", "null"], "description": "What it says"},
           "kind": {"$ref": "#/components/schemas/NoteKind"}, "at": {"type": "string", "format": "date-time"},
           "parent": {"anyOf": [{"$ref": "#/components/schemas/Note"}, {"type": "null"}]},
           "children": {"type": "array", "items": {"$ref": "#/components/schemas/Note"}}}}}}}
    """#

  @Test("TypeScript: members are read-only, nullable and optional as the document says, choices are unions")
  func typeScriptTypes() throws {
    let text = TypeScriptClient(try Self.api(Self.notes)).text
    for line in [
      "/** A note. */\nexport interface Note {", "  readonly id: number;", "  /** What it says */\n  text: string | null;",
      "  kind: NoteKind;",
      "  parent: Note | null;", "  children?: Array<Note> | undefined;",
      #"export type NoteKind = "plain" | "self" | "in-progress";"#, "  text?: string | null | undefined;",
    ] { #expect(text.contains(line), "\(line)") }
  }

  @Test("Swift: members are read-only, nullable and optional as the document says, and null differs from absent in input alone")
  func swiftTypes() throws {
    let text = SwiftClient(try Self.api(Self.notes)).text
    for line in [
      "/// A note.\npublic struct Note: Codable, Hashable, Sendable {", "  public let id: Int", "  public var text: String?",
      "  public var at: Date", "  public var parent: Indirect<Note>?", "  public var children: [Note]?",
      "  public var text: Nullable<String>?", "  case plain\n  case self2\n  case inProgress",
      #"case "self": self = .self2"#,
    ] { #expect(text.contains(line), "\(line)") }
  }

  @Test("header parameters are options, credentials are not; the body goes as the document's media type")
  func headers() throws {
    let script = TypeScriptClient(try Self.api(Self.notes)).text, swift = SwiftClient(try Self.api(Self.notes)).text
    #expect(
      script.contains(
        "readonly updateNotes: Operation<[parameters: UpdateNotesParameters, body: NoteUpdate, "
          + "options?: CallOptions & { ifMatch?: string | undefined; idempotencyKey?: string | undefined }], Note, UpdateNotesFailure>;"
      ))
    #expect(script.contains(#"inHeader: [["ifMatch", "If-Match", true], ["idempotencyKey", "Idempotency-Key", true]]"#))
    #expect(script.contains(#"body: "application/merge-patch+json""#))
    #expect(
      script.contains("export type UpdateNotesFailure = { status: 412; body: Problem } | { status: OtherStatus; body: Json };"))
    #expect(
      swift.contains(
        "func updateNotes(id: Int, _ body: NoteUpdate, ifMatch: String? = nil, idempotencyKey: String? = nil, "
          + "options: CallOptions = CallOptions()) async throws(APIError) -> Note {"))
    #expect(swift.contains(#"call.body(body, "application/merge-patch+json")"#))
    #expect(swift.contains("public var problem: Problem? { decoded(Problem.self) }"))
  }

  @Test("the same document gives the same clients, from the app or from a file")
  func stable() throws {
    let document = OpenAPIDocument(OpenAPITests.routes)
    let parsed = try ClientAPI(try JSONParser.parse(Array(document.text.utf8)))
    let own = try ClientAPI(document.tree)
    #expect(TypeScriptClient(own).text == TypeScriptClient(parsed).text)
    #expect(SwiftClient(own).text == SwiftClient(parsed).text)
  }

  @Test("lists are walked by their links, or by limit and offset")
  func paging() throws {
    let api = try ClientAPI(OpenAPIDocument(OpenAPITests.routes).tree)
    #expect(api.operations.first { $0.id == "listArticles" }?.paging?.pages == .links)
    #expect(api.operations.first { $0.id == "retrieveArticles" }?.paging == nil)
    let offset = try Self.api(
      #"""
      {"openapi": "3.1.0", "paths": {"/a": {"get": {"operationId": "list", "parameters": [
        {"name": "limit", "in": "query", "schema": {"type": "integer"}}, {"name": "offset", "in": "query", "schema": {"type": "integer"}}],
        "responses": {"200": {"description": "x", "content": {"application/json": {"schema": {
          "type": "object", "required": ["rows"], "properties": {"rows": {"type": "array", "items": {"type": "string"}}}}}}}}}}}}
      """#)
    #expect(offset.operations[0].paging?.pages == .offset)
    #expect(offset.operations[0].paging?.items == "rows")
  }

  @Test(
    "what is no OpenAPI 3 document is refused",
    arguments: ["{}", "[]", #"{"openapi": "2.0", "paths": {}}"#, #"{"openapi": "3.1.0"}"#])
  func unreadable(json: String) {
    #expect(throws: RESTError.self) { try Self.api(json) }
  }

  @Test("a reference in circles, to nothing, or nested without end is any value, and ends")
  func circles() throws {
    let deep = String(repeating: #"{"type": "array", "items": "#, count: 300) + "{}" + String(repeating: "}", count: 300)
    let api = try Self.api(
      """
      {"openapi": "3.1.0", "paths": {}, "components": {"schemas": {
        "A": {"$ref": "#/components/schemas/A"}, "B": {"$ref": "#/components/nothing"}, "C": {"$ref": "https://x.example/"},
        "D": {"allOf": [{"$ref": "#/components/schemas/D"}, {"type": "object"}]}, "E": \(deep)}}}
      """)
    #expect(api.schemas.first { $0.name == "B" }?.type == .any)
    #expect(api.schemas.first { $0.name == "C" }?.type == .any)
    _ = TypeScriptClient(api).text
    _ = SwiftClient(api).text
  }

  @Test(
    "no text of a document ends a comment or a line, whatever stands around it",
    arguments: [
      "*/", "\u{600}*/", "*/\u{301}", "*\u{200D}/", "\u{600}*\u{600}/", "\u{600}*/\u{301}/*\u{301}", "\n", "\r\n", "\r\u{301}",
      "\u{85}",
      "\u{2028}\u{301}", "\u{600}\u{2029}", "\"\u{301}", "`\u{301}", "\u{600}\"", "\u{600}\\", "\\\u{301}", "\u{600}/*",
    ])
  func comments(hostile: String) throws {
    func clients(_ text: String) throws -> [String] {
      let property: JSONTree = ["type": "string", "description": .string(text)]
      let schema: JSONTree = ["type": "object", "description": .string(text), "properties": .object([.init("a", property)])]
      let api = try ClientAPI([
        "openapi": "3.1.0", "info": ["title": .string(text), "version": .string(text), "description": .string(text)],
        "paths": [:], "components": ["schemas": ["A": schema]],
      ])
      return [TypeScriptClient(api).text, SwiftClient(api).text]
    }
    /// What a compiler sees, scalar by scalar: ends of comments, and what ends a line besides a newline.
    func marks(_ text: String) -> [Int] {
      let scalars = Array(text.unicodeScalars)
      let ends = scalars.indices.dropLast().count { scalars[$0] == "*" && scalars[$0 + 1] == "/" }
      let others = scalars.count { [0x0D, 0x85, 0x2028, 0x2029].contains($0.value) }
      return [ends, others]
    }
    for (harmless, client) in zip(try clients("a"), try clients("a\(hostile)b")) {
      #expect(marks(client) == marks(harmless))
    }
  }

  @Test("a document whose parts refer to each other twice at each step is read in time, and compared")
  func doubling() throws {
    let levels = 60
    func chain(_ part: (String) -> String, _ section: String) -> String {
      (0..<levels).map { #""S\#($0)": \#(part("#/components/\(section)/S\($0 + 1)"))"# }.joined(separator: ", ")
        + #", "S\#(levels)": {"type": "object", "properties": {"last": {"type": "string"}}}"#
    }
    let merged = chain({ #"{"allOf": [{"$ref": "\#($0)"}, {"$ref": "\#($0)"}]}"# }, "schemas")
    let nested = chain({ #"{"type": "object", "properties": {"a": {"$ref": "\#($0)"}, "b": {"$ref": "\#($0)"}}}"# }, "others")
    let document = try JSONParser.parse(
      Array(
        #"""
        {"openapi": "3.1.0", "components": {"schemas": {\#(merged)}, "others": {\#(nested)}}, "paths": {"/a": {"get": {"responses":
          {"200": {"description": "x", "content": {"application/json": {"schema": {"$ref": "#/components/others/S0"}}}}}}}}}
        """#.utf8))
    let api = try ClientAPI(document)
    guard case .object(let object)? = api.schemas.first(where: { $0.name == "S20" })?.type else {
      Issue.record("no object")
      return
    }
    #expect(object.fields.map(\.name) == ["last"])
    #expect(TypeScriptClient(api).text.utf8.count < 5_000_000)
    #expect(SwiftClient(api).text.utf8.count < 5_000_000)
    #expect(try APIComparison.changes(from: document, to: document).isEmpty)
  }

  @Test("one of several types is a union in TypeScript and an enum in Swift; a decimal's text or number is a text")
  func unions() throws {
    let api = try Self.api(
      #"""
      {"openapi": "3.1.0", "paths": {"/a": {"post": {"operationId": "create", "responses": {},
        "parameters": [{"name": "filter", "in": "query", "schema": {"type": "object", "properties": {"a": {}}}}],
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"oneOf": [
          {"$ref": "#/components/schemas/New"}, {"type": "array", "items": {"$ref": "#/components/schemas/New"}}]}}}}}}},
       "components": {"schemas": {"New": {"type": "object", "required": ["price"], "properties": {"price": {"type": ["string", "number"]}}}}}}
      """#)
    let script = TypeScriptClient(api).text, swift = SwiftClient(api).text
    #expect(script.contains("body: New | Array<New>, options?: CallOptions]"))
    #expect(script.contains("  price: string | number;"))
    #expect(swift.contains("func create(_ body: CreateBody, filter: JSONValue? = nil, options"))
    #expect(
      swift.contains("public indirect enum CreateBody: Codable, Hashable, Sendable {\n  case new(New)\n  case newList([New])"))
    #expect(swift.contains("  public var price: String\n"))
  }
}
