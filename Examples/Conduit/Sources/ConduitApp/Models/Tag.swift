import Martlet

// The far side of a many-to-many relation: `Article.tags` owns the link table, `Tag.articles` looks back through it.

/// A word that articles are found by.
@Model(app: "conduit")
struct Tag {
  var id: ID
  @Field(maxLength: Tag.maxLength, unique: true) var name: String
  @ManyToMany(inverse: "tags") var articles: Many<Article>

  static let maxLength = 50

  /// Everyone reads; tags come into being with articles, so nobody writes them directly.
  static let policy = Policy(Tag.self) {
    $0.allowAll(.read)
  }
}
