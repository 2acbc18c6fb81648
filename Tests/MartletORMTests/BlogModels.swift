import Foundation
import MartletCore
import MartletORM
import MartletSQL

enum Status: String, Choices { case draft, published, archived }
enum Priority: Int, Choices { case low = 1, high = 2 }

@Model(table: "author", label: "Author")
struct Author {
  var id: ID
  @Field(maxLength: 80) var name: String
  @Field(maxLength: 200, unique: true) var email: String
  var isStaff: Bool = false
  @Field(secret: true) var password: String = ""
  @HasMany("author") var posts: Many<Post>
  @HasOne("owner") var card: One<Card>

  static let policy = Policy(Author.self) { $0.allowAll(.read) }
}

@Model(table: "card")
struct Card {
  var id: ID
  var text: String
  @OneToOne(onDelete: .cascade) var owner: Ref<Author>
}

@Model(table: "tag")
struct Tag {
  var id: ID
  @Field(maxLength: 40, unique: true) var name: String
  @ManyToMany(inverse: "tags") var posts: Many<Post>
}

@Model(table: "post", label: "Blog post")
struct Post {
  var id: ID
  @Field(maxLength: 200, help: "Shown in lists") var title: String
  @Field(maxLength: 200, unique: true) var slug: String
  var body: String = ""
  var status: Status = .draft
  var views: Int = 0
  @Relation(onDelete: .cascade) var author: Ref<Author>
  @Relation(onDelete: .setNull) var editor: Ref<Author>?
  @Field(index: true) var publishedAt: Date?
  @HasMany var comments: Many<Comment>
  @ManyToMany var tags: Many<Tag>

  static let constraints = MartletORM.constraints(Post.self) {
    index($0.status, $0.publishedAt)
    check("views_not_negative", $0.views >= 0)
  }
  static let policy = Policy(Post.self) {
    $0.allow(.read) { post, viewer in post.status == .published || post.author.id == viewer.id }
    $0.allow(.create, .update) { post, viewer in post.author.id == viewer.id && !post.author.isStaff }
    $0.allow(.delete) { post, viewer in viewer.isStaff || post.editor.id == viewer.id }
  }
}

@Model(table: "comment")
struct Comment {
  var id: ID
  var text: String
  var approved: Bool = false
  var post: Ref<Post>
  @HasMany("parent") var replies: Many<Comment>
  @Relation(onDelete: .setNull) var parent: Ref<Comment>?
}

/// Many-to-many with a model of its own in between, and text and UUID keys.
@Model(table: "club", key: .text)
struct Club {
  @Field(maxLength: 20) var id: ID
  var title: String
  @ManyToMany(through: Membership.self, from: "club", to: "person") var members: Many<Author>
}
@Model(table: "membership", key: .uuidV7)
struct Membership {
  var id: ID
  var club: Ref<Club>
  var person: Ref<Author>
  @Field(autoNowAdd: true) var joinedAt: Date
  static let constraints = MartletORM.constraints(Membership.self) { unique($0.club.id, $0.person.id) }
}

/// Every type that a column can have.
@Model(table: "everything", key: .uuidV4)
struct Everything {
  struct Settings: Codable, Hashable, Sendable {
    var theme: String
    var sizes: [Int]
  }
  var id: ID
  var small: Int16 = 0
  var medium: Int32 = 0
  var large: Int64 = 0
  var flag: Bool = false
  var ratio: Double = 0
  @Field(digits: (12, 4)) var price: Decimal = 0
  var text: String = ""
  var bytes: [UInt8] = []
  var token: UUID?
  var moment: Date?
  var day: CalendarDate?
  var clock: TimeOfDay?
  var length: Duration = .zero
  var settings: JSON<Settings>?
  var priority: Priority = .low
  @Field(dbDefault: .text("from the database")) var filled: String?
  @Field(autoNow: true) var changedAt: Date
  @Transient var note: String = "not a column"
}
