import Martlet

// The page at `/`, written on the server: what is here, how much of it, and what came last. Six statements. Whatever is
// interpolated into `HTML` is escaped, so that a title can hold what it likes.

/// An article, and how many like it.
struct LatestArticle: Sendable {
  var article: Article
  var likes: Int
}

/// What is here.
struct HomePage: Sendable {
  /// Where the browser found the page.
  var host: String
  var users: Int
  var articles: Int
  var comments: Int
  var favorites: Int
  var latest: [LatestArticle]

  /// The page of now.
  static func load(from db: Database, host: String?) async throws -> HomePage {
    var latest: [LatestArticle] = []
    let query = Article.query.order({ $0.createdAt.desc }, { $0.id.desc }).limit(5)
      .with { $0.author }.with { $0.tags.order { $0.name.asc } }
    for (article, likes) in try await query.annotate({ $0.favorites.count }).all(db) {
      latest.append(LatestArticle(article: article, likes: likes))
    }
    return HomePage(
      host: host ?? "localhost:8000",
      users: try await User.query.count(db), articles: try await Article.query.count(db),
      comments: try await Comment.query.count(db), favorites: try await Favorite.query.count(db), latest: latest)
  }

  var html: HTML {
    get throws {
      """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>Conduit on Martlet</title>
      <link rel="stylesheet" href="/conduit.css">
      </head>
      <body>
      <header>
      <p class="mark">conduit</p>
      <h1>A place to share knowledge, as a backend</h1>
      <p class="lead">The RealWorld API and a generated one, over the same models and under the same policies.
      Built with Martlet.</p>
      <p class="actions"><a class="button" href="/docs">Read the API</a> <a href="/api/articles">See the articles as JSON</a></p>
      </header>
      <main>
      <section aria-label="How much is here"><ul class="numbers">
      \(Self.number(users, "user", "users"))
      \(Self.number(articles, "article", "articles"))
      \(Self.number(comments, "comment", "comments"))
      \(Self.number(favorites, "favourite", "favourites"))
      </ul></section>
      <div class="columns">
      <section>
      <h2>What is here</h2>
      <ul class="links">
      \(Self.places.map { "<li><a href=\"\($0.path)\"><code>\($0.path)</code></a><span>\($0.what)</span></li>" as HTML })
      </ul>
      <h2>Try it</h2>
      <pre><code>\(example)</code></pre>
      </section>
      <section>
      <h2>Latest articles</h2>
      \(try list)
      </section>
      </div>
      </main>
      <footer>Everything on this page comes from this server: no fonts, scripts or styles from elsewhere.</footer>
      </body>
      </html>
      """
    }
  }

  private var list: HTML {
    get throws {
      if latest.isEmpty { return "<p class=\"empty\">None yet. <code>conduit seed</code> writes some.</p>" }
      let items: [HTML] = try latest.map { view in
        let tags: [HTML] = try view.article.tags.get().map { "<span class=\"tag\">\($0.name)</span>" }
        return """
          <li><a href="/api/articles/\(view.article.slug.escapedForURL)">\(view.article.title)</a>
          <p>\(view.article.description)</p>
          <p class="meta">\(try view.article.author.username) · \(view.likes) ♥ \(tags)</p></li>

          """
      }
      return "<ol class=\"articles\">\n\(items)</ol>"
    }
  }

  private static func number(_ count: Int, _ one: String, _ many: String) -> HTML {
    "<li><b>\(count)</b> \(count == 1 ? one : many)</li>"
  }

  private static let places: [(path: String, what: String)] = [
    ("/docs", "both APIs, to read and to try"),
    ("/api/articles", "the RealWorld API: articles"),
    ("/api/tags", "the RealWorld API: tags"),
    ("/api/v1/articles", "the same articles, generated"),
    ("/api/v1/comments", "comments, filtered, ordered and paged"),
    ("/openapi.json", "the description of both, OpenAPI 3.1"),
    ("/healthz", "whether the server lives"),
    ("/readyz", "whether it can answer"),
  ]
  private var example: String {
    """
    curl \(host)/api/users/login \\
      -H 'Content-Type: application/json' \\
      -d '{"user": {"email": "ada.abebe@example.com",
                    "password": "conduit-demo"}}'
    """
  }
}

extension String {
  /// As one segment of a path: RFC 3986's unreserved characters stay, the rest is percent-encoded.
  var escapedForURL: String {
    utf8.map { byte in
      switch byte {
      case 0x61...0x7A, 0x41...0x5A, 0x30...0x39, 0x2D, 0x2E, 0x5F, 0x7E: String(UnicodeScalar(byte))
      default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
      }
    }.joined()
  }
}
