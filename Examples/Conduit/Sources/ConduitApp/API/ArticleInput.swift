import Martlet

// What clients send about articles, and its rules: declared once, checked in the routes, described at `/docs`. Clients may
// send whole articles back, so what is not changed by them is passed over.

/// The body of `POST /articles`.
@Input struct NewArticle {
  var article: Fields

  @Input(unknownFields: .ignored) struct Fields {
    @Field(maxLength: 200) var title: String
    var description: String
    var body: String
    @Field(validate: .tagNames, transform: .trim) var tagList: [String] = []
  }
}

/// The body of `PUT /articles/{slug}`: what is not sent stays as it is.
@Input struct ArticleUpdate {
  var article: Fields

  @Input(unknownFields: .ignored) struct Fields {
    @Field(maxLength: 200) var title: Given<String>
    var description: Given<String>
    var body: Given<String>
    @Field(validate: .tagNames, transform: .trim) var tagList: Given<[String]>
  }
}

/// The body of `POST /articles/{slug}/comments`.
@Input struct NewComment {
  var comment: Fields

  @Input(unknownFields: .ignored) struct Fields { var body: String }
}

extension FieldRule {
  /// Each of them fits into a `Tag`.
  static let tagNames = FieldRule.each(.length(1...Tag.maxLength))
}
