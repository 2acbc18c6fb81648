import Martlet

// What clients send about articles, and its rules. A schema beside each type describes it at `/docs`.

struct NewArticle: Decodable {
  var article: Fields

  struct Fields: Decodable {
    var title: Given<String>
    var description: Given<String>
    var body: Given<String>
    var tagList: Given<[String]>

    func checked() throws -> (title: String, description: String, body: String, tags: [String]) {
      var check = InputCheck()
      let title = check.required(title, "title"), description = check.required(description, "description")
      let body = check.required(body, "body"), tags = check.tags(tagList)
      try check.finish()
      return (title, description, body, tags ?? [])
    }
  }
}

struct ArticleUpdate: Decodable {
  var article: Fields

  struct Fields: Decodable {
    var title: Given<String>
    var description: Given<String>
    var body: Given<String>
    var tagList: Given<[String]>

    func checked() throws -> (title: String?, description: String?, body: String?, tags: [String]?) {
      var check = InputCheck()
      let title = check.changed(title, "title"), description = check.changed(description, "description")
      let body = check.changed(body, "body"), tags = check.tags(tagList)
      try check.finish()
      return (title, description, body, tags)
    }
  }
}

extension NewArticle: SchemaDescribing {
  static var jsonSchema: JSONSchema { .object(["article": ArticleUpdate.fields(optional: ["tagList"])]) }
}

extension ArticleUpdate: SchemaDescribing {
  static var jsonSchema: JSONSchema { .object(["article": fields(optional: ["title", "description", "body", "tagList"])]) }

  static func fields(optional: Set<String>) -> JSONSchema {
    .object(
      [
        "title": .string(maxLength: 200), "description": .string(), "body": .string(),
        "tagList": .array(of: .string(maxLength: Tag.maxLength)),
      ], optional: optional)
  }
}
