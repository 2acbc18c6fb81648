import Testing

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
  @Test("a model without id is told to add one")
  func noID() throws {
    try Golden.expect("no-id", "@Model struct Post {\n  var title: String\n}")
  }
}
