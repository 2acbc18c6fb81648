import Foundation
import MartletCore
import MartletORM
import MartletSQL
import TestDatabases
import Testing

@Suite("JSON from rows, at random", .serialized) struct ReadPropertyTests {
  private static let isSoak = ProcessInfo.processInfo.environment["MARTLET_SOAK"] == "1"

  @Test("a cell of every type is written as its value is, byte for byte", arguments: TestDatabaseKind.allCases)
  func everyType(_ kind: TestDatabaseKind) async throws {
    let db = try await blog([Extreme.self], on: kind), seed = UInt64.random(in: 0...UInt64.max)
    var random = ExtremeValues(seed, db.dialect)
    try await Extreme.insert((0..<(Self.isSoak ? 10_000 : 400)).map { _ in try random.row() }, db)
    let query = Extreme.query.order { $0.id.asc }
    let rows = try await query.json(db) { row, json in
      json.columns(Extreme.schema, at: row.joinPath, Set(Extreme.schema.columns.indices))
    }
    let values = try await query.all(db)
    #expect(rows.count == values.count)
    for (index, value) in values.enumerated() {
      var expected = JSONWriter(), found = JSONWriter()
      expected.object { $0.columns(of: value, Set(Extreme.schema.columns.indices)) }
      rows.write(index, to: &found)
      #expect(found.text == expected.text, "seed \(seed), row \(index)")
    }
  }

  @Test(
    "a random tree of columns, joined rows, lists and counts is written as the loaded models are, byte for byte",
    arguments: TestDatabaseKind.allCases)
  func trees(_ kind: TestDatabaseKind) async throws {
    let db = try await blog(on: kind), seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededGenerator(seed: seed)
    var content = RandomBlog(using: &random)
    try await content.insert(db)
    for round in 0..<(Self.isSoak ? 400 : 60) {
      let tree = ReadTree.Post(using: &random)
      var query = Post.query.order { $0.id.asc }
      if Bool.random(using: &random) { query = query.filter { $0.views > 3 } }
      if Bool.random(using: &random) { query = query.limit(Int.random(in: 0...9, using: &random)) }
      let rows = try await query.json(db) { post, json in tree.shape(post, &json) }
      let models = try await tree.load(query).all(db)
      var expected = JSONWriter()
      try expected.array { json in for model in models { try tree.write(model, to: &json) } }
      #expect(String(decoding: rows.bytes, as: UTF8.self) == expected.text, "seed \(seed), round \(round), \(tree)")
    }
  }
}

/// Authors, posts, comments and tags: some without any, texts of all kinds.
private struct RandomBlog {
  var random: SeededGenerator
  init(using random: inout SeededGenerator) { self.random = SeededGenerator(seed: random.next()) }

  mutating func text() -> String {
    let pieces = ["a", "ß", "\"", "\\", "\n", "\u{1}", "/", "é", "日本", "👩‍🚀", "\u{2028}", "</script>", " ", "0"]
    return (0..<Int.random(in: 0...12, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
  }

  mutating func insert(_ db: Database) async throws {
    var authors: [Author] = [], posts: [Post] = [], comments: [Comment] = []
    for n in 0..<6 { authors.append(Author(name: text(), email: "\(n)@x", isStaff: Bool.random(using: &random))) }
    authors = try await Author.insert(authors, db)
    for author in authors where Bool.random(using: &random) { try await Card(text: text(), owner: Ref(author)).insert(db) }
    let tags = try await Tag.insert((0..<5).map { Tag(name: "tag \($0)") }, db)
    for n in 0..<14 {
      posts.append(
        Post(
          title: text(), slug: "s\(n)", body: text(), status: Status.allCases.randomElement(using: &random) ?? .draft,
          views: Int.random(in: 0...9, using: &random), author: Ref(authors[Int.random(in: 0..<6, using: &random)]),
          editor: Bool.random(using: &random) ? Ref(authors[Int.random(in: 0..<6, using: &random)]) : nil,
          publishedAt: Bool.random(using: &random)
            ? Date(microsecondsSince1970: Int64.random(in: 0...2_000_000_000_000_000, using: &random)) : nil))
    }
    posts = try await Post.insert(posts, db)
    for post in posts.dropLast(3) {
      for _ in 0..<Int.random(in: 0...5, using: &random) {
        comments.append(Comment(text: text(), approved: Bool.random(using: &random), post: Ref(post)))
      }
      let some = tags.filter { _ in Bool.random(using: &random) }
      try await post.add(some, to: { $0.tags }, db)
    }
    let saved = try await Comment.insert(comments, db)
    for comment in saved where Int.random(in: 0...2, using: &random) == 0 {
      var changed = comment
      changed.parent = saved.randomElement(using: &random).map { Ref($0) }
      try await changed.save(db, changedFrom: comment)
    }
  }
}

extension JSONShape {
  /// Some columns of a row, by their places.
  mutating func columns(_ schema: ModelSchema, at path: Path, _ indexes: Set<Int>) {
    for index in indexes.sorted() {
      guard let codec = schema.columns[index].cell else { continue }
      shape.members.append(
        .init(schema.columns[index].property, .value(.column(ColumnReference(path: path, index: index)), codec)))
    }
  }
}

extension JSONWriter {
  /// The same columns of a model.
  mutating func columns<M: Model>(of row: M, _ indexes: Set<Int>) {
    for index in indexes.sorted() {
      key(M.schema.columns[index].property)
      value(row.columnValue(at: index))
    }
  }
}
