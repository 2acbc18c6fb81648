import MartletSQL

/// What the objects of a table are called on a server, which limits the length of names: Django's names and its rules for
/// shortening them.
///
/// A name follows from the table as it is now, so that every object can be found again; when a table or a column is renamed,
/// the objects whose names hold its name are renamed with it.
struct ServerNames {
  /// 63 on PostgreSQL, 64 on MySQL.
  let limit: Int

  /// `blog_post_author_id_dd7a8485_fk_auth_user_id`
  func foreignKey(_ key: ForeignKeyState, of table: String) -> String {
    let suffix = "_fk_\(key.table)_\(key.targetColumns.joined(separator: "_"))"
    return DatabaseNames.hashed(table, key.columns, suffix: suffix, maxLength: limit)
  }

  /// `blog_tag_name_46cd18aa_like`: PostgreSQL's second index on texts, for patterns.
  func like(_ column: String, of table: String) -> String {
    DatabaseNames.hashed(table, [column], suffix: "_like", maxLength: limit)
  }

  /// `blog_tag_name_key`: what PostgreSQL calls a `UNIQUE` of a column (makeObjectName in its indexcmds.c).
  func unique(_ column: String, of table: String) -> String { Self.object(table, column, "key", limit) }
  /// `blog_tag_pkey`
  func primaryKey(of table: String) -> String { Self.object(table, nil, "pkey", limit) }
  /// `blog_tag_id_seq`
  func sequence(_ column: String, of table: String) -> String { Self.object(table, column, "seq", limit) }

  /// The name of an index or a unique constraint, shortened where a migration was written with a longer one.
  func index(_ index: IndexState, of table: String) -> String {
    guard index.name.unicodeScalars.count > limit else { return index.name }
    for suffix in ["", "_uniq"] where index.name == DatabaseNames.hashed(table, index.columnNames, suffix: suffix) {
      return DatabaseNames.hashed(table, index.columnNames, suffix: suffix, maxLength: limit)
    }
    return DatabaseNames.truncated(index.name, to: limit)
  }
  /// The name of a check.
  func check(_ check: CheckState) -> String { DatabaseNames.truncated(check.name, to: limit) }

  private static func object(_ table: String, _ column: String?, _ label: String, _ limit: Int) -> String {
    var first = Array(table.utf8), second = Array((column ?? "").utf8)
    let room = limit - label.utf8.count - 1 - (column == nil ? 0 : 1)
    while first.count + second.count > room {
      if first.count > second.count { first.removeLast() } else { second.removeLast() }
    }
    // A cut in the middle of a character takes the rest of it along.
    func text(_ bytes: [UInt8]) -> String {
      var bytes = bytes
      while String(validating: bytes, as: UTF8.self) == nil, !bytes.isEmpty { bytes.removeLast() }
      return String(decoding: bytes, as: UTF8.self)
    }
    return text(first) + (column == nil ? "" : "_" + text(second)) + "_" + label
  }
}

extension IndexState {
  /// Whether a foreign key or `@Field(index: true)` implies it: Django's name of such an index ends with eight hexadecimal
  /// digits. Renames leave the name, so that the rest of it says nothing.
  var isImplied: Bool {
    guard columns.count == 1, !isUnique, condition == nil, fullText == nil, !columns[0].hasPrefix("-") else { return false }
    let end = name.utf8.suffix(9)
    return end.count == 9 && end.first == UInt8(ascii: "_")
      && end.dropFirst().allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
  }
}
