// The RealWorld script through the generated client, compiled beside it by swiftc.
import Foundation

struct Wrong: Error, CustomStringConvertible { var description: String }

func same<T: Equatable>(_ actual: T, _ expected: T, _ what: String) throws {
  guard actual == expected else { throw Wrong(description: "\(what) is \(actual), expected \(expected)") }
}
@MainActor func refused(_ call: @MainActor () async throws(APIError) -> some Any) async throws -> APIError {
  do { _ = try await call() } catch {
    guard error.kind == .refused else { throw error }
    return error
  }
  throw Wrong(description: "the call should have been refused")
}

let api = Client(baseURL: CommandLine.arguments[1])
let run = String(UInt32.random(in: 0...UInt32.max), radix: 36)

struct Names {
  private var number = 0
  mutating func fresh(_ prefix: String) -> String {
    number += 1
    return "\(prefix)-\(run)-s\(number)"
  }
}
var names = Names()

struct Person {
  var username: String, email: String, password = "correct horse battery"
  var api: Client
}
@MainActor func register(_ prefix: String) async throws -> Person {
  let username = names.fresh(prefix), email = "\(username)@example.com"
  let user = try await api.createUser(.init(user: .init(username: username, email: email, password: "correct horse battery")))
    .user
  return Person(username: username, email: email, api: api.with(Credentials(token: Secret(user.token))))
}
@MainActor func write(_ person: Person, tags: [String] = []) async throws -> ArticleAnswerArticle {
  try await person.api.createArticle(
    .init(article: .init(title: names.fresh("A title"), description: "In short", body: "At length", tagList: tags))
  ).article
}

var failed = 0
@MainActor func check(_ name: String, _ body: @MainActor () async throws -> Void) async {
  do {
    try await body()
    print("passed  \(name)")
  } catch {
    failed += 1
    print("FAILED  \(name)\n        \(error)")
  }
}

await check("a user registers, logs in and reads themselves") {
  let person = try await register("new")
  let token = try await api.login(.init(user: .init(email: person.email, password: person.password))).user.token
  let me = try await api.with(Credentials(token: Secret { token })).getCurrentUser().user
  try same([me.username, me.bio, me.image], [person.username, nil, nil], "the current user")
}

await check("a user changes what they say about themselves") {
  let person = try await register("changing")
  let user = try await person.api.updateCurrentUser(.init(user: .init(bio: .init("I write")))).user
  try same([user.bio, user.username], ["I write", person.username], "the user")
  try same(try await api.getProfile(username: person.username).profile.bio, "I write", "the profile's bio")
}

await check("errors are typed, and say their fields") {
  let person = try await register("typed")
  do throws(APIError) {
    _ = try await api.login(.init(user: .init(email: person.email, password: "wrong")))
    throw APIError(kind: .undecodable, call: "the wrong password was taken")
  } catch {
    try same(error.status, 401, "the status")
    try same(error.errorAnswer?.errors, ["credentials": ["invalid"]], "the errors")
  }
  let missing = try await refused { () async throws(APIError) in try await api.retrieveArticles(id: 0) }
  try same(missing.problem?.type, "/problems/not-found", "the problem's type")
  let taken = try await refused { () async throws(APIError) in
    try await api.createUser(.init(user: .init(username: person.username, email: "x-\(person.email)", password: "x")))
  }
  try same(taken.fields, ["username": ["has already been taken"]], "the fields")
}

await check("who does not log in is refused") {
  let error = try await refused { () async throws(APIError) in try await api.getCurrentUser() }
  try same(error.fields, ["token": ["is missing"]], "the fields")
  let stranger = api.with(Credentials(token: "nonsense"))
  try same(
    try await refused { () async throws(APIError) in try await stranger.getArticles() }.status, 401, "a wrong token's status")
}

await check("an article is written, read, changed and deleted") {
  let author = try await register("author")
  let article = try await write(author, tags: [names.fresh("tag")])
  try same(try await api.getArticle(slug: article.slug).article, article, "the article as read back")
  let changed = try await author.api.updateArticle(slug: article.slug, .init(article: .init(body: "New"))).article
  try same([changed.body, changed.title], ["New", article.title], "the changed article")
  try same(changed.tagList, article.tagList, "the tags")
  try await author.api.deleteArticle(slug: changed.slug)
  try same(
    try await refused { () async throws(APIError) in try await api.getArticle(slug: changed.slug) }.status, 404, "the status")
}

await check("texts of any script, and slugs that need escaping, survive") {
  let author = try await register("author")
  let title = "测试 “\(names.fresh("q"))” a/b?c#d%2f", body = "naïve 𝒳 \u{2028} \"quoted\" \\ \n end"
  let article = try await author.api.createArticle(.init(article: .init(title: title, description: "d", body: body))).article
  let read = try await api.getArticle(slug: article.slug).article
  try same([read.title, read.body], [title, body], "the article")
  try same(try await refused { () async throws(APIError) in try await api.getArticle(slug: "a/b?c#d%2f") }.status, 404, "no slug")
  do throws(APIError) {
    _ = try await api.getArticle(slug: "..")
    throw APIError(kind: .refused, call: "a slug of dots was sent")
  } catch { try same(error.kind, .undecodable, "a slug of dots") }
}

await check("only the author changes an article") {
  let author = try await register("author"), stranger = try await register("stranger")
  let slug = try await write(author).slug
  let error = try await refused { () async throws(APIError) in
    try await stranger.api.updateArticle(slug: slug, .init(article: .init(body: "mine")))
  }
  try same(error.status, 403, "the status")
  try same(error.fields, ["article": ["forbidden"]], "the fields")
}

await check("an article is liked, and liked no more") {
  let author = try await register("author"), reader = try await register("reader")
  let slug = try await write(author).slug
  let liked = try await reader.api.createArticleFavorite(slug: slug).article
  try same(liked.favorited, true, "favorited")
  try same(try await api.getArticles(favorited: reader.username).articlesCount, 1, "what the reader likes")
  try same(try await reader.api.deleteArticleFavorite(slug: slug).article.favoritesCount, 0, "the count afterwards")
}

await check("comments are written, listed and deleted") {
  let author = try await register("author"), reader = try await register("reader")
  let slug = try await write(author).slug
  let comment = try await reader.api.createArticleComment(slug: slug, .init(comment: .init(body: "Well said"))).comment
  let comments = try await api.getArticleComments(slug: slug).comments
  try same(comments.map(\.id), [comment.id], "the comments")
  let status = try await refused { () async throws(APIError) in
    try await author.api.deleteArticleComment(slug: slug, id: String(comment.id))
  }.status
  try same(status, 403, "someone else's comment")
  try await reader.api.deleteArticleComment(slug: slug, id: String(comment.id))
  try same(try await api.getArticleComments(slug: slug).comments, [], "the comments afterwards")
}

await check("the feed holds the articles of those one follows") {
  let author = try await register("author"), reader = try await register("reader")
  let slug = try await write(author).slug
  try same(try await reader.api.followUser(username: author.username).profile.following, true, "following")
  try same(try await reader.api.getArticlesFeed().articles.map(\.slug), [slug], "the feed")
  try same(try await reader.api.unfollowUser(username: author.username).profile.following, false, "following afterwards")
}

await check("tags are listed and filter") {
  let author = try await register("author"), tag = names.fresh("tag")
  let slug = try await write(author, tags: [tag]).slug
  try same(try await api.getTags().tags.contains(tag), true, "the tag is listed")
  try same(try await api.getArticles(tag: tag).articles.map(\.slug), [slug], "the tag's articles")
}

await check("a list by offset is walked page by page") {
  let author = try await register("author")
  var slugs: [String] = []
  for _ in 0..<5 { slugs.insert(try await write(author).slug, at: 0) }
  var seen: [String] = [], sizes: [Int] = []
  for try await article in api.calls.getArticles(author: author.username, limit: 2).all { seen.append(article.slug) }
  try same(seen, slugs, "all articles")
  for try await page in api.calls.getArticles(author: author.username, limit: 2, offset: 2).pages {
    sizes.append(page.articles.count)
  }
  try same(sizes, [2, 1, 0], "the pages' sizes")
}

await check("a resource's list is walked by its links, and rows are written") {
  let author = try await register("author")
  for _ in 0..<3 { _ = try await write(author) }
  var rows: [Article] = []
  for try await row in api.calls.listArticles(pageSize: 2, ordering: [.title], authorUsername: author.username).all {
    rows.append(row)
  }
  try same(rows.count, 3, "the number of articles")
  let after = try await author.api.updateArticles(id: rows[0].id, .init(body: "Newer"))
  try same([after.body, after.title], ["Newer", rows[0].title], "the changed row")
  try same(after.createdAt, rows[0].createdAt, "a time to the microsecond")
  let answer = try await author.api.calls.deleteArticles(id: rows[0].id).answer()
  try same(answer.status, 204, "the status of deleting")
  let invalid = try await refused { () async throws(APIError) in
    try await author.api.createArticles(
      .init(slug: "s", title: String(repeating: "x", count: 201), description: "d", body: "b", author: rows[0].author))
  }
  try same(invalid.codes, ["title": ["max_length"]], "the codes")
}

await check("a transport of the app's own stands for URLSession") {
  struct Canned: ClientTransport {
    func send(_ request: ClientRequest) async throws -> ClientResponse {
      let echo = "\(request.method) \(request.url.absoluteString) \(request.headers["Authorization"] ?? "-")"
      return ClientResponse(status: 200, body: try JSONEncoder().encode(["tags": [echo]]))
    }
  }
  let client = Client(baseURL: "https://api.example.com/", credentials: Credentials(token: "abc"), transport: Canned())
  try same(try await client.getTags().tags, ["GET https://api.example.com/api/tags Token abc"], "the request")
}

exit(failed == 0 ? 0 : 1)
