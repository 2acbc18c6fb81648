import Martlet

// The smallest model with an owner: its policy reads like the article's.

/// What a reader says about an article.
@Model(app: "conduit")
struct Comment {
  var id: ID
  var article: Ref<Article>
  var author: Ref<User>
  var body: String
  @Field(autoNowAdd: true) var createdAt: Date
  @Field(autoNow: true) var updatedAt: Date

  /// Everyone reads; authors write what is theirs, staff may take down.
  static let policy = Policy(Comment.self) {
    $0.allowAll(.read)
    $0.allow(.create, .update, .delete) { comment, viewer in comment.author.id == viewer.id }
    $0.allow(.delete) { _, viewer in viewer.isStaff }
  }
}
