import Testing

@testable import MartletMacros

/// A source with a mistake, and the name of its golden.
struct Case: CustomTestStringConvertible, Sendable {
  let name: String, source: String
  var testDescription: String { name }

  /// A whole file.
  init(_ name: String, file: String) {
    self.name = name
    source = file
  }
  /// A model with these properties besides its `id`.
  init(_ name: String, _ properties: String) {
    self.init(name, file: "@Model struct Post {\n  var id: ID\n  \(properties.replacing("\n", with: "\n  "))\n}")
  }
}

@Suite("What @Model reports")
struct MistakeTests {
  @Test(
    "a model is a plain struct with an id",
    arguments: [
      Case("class", file: "@Model final class Post {\n  var id: ID\n}"),
      Case("enum", file: "@Model enum Post {\n  case a\n}"),
      Case("generic", file: "@Model struct Post<Body> {\n  var id: ID\n}"),
      Case("no-id", file: "@Model public struct Post {\n  public var title: String\n}"),
      Case("id-int", file: "@Model struct Post {\n  var id: Int\n}"),
      Case("id-uuid", file: "@Model struct Post {\n  var id: UUID = UUID()\n}"),
      Case("id-optional", file: "@Model struct Post {\n  var id: ID?\n}"),
      Case("id-let", file: "@Model struct Post {\n  let id: ID\n}"),
      Case("id-transient", file: "@Model struct Post {\n  @Transient var id: ID = .auto\n}"),
      Case("key-of-one", file: "@Model struct Post {\n  @Field(primaryKey: true) var number: Int\n}"),
      Case("key-beside-id", "@Field(primaryKey: true) var number: Int\n@Field(primaryKey: true) var other: Int"),
      Case(
        "key-parts",
        file: "@Model(key: .text) struct Post {\n  @Field(primaryKey: true) var shop: Ref<Shop>?\n"
          + "  @Field(primaryKey: true, generated: .stored) var number: Int = 0\n  @ManyToMany var tags: Many<Tag>\n}"),
      Case("conditional", file: "@Model struct Post {\n  var id: ID\n  #if DEBUG\n  var note: String\n  #endif\n}"),
    ])
  func structs(_ example: Case) throws { try example.expectMistake() }

  @Test(
    "the arguments of @Model are readable where they stand",
    arguments: [
      Case("key-computed", file: "@Model(key: Settings.keys) struct Post {\n  var id: ID\n}"),
      Case("key-variable", file: "@Model(key: kind) struct Post {\n  var id: ID\n}"),
      Case("table-computed", file: "@Model(app: \"\", table: prefix + \"posts\") struct Post {\n  var id: ID\n}"),
    ])
  func arguments(_ example: Case) throws { try example.expectMistake() }

  @Test(
    "a property is a variable with a name and a type of its own",
    arguments: [
      Case("let", "let title: String"),
      Case("lazy", "lazy var title: String = \"a\""),
      Case("weak", "weak var owner: Owner?"),
      Case("no-type", "var token = UUID()\nvar words = names.count"),
      Case("tuple-pattern", "var (x, y) = (1, 2)"),
      Case("reserved-names", "var joinPath: String\nvar columnValue: Int\nvar `self`: Int"),
      Case("django-names", "var pk: Int\nvar a__b: Int\nvar class_: String"),
      Case(
        "duplicate-columns",
        "var authorId: Int\nvar author: Ref<User>\n@Field(column: \"Title\") var name: String\nvar title: String"),
    ])
  func properties(_ example: Case) throws { try example.expectMistake() }

  @Test(
    "a column holds one value",
    arguments: [
      Case("tuple", "var place: (Double, Double)"),
      Case("closure", "var action: () -> Void\nvar other: (@Sendable () -> Void)?"),
      Case("existential", "var value: any Codable\nvar other: some Equatable"),
      Case("array-of-models", "var comments: [Comment]\nvar likes: Set<Like> = []"),
      Case("dictionary", "var settings: [String: Int]\nvar more: Dictionary<String, Int>?"),
      Case("unwrapped", "var title: String!\nvar name: String??"),
      Case("optional-many", "@HasMany var comments: Many<Comment>?\n@HasOne var profile: One<Profile>?"),
    ])
  func types(_ example: Case) throws { try example.expectMistake() }

  @Test(
    "attributes stand where they mean something",
    arguments: [
      Case("many-without-attribute", "var comments: Many<Comment>"),
      Case("one-without-attribute", "var profile: One<Profile>"),
      Case("relation-on-value", "@Relation(onDelete: .cascade) var author: User\n@OneToOne var editor: Int"),
      Case(
        "has-many-on-value",
        "@HasMany var comments: Comment\n@ManyToMany var tag: Ref<Tag>\n@HasOne var x: Many<X>\n@HasMany var y: One<Y>"),
      Case("field-on-many", "@HasMany @Field(label: \"x\") var comments: Many<Comment>"),
      Case("two-relations", "@Relation @OneToOne var author: Ref<User>\n@HasMany @ManyToMany var tags: Many<Tag>"),
      Case("misspelled", "@Feild(maxLength: 3) var title: String\n@Relations var author: Ref<User>\n@transient var x = 1"),
      Case("property-wrapper", "@Clamped(0...1) var level: Double\n@Martlet.Field(index: true) var fine: Int"),
      Case("transient", "@Transient var cache: String\n@Transient @Field(index: true) var other: Int = 1"),
      Case("computed", "@Field(index: true) var double: Int { 2 }\n@HasMany static var all: Many<Post> = .init()"),
    ])
  func attributes(_ example: Case) throws { try example.expectMistake() }

  @Test(
    "relations can work as they are declared",
    arguments: [
      Case(
        "set-null",
        "@Relation(onDelete: .setNull) var author: Ref<User>\n@OneToOne(onDelete: OnDelete.setNull) var page: Ref<Page>"),
      Case(
        "reference-columns",
        "var shop: Ref<Shop>\nvar number: Int\n@Relation(columns: [\"shop\", \"nubmer\"]) var a: One<Order>\n"
          + "@Relation(columns: [\"shop\"]) var b: One<Order>\n@Relation(columns: names) var c: One<Order>\n"
          + "@Relation(columns: [\"shop\", \"number\"], onDelete: .setNull) var d: One<Order>\n"
          + "@Relation(columns: [\"shop\", \"number\"]) var e: Ref<Order>"),
      Case("through-and-table", "@ManyToMany(table: \"x\", through: Link.self) var tags: Many<Tag>"),
      Case("inverse-and-table", "@ManyToMany(table: \"x\", inverse: \"posts\") var tags: Many<Tag>"),
      Case("inverse-and-through", "@ManyToMany(through: Link.self, inverse: \"posts\") var tags: Many<Tag>"),
      Case("no-model", "var author: Ref<String>?\n@HasMany var tags: Many<[Tag]>\n@HasOne var x: One<JSON<Int>>"),
      Case("from-without-through", "@ManyToMany(from: \"a\", to: \"b\") var tags: Many<Tag>"),
      Case("key-path", "@HasMany(\\Comment.post) var comments: Many<Comment>\n@HasMany(name) var others: Many<Comment>"),
      Case("no-property-name", "@HasMany(\"post.author\") var comments: Many<Comment>\n@HasOne(\"\") var profile: One<Profile>"),
    ])
  func relations(_ example: Case) throws { try example.expectMistake() }

  @Test(
    "settings fit the column's type and each other",
    arguments: [
      Case(
        "max-length",
        "@Field(maxLength: 20) var age: Int\n@Field(maxLength: 0) var title: String\n@Field(index: true, maxLength: 9) var author: Ref<User>"
      ),
      Case(
        "rules-wrong",
        """
        @Field(validate: .email) var age: Int
        @Field(maxLength: 9, validate: [.slug, .range(1...5).message("no")]) var isOpen: Bool?
        @Field(validate: .pattern("^a$")) var tags: [String]
        @Field(validate: [.items(1...3), FieldRule.each(.slug)]) var names: String
        @Field(validate: .multipleOf(2)) var note: String
        @Field(validate: .url) var author: Ref<User>
        @Field(validate: .min(1), generated: .stored) var total: Int = 0
        @Field(transform: .trim) var count: Int
        """),
      Case("digits", "@Field(digits: (10, 2)) var price: Double\n@Field(digits: (2, 3)) var rate: Decimal"),
      Case("auto-now", "@Field(autoNow: true) var createdAt: Int\n@Field(label: \"x\", autoNowAdd: true) var day: CalendarDate"),
      Case("both-clocks", "@Field(autoNow: true, autoNowAdd: true) var at: Date"),
      Case(
        "generated-wrong",
        "@Field(generated: .stored) var total: Int\n@Field(dbDefault: .int(1), generated: .virtual) var count: Int = 1\n"
          + "@Field(generated: .stored) var author: Ref<User>"),
      Case("unique-index", "@Field(unique: true, index: true) var slug: String"),
      Case("unique-bool", "@Field(unique: true) var isDefault: Bool\n@Field(help: \"x\", unique: true) var isMain: Bool?"),
      Case(
        "column-name",
        "@Field(column: prefix) var title: String\n@Field(column: \"\") var name: String\n@Field(column: \"a\\(1)\") var x: String"
      ),
    ])
  func settings(_ example: Case) throws { try example.expectMistake() }

  @Test("maxLength and digits are allowed on types the macro does not know")
  func unknownTypes() {
    let expansion = Expansion(
      """
      @Model struct Post {
        var id: ID
        @Field(maxLength: 10) var status: Status
        @Field(digits: (12, 2)) var price: Money
        @Field(autoNow: true) var at: Timestamp
        @Field(column: "x", autoNow: false) var count: Int
      }
      """)
    #expect(expansion.diagnostics.isEmpty)
  }

  @Test("a text key may have a maxLength, other keys not")
  func keyLength() {
    let source = " struct Session {\n  @Field(maxLength: 40) var id: ID\n}"
    #expect(Expansion("@Model(key: .text)" + source).diagnostics.isEmpty)
    #expect(Expansion("@Model" + source).diagnostics.hasPrefix("2:10: error: maxLength is for String, and 'id' is ID\n"))
  }

  @Test("without a module the app label has to be written")
  func noModule() {
    let source = "struct Post {\n  var id: ID\n}"
    #expect(Expansion("@Model " + source, module: nil).diagnostics.hasPrefix("1:1: error: the module of 'Post' is unknown"))
    #expect(Expansion("@Model(app: \"blog\") " + source, module: nil).diagnostics.isEmpty)
  }

  @Test("a misspelling is at most a third of the letters and at most two, a swap counts once, case not at all")
  func misspellings() {
    #expect(MarkerKind.nearest(to: "Feild") == .field)
    #expect(MarkerKind.nearest(to: "OneToMany") == nil)
    #expect(MarkerKind.nearest(to: "HasMnay") == .hasMany)
    #expect(MarkerKind.nearest(to: "ManytoMany") == .manyToMany)
    #expect(MarkerKind.nearest(to: "Published") == nil)
    #expect(MarkerKind.nearest(to: "available") == nil)
    #expect(MarkerKind.nearest(to: "File") == nil)
    #expect(editDistance("", "abc") == 3)
    #expect(editDistance("kitten", "sitting") == 3)
  }
}

extension Case {
  /// Reports something, and exactly what the golden holds.
  func expectMistake() throws {
    #expect(!Expansion(source).diagnostics.isEmpty)
    try Golden.expect(name, source)
  }
}
