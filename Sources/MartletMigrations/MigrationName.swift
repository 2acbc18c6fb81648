/// Names of new migrations, after the manner of Django's autodetector.
enum MigrationName {
  /// `0001_initial`, `0002_post_views`, `0003_remove_post_body_and_more`.
  static func next(after migrations: [Migration], _ operations: [MigrationOperation], chosen: String?) throws -> String {
    let number = (migrations.compactMap(\.number).max() ?? 0) + 1
    guard number <= 9999 else { throw MigrationError(.invalidRegistry, "there are 9999 migrations already") }
    let digits = String(number)
    let words = try chosen.map(checked) ?? (migrations.isEmpty ? "initial" : suggested(operations))
    return String(repeating: "0", count: 4 - digits.count) + digits + "_" + words
  }

  private static func checked(_ name: String) throws -> String {
    let isWord = name.unicodeScalars.allSatisfy { ("a"..."z").contains($0) || ("0"..."9").contains($0) || $0 == "_" }
    guard isWord, !name.isEmpty else {
      throw MigrationError(
        .invalidRegistry, "'\(name)' cannot be the name of a migration", hint: "use lower-case letters, digits and underscores")
    }
    return name
  }

  private static func suggested(_ operations: [MigrationOperation]) -> String {
    var parts: [String] = []
    for part in operations.compactMap(fragment) where !parts.contains(part) { parts.append(part) }
    guard var name = parts.first else { return "custom" }
    for part in parts.dropFirst() {
      // Django's limit; with fewer words if need be.
      if name.count + 1 + part.count > 52 { return name + "_and_more" }
      name += "_" + part
    }
    return name
  }

  private static func fragment(_ operation: MigrationOperation) -> String? {
    let text: String? =
      switch operation {
      case .createTable(let table): short(table.name)
      case .dropTable(let table): "delete_\(short(table))"
      case .renameTable(let old, let new): "rename_\(short(old))_\(short(new))"
      case .addColumn(let table, let column, _): "\(short(table))_\(column.name)"
      case .alterColumn(let table, let column, _): "alter_\(short(table))_\(column.name)"
      case .renameColumn(let table, let from, let to): "rename_\(from)_\(short(table))_\(to)"
      case .dropColumn(let table, let column): "remove_\(short(table))_\(column)"
      case .addIndex(_, let index): index.name
      case .dropIndex(_, let index): "remove_\(index)"
      case .addCheck(_, let check): check.name
      case .dropCheck(_, let check): "remove_\(check)"
      case .addForeignKey(let table, let key): "\(short(table))_\(key.columns.first ?? "")_key"
      case .dropForeignKey(let table, let columns): "remove_\(short(table))_\(columns.first ?? "")_key"
      case .setStrict(let table, let isStrict): "\(short(table))_\(isStrict ? "strict" : "not_strict")"
      case .sql, .run: nil
      }
    return text?.lowercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
  }

  /// `blog_post` → `post`.
  private static func short(_ table: String) -> String {
    table.firstIndex(of: "_").map { String(table[table.index(after: $0)...]) } ?? table
  }
}
