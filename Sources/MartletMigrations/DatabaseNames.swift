import Crypto

/// Names of indexes and constraints, exactly as Django gives them, so that both can share a database.
public enum DatabaseNames {
  /// The name of the index that a foreign key or `@Field(index: true)` implies, or with `_uniq` of a unique constraint:
  /// `blog_post_author_id_dd7a8485`.
  ///
  /// Django's `BaseDatabaseSchemaEditor._create_index_name`; SQLite has no limit of its own, so Django's 200 holds.
  public static func hashed(_ table: String, _ columns: [String], suffix: String = "", maxLength: Int = 200) -> String {
    var end = digest([table] + columns, length: 8) + suffix
    let columnPart = columns.joined(separator: "_")
    let name = "\(table)_\(columnPart)_\(end)"
    guard name.unicodeScalars.count > maxLength else { return name }
    if end.count * 3 > maxLength { end = String(end.prefix(maxLength / 3)) }
    let share = (maxLength - end.count) / 2 - 1
    let short = "\(table.prefix(share))_\(columnPart.prefix(share))_\(end)"
    return startsBadly(short) ? "D" + short.dropLast() : short
  }

  /// The name of a unique constraint over several columns: Django's `unique_together`.
  public static func unique(_ table: String, _ columns: [String]) -> String { hashed(table, columns, suffix: "_uniq") }

  /// The name of an index of its own: `blog_post_status_1a2b3c_idx`. Django's `Index.set_name_with_model`.
  public static func index(_ table: String, _ columns: [(name: String, isDescending: Bool)]) -> String {
    let ordered = columns.map { $0.isDescending ? "-" + $0.name : $0.name }
    let hash = digest([table] + ordered + ["idx"], length: 6)
    let name = "\(table.prefix(11))_\((columns.first?.name ?? "").prefix(7))_\(hash)_idx"
    return startsBadly(name) ? "D" + name.dropFirst() : name
  }

  /// A name that fits: longer ones end with a digest of the whole. Django's `truncate_name`.
  static func truncated(_ name: String, to limit: Int) -> String {
    name.unicodeScalars.count <= limit ? name : String(name.prefix(limit - 4)) + digest([name], length: 4)
  }

  private static func startsBadly(_ name: String) -> Bool {
    name.first.map { $0 == "_" || $0.isASCII && $0.isNumber } ?? false
  }

  /// The first hexadecimal digits of the MD5 of all parts, without a separator. MD5 because Django's names have it.
  static func digest(_ parts: [String], length: Int) -> String {
    var hash = Insecure.MD5()
    for part in parts { hash.update(data: Array(part.utf8)) }
    let hex = hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    return String(hex.prefix(length))
  }
}
