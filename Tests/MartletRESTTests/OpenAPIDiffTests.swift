import MartletHTTP
import MartletREST
import Testing

@Suite("what a newer OpenAPI document breaks")
struct OpenAPIDiffTests {
  private static func tree(_ json: String) throws -> JSONTree { try JSONParser.parse(Array(json.utf8)) }

  /// A document with one operation, whose parts are given.
  private static func document(
    access: String = #"{"anonymous": "never", "authenticated": "some", "staff": "always"}"#, parameters: String = "",
    request: String = #"{"type": "object", "properties": {"a": {"type": "string"}}}"#,
    response: String = #"{"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}"#, more: String = "",
    operation: String = ""
  ) throws -> JSONTree {
    try tree(
      """
      {"openapi": "3.1.0", "info": {"title": "x", "version": "1"}, "paths": {"/things/{id}": {"put": {
        "operationId": "replaceThings", "x-martlet-access": \(access), \(operation)
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "integer"}}\(parameters)],
        "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/In"}}}},
        "responses": {"200": {"description": "x", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Out"}}}}}
      }}\(more)}, "components": {"schemas": {"In": \(request), "Out": \(response)}}}
      """)
  }
  /// `severity code`, in order.
  private static func changes(_ old: JSONTree, _ new: JSONTree) throws -> [String] {
    try APIComparison.changes(from: old, to: new).map { "\($0.severity.rawValue) \($0.code)" }
  }

  @Test("the same document has no changes, also where its members stand in another order")
  func same() throws {
    let document = OpenAPIDocument(OpenAPITests.routes).tree
    #expect(try APIComparison.changes(from: document, to: try Self.tree(document.pretty())).isEmpty)
  }

  @Test("an operation that is gone breaks; a new one, and another name of a placeholder, do not")
  func operations() throws {
    let old = try Self.document(more: #", "/gone": {"get": {"responses": {}}}"#)
    let new = try Self.tree(
      try Self.document(more: #", "/new": {"get": {"responses": {}}}"#).pretty().replacing("{id}", with: "{key}"))
    #expect(try Self.changes(old, new) == ["breaking operation-removed", "safe operation-added"])
    let renamed = try Self.tree(old.pretty().replacing("replaceThings", with: "putThings"))
    #expect(try Self.changes(old, renamed) == ["breaking operation-renamed"])
  }

  /// An old and a new schema, and what the change is in a request and in a response.
  private static let schemas: [(String, String, request: [String], response: [String])] = [
    (
      #"{"type": "object", "properties": {"a": {}, "b": {}}}"#, #"{"type": "object", "properties": {"a": {}}}"#,
      ["breaking field-removed"], ["breaking field-removed"]
    ),
    (
      #"{"type": "object", "properties": {"a": {}}}"#, #"{"type": "object", "properties": {"a": {}, "b": {}}}"#,
      ["safe field-added"], ["safe field-added"]
    ),
    (
      #"{"type": "object", "properties": {"a": {}}}"#,
      #"{"type": "object", "properties": {"a": {}, "b": {}}, "required": ["b"]}"#, ["breaking required-field-added"],
      ["safe field-added"]
    ),
    (
      #"{"type": "object", "properties": {"a": {}}}"#, #"{"type": "object", "properties": {"a": {}}, "required": ["a"]}"#,
      ["breaking field-required"], ["safe field-required"]
    ),
    (
      #"{"type": "object", "properties": {"a": {}}, "required": ["a"]}"#, #"{"type": "object", "properties": {"a": {}}}"#,
      ["safe field-optional"], ["breaking field-optional"]
    ),
    (#"{"type": "string"}"#, #"{"type": ["string", "null"]}"#, ["safe nullable"], ["breaking nullable"]),
    (
      #"{"anyOf": [{"type": "string"}, {"type": "null"}]}"#, #"{"type": "string"}"#, ["breaking not-nullable"],
      ["safe not-nullable"]
    ),
    (#"{"type": "integer"}"#, #"{"type": "number"}"#, ["safe type-widened"], ["breaking type-widened"]),
    (#"{"type": "number"}"#, #"{"type": "integer"}"#, ["breaking type-narrowed"], ["safe type-narrowed"]),
    (#"{"type": "integer"}"#, #"{"type": "string"}"#, ["breaking type-changed"], ["breaking type-changed"]),
    (#"{"type": ["string", "number"]}"#, #"{"type": "string"}"#, ["breaking type-narrowed"], ["safe type-narrowed"]),
    (#"{"enum": ["a", "b"]}"#, #"{"enum": ["a"]}"#, ["breaking choice-removed"], ["safe choice-removed"]),
    (#"{"enum": ["a"]}"#, #"{"enum": ["a", "b"]}"#, ["safe choice-added"], ["breaking choice-added"]),
    (#"{"type": "string"}"#, #"{"type": "string", "enum": ["a"]}"#, ["breaking choices-added"], ["safe choices-added"]),
    (
      #"{"type": "string", "maxLength": 9}"#, #"{"type": "string", "maxLength": 5}"#, ["breaking limit-tightened"],
      ["safe limit-tightened"]
    ),
    (#"{"type": "string"}"#, #"{"type": "string", "minLength": 1}"#, ["breaking limit-tightened"], ["safe limit-tightened"]),
    (#"{"type": "integer", "maximum": 5}"#, #"{"type": "integer"}"#, ["safe limit-loosened"], ["safe limit-loosened"]),
    (
      #"{"type": "integer", "format": "int32"}"#, #"{"type": "integer", "format": "int64"}"#, ["safe format-widened"],
      ["breaking format-widened"]
    ),
    (
      #"{"type": "string", "format": "date"}"#, #"{"type": "string", "format": "date-time"}"#, ["breaking format-changed"],
      ["breaking format-changed"]
    ),
    (
      #"{"type": "array", "items": {"type": "string"}}"#, #"{"type": "array", "items": {"type": "boolean"}}"#,
      ["breaking type-changed"], ["breaking type-changed"]
    ),
    (
      #"{"type": "object", "properties": {"a": {}}}"#,
      #"{"type": "object", "properties": {"a": {}}, "additionalProperties": false}"#, ["breaking fields-closed"], []
    ),
    (#"{"type": "string", "description": "x", "example": "y"}"#, #"{"type": "string"}"#, [], []),
  ]

  @Test("a request must not take less, a response must not hold more", arguments: schemas.indices)
  func direction(index: Int) throws {
    let (old, new, request, response) = Self.schemas[index]
    #expect(try Self.changes(try Self.document(request: old), try Self.document(request: new)) == request, "\(old) → \(new)")
    #expect(try Self.changes(try Self.document(response: old), try Self.document(response: new)) == response, "\(old) → \(new)")
  }

  @Test("the same choices in a component of their own, without a format, are the same")
  func movedChoices() throws {
    let old = try Self.document(response: #"{"type": "integer", "format": "int64", "enum": [1, 2]}"#)
    let new = try Self.document(response: #"{"anyOf": [{"type": "integer", "enum": [1, 2]}]}"#)
    #expect(try Self.changes(old, new) == [])
  }

  @Test("parameters: gone, new, required")
  func parameters() throws {
    let without = try Self.document()
    let with = try Self.document(parameters: #", {"name": "q", "in": "query", "schema": {"type": "string"}}"#)
    let needed = try Self.document(parameters: #", {"name": "q", "in": "query", "required": true, "schema": {"type": "string"}}"#)
    #expect(try Self.changes(with, without) == ["breaking parameter-removed"])
    #expect(try Self.changes(without, with) == ["safe parameter-added"])
    #expect(try Self.changes(without, needed) == ["breaking required-parameter-added"])
    #expect(try Self.changes(with, needed) == ["breaking parameter-required"])
    #expect(try Self.changes(needed, with) == ["safe parameter-optional"])
  }

  @Test("an operation that became public is a finding of its own; one that fewer may call breaks")
  func access() throws {
    let closed = try Self.document()
    let open = try Self.document(access: #"{"anonymous": "always", "authenticated": "always", "staff": "always"}"#)
    let staff = try Self.document(access: #"{"anonymous": "never", "authenticated": "never", "staff": "always"}"#)
    #expect(try Self.changes(closed, open) == ["exposed access-public", "exposed access-widened"])
    #expect(try Self.changes(closed, staff) == ["breaking access-narrowed"])
    #expect(try Self.changes(staff, closed) == ["exposed access-widened"])
  }

  @Test("without our extension, the credentials that an operation asks for tell who may call it")
  func foreign() throws {
    let closed = try Self.tree(#"{"openapi": "3.0.3", "security": [{"key": []}], "paths": {"/a": {"get": {"responses": {}}}}}"#)
    let open = try Self.tree(#"{"openapi": "3.0.3", "paths": {"/a": {"get": {"security": [], "responses": {}}}}}"#)
    #expect(try Self.changes(closed, open) == ["exposed access-public"])
    #expect(try Self.changes(open, closed) == ["breaking access-narrowed"])
  }

  @Test("a change of a component is said once, however many operations hold it")
  func once() throws {
    let old = OpenAPIDocument(RouteListOfCountries.two).tree
    let new = try Self.tree(old.pretty().replacing(#""maxLength": 2"#, with: #""maxLength": 1"#))
    let found = try APIComparison.changes(from: old, to: new)
    #expect(found.count { $0.place == "CountryCreate, in requests, field “id”" } == 1)
    #expect(found.contains { $0.severity == .safe && $0.place == "Country, in responses, field “id”" })
  }

  @Test("policies of resources show in the comparison")
  func policies() throws {
    let old = OpenAPIDocument(RouteListOfCountries.memo).tree, new = OpenAPIDocument(RouteListOfCountries.two).tree
    let found = try APIComparison.changes(from: old, to: new)
    #expect(found.contains { $0.code == "access-public" && $0.place == "POST /api/countries" })
  }

  @Test("the changes as text and as JSON, with their numbers")
  func output() throws {
    let found = try APIComparison.changes(
      from: try Self.document(), to: try Self.document(request: #"{"type": "object", "properties": {"b": {}}}"#))
    #expect(
      found.text == """
        BREAKING  In, in requests: the field “a” is gone
        safe      In, in requests: the field “b” is new
        1 breaking, 0 exposed, 1 safe

        """)
    #expect(found.tree["breaking"] == 1)
    #expect(found.tree["changes"]?.elements?.first?["code"] == "field-removed")
    #expect([APIChange]().text == "No changes.\n")
  }

  @Test("what is no OpenAPI document is refused")
  func unreadable() throws {
    let document = try Self.document()
    #expect(throws: RESTError.self) { try APIComparison.changes(from: .null, to: document) }
    #expect(throws: RESTError.self) { try APIComparison.changes(from: document, to: ["openapi": "2.0"]) }
  }
}

/// Resources whose documents are compared.
private enum RouteListOfCountries {
  static var two: RouteList {
    RouteList {
      REST("api") {
        Resource(Country.self)
        Resource(Country.self).path("lands")
      }
    }
  }
  /// The same path under a model without a policy.
  static var memo: RouteList { RouteList { REST("api") { Resource(Memo.self).path("countries") } } }
}
