import Testing

@testable import MartletMacros

@Suite("What @Input writes and reports")
struct InputTests {
  @Test("a reader that finds every mistake, and a schema")
  func article() throws {
    try Golden.expect(
      "input",
      #"""
      /// What "authors" send.
      @Input public struct NewArticle {
        /// Shown in lists.
        @Field(maxLength: 200, help: "x") public var title: String
        @Field(validate: [.email, .minLength(3)], transform: .trim) public var contact: String?
        public var tags: [String] = []
        public var author: Author
        @Field(validate: .items(1...3)) public var parts: [Part]
        @Field(validate: .range(1...5)) public var stars: Given<Int>
        public var note: Given<String?> = .missing
        public var kind = "plain"
        public var seen: Date? = nil
        public var `in`: Optional<Place>
        public let id: Int64
        public let fixed = 3
        @Transient var cache: Int?
        static let limit = 10
        var isShort: Bool { title.count < 5 }
        public func validate(_ errors: inout FieldErrors) {}
      }
      """#)
  }

  @Test("inputs nest, choose their names, and may be empty")
  func nested() throws {
    try Golden.expect(
      "input-nested",
      """
      @Input(naming: .snakeCase, unknownFields: .ignored) struct Registration {
        var user: Fields
        @Input struct Fields {
          var userName: String
        }
      }
      @Input struct Nothing {}
      """)
  }

  @Test("a struct that names the conformance itself gets no extension")
  func conforming() {
    let expansion = Expansion("@Input struct A: Input {\n  var b: Int\n}", conformances: [])
    #expect(!expansion.text.contains("extension") && expansion.text.contains("init?(reading"))
    #expect(expansion.diagnostics.isEmpty)
  }

  @Test(
    "what no input can be",
    arguments: [
      Case("input-class", file: "@Input final class A {\n  var b: Int\n}"),
      Case("input-generic", file: "@Input struct A<B> {\n  var b: B\n}"),
      Case(
        "input-properties",
        file: """
          @Input struct A {
            lazy var a: Int = 1
            weak var b: B?
            var c = make()
            var (d, e) = (1, 2)
            var f: (Int, Int)
            var g: Many<Tag>
            var inputSchema: String
            @Clamped var h: Int
            @HasMany var i: [Int]
            @Transient var j: Int
            #if DEBUG
            var k: Int
            #endif
          }
          """),
      Case(
        "input-settings",
        file: """
          @Input struct A {
            @Field(unique: true, maxLength: 3) var a: String
            @Field(column: "x") var b: String
            @Field(autoNow: true) var c: Date
            @Field(validate: .email) var d: Int
            @Field(validate: .range(1...2)) var e: Given<Bool?>
            @Field(validate: .email) var f: Given<String?>
            @Field(transform: .trim) var g: Given<Int>
            @Field(maxLength: 3) var h: Int
          }
          """),
    ])
  func mistakes(_ example: Case) throws { try example.expectMistake() }
}
