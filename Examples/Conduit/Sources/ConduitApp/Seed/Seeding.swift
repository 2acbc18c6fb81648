import Martlet

// Bulk inserts: rows go in by the hundred, each batch in a transaction of its own, so that neither memory nor the time
// for which others wait grows with the size of the data.

/// Writes example data, part by part.
struct Seeding {
  let db: Database
  let console: Console
  private var text: SeedText
  /// Rows for each transaction.
  private static let batch = 250

  init(db: Database, console: Console, random: SeedRandom) {
    self.db = db
    self.console = console
    text = SeedText(random: random)
  }

  /// Users with their profiles.
  mutating func addUsers(_ count: Int, passwordHash: String) async throws -> [User] {
    let clock = SeedClock(questions: count), existing = try await User.query.count(db)
    return try await inBatches("users", count, clock) { range, text, tx in
      let users = range.map { number in
        let name = text.username(existing + number)
        return User(password: passwordHash, username: name, email: name + "@example.com")
      }
      let saved = try await User.insert(users, tx)
      let profiles = saved.map { user in
        let hasImage = text.random.chance(percent: 60)
        return Profile(
          user: Ref(user), bio: text.bio(), image: hasImage ? "https://example.com/avatars/\(user.username).png" : "")
      }
      try await Profile.insert(profiles, tx)
      return saved
    }
  }

  /// Everyone follows some of the others.
  mutating func addFollows(among people: [User]) async throws {
    try await inBatches("people following", people.count) { range, text, tx in
      let follows = range.flatMap { number in
        text.random.skewed(text.random.number(2...12), below: people.count).filter { $0 != number }
          .map { Follow(follower: Ref(people[number]), followed: Ref(people[$0])) }
      }
      return try await Follow.insert(follows, tx)
    }
  }

  /// Articles with their tags.
  mutating func addArticles(_ count: Int, by people: [User]) async throws -> [Article.ID] {
    // Two times a row: `createdAt` and `updatedAt`.
    let clock = SeedClock(questions: count * 2), existing = try await Article.query.count(db)
    return try await inBatches("articles", count, clock) { range, text, tx in
      var tags: [[String]] = []
      let articles = range.map { number in
        let draft = text.article()
        tags.append(draft.tags)
        return Article(
          slug: Slug.base(draft.title) + "-\(existing + number + 1)", title: draft.title, description: draft.description,
          body: draft.body, author: Ref(people[min(text.random.below(people.count), text.random.below(people.count))]))
      }
      let saved = try await Article.insert(articles, tx)
      for (article, names) in zip(saved, tags) { try await article.setTags(names, tx) }
      return saved.map(\.id)
    }
  }

  /// Comments, each on an article that was there at its time: the clocks of both walk through the same year, this one a
  /// step behind.
  mutating func addComments(_ count: Int, by people: [User], on articles: [Article.ID]) async throws {
    let clock = SeedClock(questions: count * 2, after: SeedClock.length / Int64(max(1, articles.count)))
    try await inBatches("comments", count, clock) { range, text, tx in
      let comments = range.map { number in
        let there = max(1, articles.count * number / count), age = min(text.random.below(there), text.random.below(there))
        return Comment(
          article: .id(articles[there - 1 - age]), author: Ref(text.random.pick(people)), body: text.comment())
      }
      return try await Comment.insert(comments, tx)
    }
  }

  /// Each article is liked by nobody, a few, or many.
  mutating func addFavorites(of articles: [Article.ID], by people: [User]) async throws {
    try await inBatches("articles liked", articles.count) { range, text, tx in
      let favorites = range.flatMap { number in
        let likes = text.random.below(text.random.number(1...25))
        return text.random.skewed(likes, below: people.count)
          .map { Favorite(user: Ref(people[$0]), article: .id(articles[number])) }
      }
      return try await Favorite.insert(favorites, tx)
    }
  }

  /// Calls `write` for a batch of numbers at a time, each time in a transaction, and shows how far it is.
  @discardableResult
  private mutating func inBatches<Row: Sendable>(
    _ label: String, _ count: Int, _ clock: SeedClock? = nil,
    write: @Sendable (Range<Int>, inout SeedText, Database) async throws -> [Row]
  ) async throws -> [Row] {
    let bar = console.progress(label, total: count)
    var all: [Row] = []
    for start in stride(from: 0, to: count, by: Self.batch) {
      let range = start..<min(start + Self.batch, count), before = text
      let (rows, after) = try await db.transaction { tx in
        var text = before
        return (try await write(range, &text, clock.map { tx.with(timeSource: $0.timeSource) } ?? tx), text)
      }
      all += rows
      text = after
      bar.advance(by: range.count)
    }
    return all
  }
}
