import Foundation
import MartletCore
import MartletORM
import MartletSQL

enum Stage: String, Choices { case draft, published, archived }
enum Urgency: Int, Choices { case low = 1, high = 2 }

@Model(table: "writer")
struct Writer {
  var id: ID
  @Field(maxLength: 80) var name: String
  @Field(maxLength: 120, unique: true) var email: String
  @Field(secret: true) var password: String = "hash"
  var isShy: Bool = false

  static let policy = Policy(Writer.self) {
    $0.allow(.read) { writer, viewer in writer.isShy == false || viewer.isStaff }
    $0.allow(.update) { writer, viewer in writer.id == viewer.id }
  }
}

@Model(table: "article", label: "article")
struct Article {
  var id: ID
  @Field(maxLength: 40, help: "Shown in lists") var title: String
  @Field(maxLength: 40, unique: true) var slug: String
  var body: String = ""
  var status: Stage = .draft
  var views: Int32 = 0
  @Field(hidden: true) var score: Int = 7
  @Relation(onDelete: .cascade) var author: Ref<Writer>
  @Relation(onDelete: .setNull) var editor: Ref<Writer>?
  @Field(index: true) var publishedAt: Date?
  @Field(autoNowAdd: true) var createdAt: Date

  static let constraints = MartletORM.constraints(Article.self) { check("views_not_negative", $0.views >= 0) }
  static let policy = Policy(Article.self) {
    $0.allow(.read) { article, viewer in article.status == .published || article.author.id == viewer.id || viewer.isStaff }
    $0.allow(.create) { article, viewer in article.author.id == viewer.id }
    $0.allow(.update) { article, viewer in article.author.id == viewer.id && article.status != .archived }
    $0.allow(.delete) { article, viewer in viewer.isStaff || article.author.id == viewer.id }
  }
}

/// Whose rule needs a row that is not in memory: only the article's author comments, or anyone on published ones.
@Model(table: "remark")
struct Remark {
  var id: ID
  var text: String
  @Relation(onDelete: .restrict) var article: Ref<Article>
  @Field(maxLength: 20) var kind: String = "plain"

  static let constraints = MartletORM.constraints(Remark.self) { unique($0.article.id, $0.kind) }
  static let policy = Policy(Remark.self) {
    $0.allow(.read) { remark, _ in remark.article.status == .published }
    $0.allow(.create) { remark, viewer in viewer.isAuthenticated && remark.article.views < 1000 }
  }
}

/// Nobody wrote a policy.
@Model(table: "memo")
struct Memo {
  var id: ID
  var text: String
}

/// Text keys, given by the app.
@Model(table: "country", key: .text)
struct Country {
  @Field(maxLength: 2) var id: ID
  var name: String
  static let policy = Policy(Country.self) { $0.allowAll(.read, .create, .update, .delete) }
}

/// Every type that a column can have.
@Model(table: "thing", key: .uuidV7)
struct Thing {
  struct Shape: Codable, Hashable, Sendable {
    var sides: Int
    var name: String
  }
  var id: ID
  var small: Int16 = 0
  var medium: Int32 = 0
  var large: Int64 = 0
  var flag: Bool = false
  var ratio: Double = 0
  @Field(digits: (6, 2)) var price: Decimal = 0
  @Field(maxLength: 5) var code: String?
  var bytes: [UInt8] = []
  var token: UUID?
  var moment: Date?
  var day: CalendarDate?
  var clock: TimeOfDay?
  var length: Duration = .zero
  var shape: JSON<Shape>?
  var urgency: Urgency = .low
  @Field(editable: false) var revision: Int = 1
  @Field(autoNow: true) var changedAt: Date

  static let policy = Policy(Thing.self) { $0.allowAll(.read, .create, .update, .delete) }
}
