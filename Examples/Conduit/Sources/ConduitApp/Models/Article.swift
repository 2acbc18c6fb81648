import Martlet

// What Conduit is about. Shows columns with limits, times that keep themselves, a foreign key, a many-to-many
// relation, rows that point back, an index, and a policy.

/// An article.
@Model(app: "conduit")
struct Article {
  var id: ID
  @Field(maxLength: 255, unique: true, help: "The article's name in URLs") var slug: String
  @Field(maxLength: 200) var title: String
  var description: String
  var body: String
  var author: Ref<User>
  @ManyToMany var tags: Many<Tag>
  @Field(autoNowAdd: true) var createdAt: Date
  @Field(autoNow: true) var updatedAt: Date
  @HasMany var comments: Many<Comment>
  @HasMany var favorites: Many<Favorite>

  /// Lists are newest first.
  static let constraints = Martlet.constraints(Article.self) {
    index($0.createdAt.desc, $0.id.desc)
  }

  /// One rule for both APIs: everyone reads, authors write what is theirs, staff may take down.
  static let policy = Policy(Article.self) {
    $0.allowAll(.read)
    $0.allow(.create, .update, .delete) { article, viewer in article.author.id == viewer.id }
    $0.allow(.delete) { _, viewer in viewer.isStaff }
  }
}
