package import MartletSQL

/// The text and bindings of one statement while it is written.
///
/// Text is written in the order in which it will stand, joins excepted, which bind nothing: so bindings keep the
/// order of their placeholders.
package final class SQLBuilder {
  package let dialect: any SQLDialect
  private(set) var text = ""
  private(set) var bindings: [SQLValue] = []
  private var secretBindings: Set<Int> = []
  private var aliasCount = 0
  /// While true, a value that is bound already keeps its placeholder: for dialects with numbered ones.
  var reusesBindings = false
  /// The table that an UPDATE writes, while its assignments are written: see ``Scope/text(ofTable:)``.
  var writtenTable: String?
  /// While true, what is bound belongs to a column that no log may show.
  var isSecret = false

  package init(_ dialect: any SQLDialect) { self.dialect = dialect }

  func write(_ piece: String) { text += piece }
  func writeName(_ name: String) { text += dialect.quote(name) }
  func bind(_ value: SQLValue) {
    if reusesBindings, let place = bindings.firstIndex(where: { SQLValue.identical($0, value) }) {
      if isSecret { secretBindings.insert(place) }
      text += dialect.bound(value, placeholder: dialect.placeholder(place + 1))
      return
    }
    bindings.append(value)
    if isSecret { secretBindings.insert(bindings.count - 1) }
    text += dialect.bound(value, placeholder: dialect.placeholder(bindings.count))
  }
  /// Binds a value for a column of an INSERT or UPDATE, as it is.
  func bindPlain(_ value: SQLValue, secret: Bool) {
    bindings.append(value)
    if secret { secretBindings.insert(bindings.count - 1) }
    text += dialect.placeholder(bindings.count)
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
    return SQLStatement(text, bindings, secretBindings: secretBindings, effect: effect)
  }
}
