public import MartletSQL

/// Hashes of the UTF-8 of a text, as lower-case hexadecimal digits.
extension Expr where V: TextColumnValue {
  /// MD5: for checksums, never for secrets.
  public var md5: Expr<V> {
    .init(SQLTemplate([node], .text, sqlite: "martlet_md5({1})", postgres: "MD5({1})", mysql: "MD5({1})"))
  }
  /// SHA-1; PostgreSQL has none (capability `sha1`).
  public var sha1: Expr<V> {
    .init(
      SQLTemplate(
        [node], .text, sqlite: "martlet_sha1({1})", postgres: nil, mysql: "SHA1({1})", capability: .sha1))
  }
  /// SHA-224; SQLite has none (capability `sha224`).
  public var sha224: Expr<V> { sha(224) }
  /// SHA-256.
  public var sha256: Expr<V> { sha(256) }
  /// SHA-384.
  public var sha384: Expr<V> { sha(384) }
  /// SHA-512.
  public var sha512: Expr<V> { sha(512) }

  private func sha(_ bits: Int) -> Expr<V> {
    .init(
      SQLTemplate(
        [node], .text, sqlite: bits == 224 ? nil : "martlet_sha\(bits)({1})",
        postgres: "ENCODE(SHA\(bits)(CONVERT_TO({1}, 'UTF8')), 'hex')",
        mysql: "SHA2({1}, \(bits))", capability: .sha224))
  }
}
