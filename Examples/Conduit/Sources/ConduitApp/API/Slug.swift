import Martlet

// Titles become addresses. Equal titles get distinct ones, looked up inside of the transaction that writes the article.

/// The part of a URL that names an article.
enum Slug {
  /// `How to train your dragon?` → `how-to-train-your-dragon`. Letters of all scripts stay; a title without any
  /// becomes `article`.
  static func base(_ title: String) -> String {
    let words = title.lowercased().split { !$0.isLetter && !$0.isNumber }
    let slug = String(String.UnicodeScalarView(words.joined(separator: "-").unicodeScalars.prefix(200)))
    return slug.isEmpty ? "article" : slug
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
