import Martlet

// Titles become addresses. Equal titles get distinct ones, looked up inside of the transaction that writes the article; the
// unique constraint decides between two that do so at the same time.

/// The part of a URL that names an article.
enum Slug {
  /// `How to train your dragon?` → `how-to-train-your-dragon`. Letters of all scripts stay; a title without any
  /// becomes `article`.
  static func base(_ title: String) -> String {
    let words = title.lowercased().split { !$0.isLetter && !$0.isNumber }
    let slug = String(String.UnicodeScalarView(words.joined(separator: "-").unicodeScalars.prefix(200)))
    return slug.isEmpty ? "article" : slug
  }

  /// Runs a transaction with a slug for the title; once more, and with another slug, where somebody else took it meanwhile.
  /// Without a title, an article keeps the slug that it has.
  static func claim<Result: Sendable>(
    for title: String?, in db: Database, besides article: Article? = nil,
    _ body: @Sendable (String, Database) async throws -> Result
  ) async throws -> Result {
    var tries = 5
    while true {
      do {
        return try await db.transaction(retries: 5) { tx in
          let kept = title == nil ? article?.slug : nil
          let slug = if let kept { kept } else { try await free(for: title ?? "", in: tx, besides: article?.id) }
          return try await body(slug, tx)
        }
      } catch let error as DatabaseError {
        tries -= 1
        guard case .uniqueViolation = error.kind, tries > 0 else { throw error }
      }
    }
  }

  /// A slug for the title that no article has, besides perhaps the one that is renamed.
  static func free(for title: String, in db: Database, besides id: Article.ID? = nil) async throws -> String {
    let base = base(title)
    // `feed` is a path of its own.
    var slug = base == "feed" ? base + "-" + suffix() : base
    while let other = try await Article.filter({ $0.slug == slug }).first(db), other.id != id {
      slug = base + "-" + suffix()
    }
    return slug
  }

  /// Six random characters: a billion and more of them, so the loop above ends at once.
  private static func suffix() -> String {
    String((0..<6).map { _ in "abcdefghijkmnpqrstuvwxyz23456789".randomElement() ?? "x" })
  }
}
