import Foundation
import MartletCore
import MartletORM
import MartletSQL

/// Random trees of what to read, each in three forms: as a shape, as what a query has to load, and as what the loaded models
/// become.
enum ReadTree {
  static func columns(_ schema: ModelSchema, using random: inout SeededGenerator) -> Set<Int> {
    Set(schema.columns.indices.filter { _ in Bool.random(using: &random) })
  }

  /// How a list is filtered, ordered and cut.
  struct Cut {
    var approvedOnly: Bool
    var descending: Bool
    var limit: Int?
    init(using random: inout SeededGenerator) {
      approvedOnly = Bool.random(using: &random)
      descending = Bool.random(using: &random)
      limit = Bool.random(using: &random) ? Int.random(in: 0...3, using: &random) : nil
    }
  }

  struct Author {
    var columns: Set<Int>
    /// Its posts, the newest two, as columns.
    var posts: Set<Int>?

    init(using random: inout SeededGenerator) {
      columns = ReadTree.columns(MartletORMTests.Author.schema, using: &random)
      if Bool.random(using: &random) { posts = ReadTree.columns(MartletORMTests.Post.schema, using: &random) }
    }
    func related(_ author: MartletORMTests.Author.Fields) -> Related<MartletORMTests.Author, MartletORMTests.Post> {
      author.posts.order { $0.id.desc }.limit(2)
    }
    func shape(_ author: MartletORMTests.Author.Fields, _ json: inout JSONShape) {
      json.columns(MartletORMTests.Author.schema, at: author.joinPath, columns)
      guard let posts else { return }
      json.list("posts", related(author)) { post, json in
        json.columns(MartletORMTests.Post.schema, at: post.joinPath, posts)
      }
    }
    func write(_ author: MartletORMTests.Author, to json: inout JSONWriter) throws {
      try json.object { json in
        json.columns(of: author, columns)
        guard let posts else { return }
        json.key("posts")
        try json.array { json in for post in try author.posts.get() { json.object { $0.columns(of: post, posts) } } }
      }
    }
  }

  struct Comment {
    var columns: Set<Int>
    var cut: Cut
    var replies: Bool
    var parent: Set<Int>?

    init(using random: inout SeededGenerator) {
      columns = ReadTree.columns(MartletORMTests.Comment.schema, using: &random)
      cut = Cut(using: &random)
      replies = Bool.random(using: &random)
      if Bool.random(using: &random) { parent = ReadTree.columns(MartletORMTests.Comment.schema, using: &random) }
    }
    func related(_ post: MartletORMTests.Post.Fields) -> Related<MartletORMTests.Post, MartletORMTests.Comment> {
      var related = post.comments
      if cut.approvedOnly { related = related.filter { $0.approved } }
      if cut.descending { related = related.order { $0.id.desc } }
      if let limit = cut.limit { related = related.limit(limit) }
      return related
    }
    func shape(_ comment: MartletORMTests.Comment.Fields, _ json: inout JSONShape) {
      let schema = MartletORMTests.Comment.schema
      json.columns(schema, at: comment.joinPath, columns)
      if let parent { json.object("parentRow", comment.parent) { row, json in json.columns(schema, at: row.joinPath, parent) } }
      if replies { json.values("replies", comment.replies.order { $0.id.asc }) { $0.text } }
    }
    func load(_ related: Related<MartletORMTests.Post, MartletORMTests.Comment>)
      -> Related<MartletORMTests.Post, MartletORMTests.Comment>
    {
      var related = related
      if parent != nil { related = related.with { $0.parent } }
      if replies { related = related.with { $0.replies.order { $0.id.asc } } }
      return related
    }
    func write(_ comment: MartletORMTests.Comment, to json: inout JSONWriter) throws {
      try json.object { json in
        json.columns(of: comment, columns)
        if let parent {
          json.key("parentRow")
          if let row = try comment.parent?.get() { json.object { $0.columns(of: row, parent) } } else { json.null() }
        }
        guard replies else { return }
        json.key("replies")
        try json.array { json in for reply in try comment.replies.get() { json.string(reply.text) } }
      }
    }
  }

  struct Post {
    var columns: Set<Int>
    var author: Author?
    var editor: Set<Int>?
    var comments: Comment?
    var tags: Set<Int>?

    init(using random: inout SeededGenerator) {
      columns = ReadTree.columns(MartletORMTests.Post.schema, using: &random)
      if Bool.random(using: &random) { author = Author(using: &random) }
      if Bool.random(using: &random) { editor = ReadTree.columns(MartletORMTests.Author.schema, using: &random) }
      if Bool.random(using: &random) { comments = Comment(using: &random) }
      if Bool.random(using: &random) { tags = ReadTree.columns(MartletORMTests.Tag.schema, using: &random) }
    }
    func shape(_ post: MartletORMTests.Post.Fields, _ json: inout JSONShape) {
      json.columns(MartletORMTests.Post.schema, at: post.joinPath, columns)
      if let author { json.object("authorRow", post.author) { row, json in author.shape(row, &json) } }
      if let editor {
        json.object("editorRow", post.editor) { row, json in
          json.columns(MartletORMTests.Author.schema, at: row.joinPath, editor)
        }
      }
      if let comments {
        json.object("more") { json in
          json.list("comments", comments.related(post)) { comment, json in comments.shape(comment, &json) }
        }
      }
      if let tags {
        json.list("tags", post.tags.order { $0.name.desc }) { tag, json in
          json.columns(MartletORMTests.Tag.schema, at: tag.joinPath, tags)
        }
      }
    }
    func load(_ query: Query<MartletORMTests.Post>) -> Query<MartletORMTests.Post> {
      var query = query
      if let author {
        query = query.with { $0.author }
        if author.posts != nil { query = query.with { author.related($0.author) } }
      }
      if editor != nil { query = query.with { $0.editor } }
      if let comments { query = query.with { comments.load(comments.related($0)) } }
      if tags != nil { query = query.with { $0.tags.order { $0.name.desc } } }
      return query
    }
    func write(_ post: MartletORMTests.Post, to json: inout JSONWriter) throws {
      try json.object { json in
        json.columns(of: post, columns)
        if let author {
          json.key("authorRow")
          try author.write(post.author.get(), to: &json)
        }
        if let editor {
          json.key("editorRow")
          if let row = try post.editor?.get() { json.object { $0.columns(of: row, editor) } } else { json.null() }
        }
        if let comments {
          json.key("more")
          try json.object { json in
            json.key("comments")
            try json.array { json in for comment in try post.comments.get() { try comments.write(comment, to: &json) } }
          }
        }
        guard let tags else { return }
        json.key("tags")
        try json.array { json in for tag in try post.tags.get() { json.object { $0.columns(of: tag, tags) } } }
      }
    }
  }
}
