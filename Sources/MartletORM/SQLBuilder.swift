package import MartletSQL

/// The text and bindings of one statement while it is written.
///
/// A bound value is a mark in the text until the statement is whole: pieces may be written in any order, and even twice.
package final class SQLBuilder {
  package let dialect: any SQLDialect
  private(set) var text = ""
  var bindings: [SQLValue] = []
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

  package init(_ dialect: any SQLDialect) { self.dialect = dialect }

  func write(_ piece: String) { text += piece }
  func writeName(_ name: String) { text += dialect.quote(name) }
  func bind(_ value: SQLValue) {
    if reusesBindings, let place = bindings.firstIndex(where: { SQLValue.identical($0, value) }) {
      if isSecret { secretBindings.insert(place) }
      text += dialect.bound(value, placeholder: SQLBuilder.mark(place))
      return
    }
    bindings.append(value)
    if isSecret { secretBindings.insert(bindings.count - 1) }
    text += dialect.bound(value, placeholder: SQLBuilder.mark(bindings.count - 1))
  }
  /// Binds a value for a column of an INSERT or UPDATE, as it is.
  func bindPlain(_ value: SQLValue, secret: Bool) {
    bindings.append(value)
    if secret { secretBindings.insert(bindings.count - 1) }
    text += SQLBuilder.mark(bindings.count - 1)
  }
  /// Takes back what was bound last, with text that was thrown away.
  func unbind(downTo count: Int) {
    bindings.removeLast(bindings.count - count)
    secretBindings = secretBindings.filter { $0 < count }
  }
  func list<S: Sequence>(_ elements: S, separator: String = ", ", _ each: (S.Element) throws -> Void) rethrows {
    var isFirst = true
    for element in elements {
      if !isFirst { text += separator }
      isFirst = false
      try each(element)
    }
  }
  /// Runs `body` and takes the text it wrote away from the statement; its bindings stay.
  func capture(_ body: () throws -> Void) rethrows -> String {
    let before = text
    text = ""
    defer { text = before }
    try body()
    return text
  }
  func nextAlias() -> String {
    defer { aliasCount += 1 }
    return "t\(aliasCount)"
  }
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
    return numbered(commonTables.prefix(dialect) + text, effect)
  }
}
