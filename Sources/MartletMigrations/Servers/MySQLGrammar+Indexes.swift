import MartletORM
import MartletSQL

extension MySQLGrammar {
  /// What InnoDB takes of a key, in bytes.
  static let maximumKeyLength = 3072
  /// Of a long text, as many characters go into an index that only makes queries faster.
  static let prefixLength = 191

  func createIndex(_ index: IndexState, on table: TableState, isFree: Bool) throws -> [String] {
    if index.isUnique {
      let name = quote(names.index(index, of: table.name))
      return [alter(table.name, "ADD CONSTRAINT \(name) UNIQUE (\(try columns(of: index, in: table)))")]
    }
    if index.fullText != nil { return fullText(index, on: table) }
    return isMade(index, table) ? [try self.index(index, on: table)] : []
  }
  func dropIndex(_ index: IndexState, of before: TableState) -> [String] {
    if index.fullText != nil { return dropFullText(index, of: before) }
    return isMade(index, before) ? ["DROP INDEX \(quote(names.index(index, of: before.name))) ON \(quote(before.name))"] : []
  }

  /// Whether the table has this index: that of a foreign key is the key's own, as in Django's tables.
  func isMade(_ index: IndexState, _ table: TableState) -> Bool {
    !(index.isImplied && table.column(index.columns[0])?.references != nil)
  }

  /// MySQL has no index over some of the rows. One over all of them answers the same queries; a unique one is refused.
  func index(_ index: IndexState, on table: TableState) throws -> String {
    "CREATE INDEX \(quote(names.index(index, of: table.name))) ON \(quote(table.name)) (\(try columns(of: index, in: table)))"
  }

  /// The columns of an index, of long texts the beginning.
  func columns(of index: IndexState, in table: TableState) throws -> String {
    if index.isUnique {
      guard index.condition == nil else {
        throw MigrationError(
          .unsupported,
          "\(table.name): the unique constraint \(index.name) has a condition, and \(dialect.name) lacks the capability partialIndexes",
          hint: "make it unique over all rows, or over a nullable column that is set for those rows alone")
      }
      try requireKeyLength(index.columnNames, in: table, "the unique constraint \(index.name)")
    }
    let isTooLong = index.columnNames.compactMap { keyLength($0, in: table) }.reduce(0, +) > Self.maximumKeyLength
    return index.columns.map { column in
      let isDescending = column.hasPrefix("-"), name = isDescending ? String(column.dropFirst()) : column
      var prefix = ""
      if let type = table.column(name)?.type, !index.isUnique {
        if isLong(type) { prefix = "(\(Self.prefixLength))" }
        if case .varchar(let length) = type, isTooLong, length > Self.prefixLength { prefix = "(\(Self.prefixLength))" }
      }
      return quote(name) + prefix + (isDescending ? " DESC" : "")
    }.joined(separator: ", ")
  }

  /// Whether an index takes only the beginning of it, and a default has to be an expression.
  func isLong(_ type: ColumnType) -> Bool {
    switch type {
    case .text, .blob, .json, .array: true
    default: false
    }
  }

  /// How many bytes of an index a column takes; `nil` where it takes none whole.
  private func keyLength(_ name: String, in table: TableState) -> Int? {
    switch table.column(name)?.type {
    case .varchar(let length): length * 4
    case .text, .blob, .json, .array: nil
    case .uuid: isMariaDB ? 16 : 128
    case .decimal: 30
    default: 8
    }
  }

  /// - Throws: ``MigrationError`` of kind `unsupported` where a key cannot hold the columns whole.
  func requireKeyLength(_ columns: [String], in table: TableState, _ what: String) throws {
    var bytes = 0
    for name in columns {
      guard let length = keyLength(name, in: table) else {
        throw MigrationError(
          .unsupported,
          "\(table.name): \(what) must be unique, and \(dialect.name) lacks the capability textKeys: \(name) has no limit of length",
          hint: "give the property @Field(maxLength: …), at most \(Self.maximumKeyLength / 4)")
      }
      bytes += length
    }
    guard bytes > Self.maximumKeyLength else { return }
    throw MigrationError(
      .unsupported,
      "\(table.name): \(what) must be unique and takes \(bytes) bytes; a key of \(dialect.name) has \(Self.maximumKeyLength) at most",
      hint: "a character takes four bytes: @Field(maxLength: \(Self.maximumKeyLength / 4)) or less, over all columns of the key")
  }

  /// A column that is computed from now on, in another way, or not any more. Neither server turns a kept value into one that is
  /// not kept, or back: the column goes and comes back. A value that is not computed any more stays what it was.
  func recompute(_ old: ColumnState, _ new: ColumnState, before: TableState, after: TableState) throws -> [SchemaStep] {
    let table = quote(after.name), name = quote(new.name), kept = quote("old__" + new.name)
    func covering(_ table: TableState) -> [IndexState] { table.indexes.filter { $0.columnNames.contains(new.name) } }
    var texts = before.checks(naming: new.name).flatMap { dropCheck($0, of: before) }
    texts += covering(before).flatMap { dropIndex($0, of: before) }
    if old.isUnique { texts.append("DROP INDEX \(name) ON \(table)") }
    if new.generated == nil {
      var open = new
      open.isNullable = true
      texts += [
        alter(after.name, "CHANGE COLUMN \(name) \(kept) \(try definition(old, in: before, withKeys: false, named: false))"),
        alter(after.name, "ADD COLUMN \(try definition(open, in: after, withKeys: true))"),
        "UPDATE \(table) SET \(name) = \(kept)",
        alter(after.name, "DROP COLUMN \(kept)"),
      ]
      if !new.isNullable { texts.append(alter(after.name, "MODIFY COLUMN \(try definition(new, in: after, withKeys: false))")) }
    } else {
      texts += dropColumn(new.name, of: before)
      texts.append(alter(after.name, "ADD COLUMN \(try definition(new, in: after, withKeys: true))"))
    }
    texts += try covering(after).flatMap { try createIndex($0, on: after, isFree: false) }
    texts += try after.checks(naming: new.name).flatMap { try addCheck($0, to: after) }
    return texts.map { $0.hasPrefix("UPDATE") ? .data($0) : .ddl($0) }
  }
}
