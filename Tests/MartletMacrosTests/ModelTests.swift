import Testing

@testable import MartletMacros

@Suite("What @Model writes")
struct ModelTests {
  @Test("columns, references and relations of a whole model")
  func post() throws {
    try Golden.expect(
      "post",
      """
      @Model struct Post {
        var id: ID
        @Field(maxLength: 200, help: "x") var title: String
        var body: String = ""
        var status: Status = .draft
        @Relation(onDelete: .cascade) var author: Ref<User>
        @Relation(onDelete: .setNull) var editor: Ref<User>?
        @Field(index: true) var publishedAt: Date?
        @HasMany var comments: Many<Comment>
        @ManyToMany var tags: Many<Tag>
      }
      """)
  }

  @Test("the struct's access goes to everything written", arguments: ["public", "package", "fileprivate"])
  func access(_ access: String) throws {
    try Golden.expect(
      "access-\(access)",
      """
      @Model \(access) struct Tag {
        \(access) var id: ID
        \(access) var name: String
        @HasMany \(access) var posts: Many<Post>
      }
      """)
  }

  @Test("arrays of column types are columns; @Field says so of an enum's")
  func arrays() throws {
    try Golden.expect(
      "array",
      """
      @Model struct Post {
        var id: ID
        var tags: [String]
        var names: Array<String>?
        var numbers: [Int?] = []
        var keys: [[UInt8]]
        var documents: [JSON<Note>]
        @Field var states: [Status]
      }
      """)
  }

  @Test("a less visible property keeps its access, and takes the initialiser with it")
  func mixedAccess() throws {
    try Golden.expect(
      "access-mixed",
      """
      @Model public struct Tag {
        public var id: ID
        package var name: String
        var status: Status = .draft
        private var note: String?
        public private(set) var count: Int
        @HasMany var posts: Many<Post>
      }
      """)
  }

  @Test("several columns are the key, one a reference")
  func compositeKey() throws {
    try Golden.expect(
      "composite-key",
      """
      @Model public struct Order {
        @Field(primaryKey: true) public var shop: Ref<Shop>
        @Field(primaryKey: true) public var number: Int
        public var note: String?
      }
      """)
  }

  @Test("other properties are a reference of several columns")
  func compositeReference() throws {
    try Golden.expect(
      "composite-reference",
      """
      @Model struct Line {
        var id: ID
        var shop: Ref<Shop>
        var number: Int?
        var position: Int
        @Relation(columns: ["shop", "number"], onDelete: .restrict) var order: One<Order>
        @Relation(columns: ["shop", "position"]) var place: One<Place>
      }
      """)
  }

  @Test("what the database computes is no argument of the initialiser")
  func generated() throws {
    try Golden.expect(
      "generated",
      """
      @Model struct Line {
        var id: ID
        var price: Int
        @Field(generated: .stored) var total: Int = 0
        @Field(maxLength: 9, unique: true, generated: .virtual) var label: String?
      }
      """)
  }

  @Test("rules are the schema's, and no options of the column")
  func rules() throws {
    try Golden.expect(
      "rules",
      """
      @Model(key: .text) struct Review {
        @Field(maxLength: 40, validate: .slug) var id: ID
        @Field(validate: .range(1...5)) var stars: Int
        @Field(maxLength: 254, validate: [.email, Rules.ours], transform: [.trim, .lowercase], unique: true) var email: String?
        @Field(validate: .init("even", "Must be even.") { (value: Int) in value.isMultiple(of: 2) }) var pairs: Int = 0
        @Field(validate: [.items(0...5), .each(.notBlank)]) var tags: [String]
        @Field(validate: .oneOf(Kind.a, .b)) var kind: Kind
      }
      """)
  }

  @Test("a model's app, table and labels are its own choice")
  func names() throws {
    try Golden.expect(
      "model-arguments",
      """
      @Model(app: "auth", table: "auth_user", label: "user", pluralLabel: "users \\"all\\"") struct Account {
        @Field(column: "user_id") var id: ID
        @Field(column: "manager") var boss: Ref<Self>?
        @Field(column: "emailAddress", unique: true) var email: String
        @ManyToMany var groups: Many<Group>
      }
      """)
  }

  @Test("keys are integers, UUIDs or text", arguments: ["int64", "uuidV4", "uuidV7", "text"])
  func keys(_ kind: String) throws {
    try Golden.expect("key-\(kind)", "@Model(key: .\(kind)) struct Session {\n  var id: ID\n  var data: String\n}")
  }

  @Test("a one-to-one reference is unique, and its far side a Maybe")
  func oneToOne() throws {
    try Golden.expect(
      "one-to-one",
      """
      @Model struct Profile {
        var id: ID
        @OneToOne(onDelete: .cascade) var user: Ref<User>
        @OneToOne(onDelete: .setNull) @Field(help: "who checked") var checker: Ref<User>?
      }
      @Model struct User {
        var id: ID
        @HasOne("user") var profile: One<Profile>
        @HasOne var settings: One<Settings>
        @HasMany("writer") var letters: Many<Letter>
      }
      """)
  }

  @Test("many-to-many relations go by a table, a model in between, or the other side")
  func manyToMany() throws {
    try Golden.expect(
      "many-to-many",
      """
      @Model struct Group {
        var id: ID
        @ManyToMany(through: Membership.self, from: "group", to: "person") var members: Many<Person>
        @ManyToMany(through: Membership.self) var people: Many<Person>
        @ManyToMany(table: "old_links") var tags: Many<Blog.BlogTag>
        @ManyToMany(inverse: "groups") var events: Many<Event>
        @ManyToMany var following: Many<Group>
        @ManyToMany var followers: Many<Self>
      }
      """)
  }

  @Test("initial values become defaults, literals tell their type")
  func defaults() throws {
    try Golden.expect(
      "defaults",
      """
      @Model struct Counter {
        var id: ID = .auto
        var views = 0, likes = -1
        var ratio = 0.5
        var title = "none"
        var isOpen = true
        var token: UUID = UUID()
        var note: String? = "new"
        var first, last: String
        @Field(digits: (10, 2)) var price: Decimal = 0
        @Field(autoNowAdd: true) var createdAt: Date
        @Field(autoNow: true) var updatedAt: Date
        @Field(autoNow: true) var seenAt: Date?
        var settings: JSON<[String: Int]> = JSON([:])
        var hash: [UInt8] = []
        @Field(dbDefault: .currentTimestamp) var loggedAt: Optional<Date>
      }
      """)
  }

  @Test("what is not stored, or not a column, stays out of the table")
  func notColumns() throws {
    try Golden.expect(
      "not-columns",
      """
      @Model struct Page: CustomStringConvertible {
        enum Kind: String, Choices { case plain }
        static let limit = 10
        static var shared: Int { 1 }
        var id: ID
        var kind: Kind
        var slug: String { didSet { print(slug) } }
        @available(*, deprecated) private(set) var count: Int
        @Transient var score = 0.0
        @Transient var cache: [String]?
        @Transient let seed = Seed()
        @Transient var parts = Parts()
        @Transient @Clamped var level: Int = 3
        var description: String { slug }
        var isEmpty: Bool { get { slug.isEmpty } }
        func reset() {}
        init(slug: String) { self.init(kind: .plain, slug: slug, count: 0) }
      }
      """)
  }

  @Test("a nested model is extended by its full name, and keywords keep their backticks")
  func nested() throws {
    try Golden.expect(
      "nested",
      """
      enum Shop {
        @Model struct Item {
          var id: ID
          var `default`: Bool
          var `class`: Ref<Shop.Category>
          @HasMany var `in`: Many<Shop.Basket>
        }
      }
      """)
  }

  @Test("a struct that names the conformance itself gets an extension without it")
  func conforming() throws {
    let expansion = Expansion("@Model struct Tag: Model {\n  var id: ID\n}", conformances: [])
    #expect(expansion.text.contains("\nextension Tag {"))
    #expect(expansion.diagnostics.isEmpty)
  }

  @Test("the module gives the app label, in lower case", arguments: ["Blog": "blog", "MyShop": "myshop"])
  func app(_ module: String, _ label: String) {
    let expansion = Expansion("@Model struct BlogPost {\n  var id: ID\n}", module: module)
    #expect(expansion.text.contains("static var table: String { \"\(label)_blogpost\" }"))
    #expect(expansion.text.contains("app: \"\(label)\""))
  }

  @Test(
    "columns are named in snake_case, as MartletCore.Naming does",
    arguments: [
      "id": "id", "publishedAt": "published_at", "htmlURL": "html_url", "URLPath": "url_path", "isOK": "is_ok", "x2y": "x2y",
      "aB": "a_b", "HTTPServerError": "http_server_error", "_hidden": "_hidden", "_Hidden": "_hidden",
      "größeÄnderung": "größe_änderung",
      "utf8Text": "utf8_text", "already_snake": "already_snake", "ID": "id",
    ])
  func snakeCase(_ property: String, _ column: String) {
    #expect(ColumnNaming.snakeCase(property) == column)
  }
}
