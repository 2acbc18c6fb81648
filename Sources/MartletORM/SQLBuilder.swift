package import MartletSQL

/// The text and bindings of one statement while it is written.
///
/// A bound value is a mark in the text until the statement is whole: pieces may be written in any order, and even twice.
package final class SQLBuilder {
  package let dialect: any SQLDialect
  /// The quotation mark of names, where the dialect is one of Martlet's own, whose names and placeholders are written here.
  let nameMark: UInt8?
  // Bytes, because a String looks at what it holds for each piece. Unchecked: each access is one call that ends before the next.
  @exclusivity(unchecked) private(set) var bytes: [UInt8] = []
  @exclusivity(unchecked) var bindings: [SQLValue] = []
  var secretBindings: Set<Int> = []
  private var aliasCount = 0
  /// While true, a value that is bound already keeps its placeholder: for dialects with numbered ones.
  var reusesBindings = false
  /// The table that an UPDATE writes, while its assignments are written: see ``Scope/text(ofTable:)``.
  var writtenTable: String?
  /// While true, what is bound belongs to a column that no log may show.
  var isSecret = false
  /// The WITH clause.
  var commonTables = CommonTables()

  package init(_ dialect: any SQLDialect) {
    self.dialect = dialect
    nameMark = OwnDialect.nameMark(dialect)
    bytes.reserveCapacity(256)
  }

  /// What was written so far.
  var text: String { String(decoding: bytes, as: UTF8.self) }

  func write(_ piece: String) {
    var piece = piece
    piece.withUTF8 { bytes.append(contentsOf: $0) }
  }
  func writeName(_ name: String) {
    guard let nameMark else { return write(dialect.quote(name)) }
    var name = name
    let isPlain = name.withUTF8 { utf8 in
      guard !utf8.contains(nameMark) else { return false }
      bytes.append(nameMark)
      bytes.append(contentsOf: utf8)
      bytes.append(nameMark)
      return true
    }
    if !isPlain { write(dialect.quote(name)) }
  }
  func bind(_ value: SQLValue) {
    if reusesBindings, let place = bindings.firstIndex(where: { SQLValue.identical($0, value) }) {
      if isSecret { secretBindings.insert(place) }
      return writeBound(value, place)
    }
    bindings.append(value)
    if isSecret { secretBindings.insert(bindings.count - 1) }
    writeBound(value, bindings.count - 1)
  }
  private func writeBound(_ value: SQLValue, _ place: Int) {
    switch value {
    // The values of which some dialect makes more than a placeholder.
    case .native, .decimal: write(dialect.bound(value, placeholder: SQLBuilder.mark(place)))
    default:
      if nameMark == nil { write(dialect.bound(value, placeholder: SQLBuilder.mark(place))) } else { writeMark(place) }
    }
  }
  /// Binds a value for a column of an INSERT or UPDATE, as it is.
  func bindPlain(_ value: SQLValue, secret: Bool) {
    bindings.append(value)
    if secret { secretBindings.insert(bindings.count - 1) }
    writeMark(bindings.count - 1)
  }
  private func writeMark(_ place: Int) {
    bytes.append(0)
    bytes.append(number: place)
    bytes.append(0)
  }
  /// Takes back what was bound last, with text that was thrown away.
  func unbind(downTo count: Int) {
    bindings.removeLast(bindings.count - count)
    secretBindings = secretBindings.filter { $0 < count }
  }
  func list<S: Sequence>(_ elements: S, separator: String = ", ", _ each: (S.Element) throws -> Void) rethrows {
    var isFirst = true
    for element in elements {
      if !isFirst { write(separator) }
      isFirst = false
      try each(element)
    }
  }
  /// Runs `body` and takes the text it wrote away from the statement; its bindings stay.
  func capture(_ body: () throws -> Void) rethrows -> String {
    let start = bytes.count
    defer { bytes.removeLast(bytes.count - start) }
    try body()
    return String(decoding: bytes[start...], as: UTF8.self)
  }
  /// Runs `body`, and puts what it returns before what it wrote.
  func writeBehind(_ body: () throws -> String) rethrows {
    let start = bytes.count
    let piece = try body()
    bytes.insert(contentsOf: piece.utf8, at: start)
  }
  func nextAlias() -> String {
    defer { aliasCount += 1 }
    return SQLBuilder.aliases.indices.contains(aliasCount) ? SQLBuilder.aliases[aliasCount] : "t\(aliasCount)"
  }
  private static let aliases = (0..<16).map { "t\($0)" }
  /// The statement.
  /// - Throws: ``ORMError`` where it binds more values than the database takes.
  func statement(_ effect: SQLStatement.Effect) throws -> SQLStatement {
    guard bindings.count <= dialect.maxBindings else {
      throw ORMError(
        .invalidExpression,
        "the statement binds \(bindings.count) values, and \(dialect.name) takes \(dialect.maxBindings) at most",
        hint: "split the list, or select its values by a subquery")
    }
    if effect != .read, commonTables.isUsed { try require(.commonTablesInWrites, "WITH in front of a write") }
    if commonTables.isUsed { bytes.insert(contentsOf: commonTables.prefix(dialect).utf8, at: 0) }
    return numbered(effect)
  }
}
