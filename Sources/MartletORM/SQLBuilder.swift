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
  /// While true, what is bound belongs to a column that no log may show.
  var isSecret = false

  package init(_ dialect: any SQLDialect) { self.dialect = dialect }

  func write(_ piece: String) { text += piece }
  func writeName(_ name: String) { text += dialect.quote(name) }
  func bind(_ value: SQLValue) {
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
  func statement(_ effect: SQLStatement.Effect) -> SQLStatement {
    SQLStatement(text, bindings, secretBindings: secretBindings, effect: effect)
  }
}
