package import MartletSQL

/// An expression of a kind of its own: a file that says what it is, and how each dialect writes it.
package protocol ExpressionNode: Sendable {
  /// The expressions inside.
  var children: [Node] { get }
  /// The same over other expressions, as many and in the order of ``children``.
  func with(children: [Node]) -> any ExpressionNode
  /// The type, where it is known.
  var type: ColumnType? { get }
  /// Whether it can be NULL.
  var isNullable: Bool { get }
  /// Whether it speaks of a group of rows.
  var isAggregate: Bool { get }
  /// Writes the expression, as one operand.
  /// - Throws: ``ORMError``; ``DatabaseError`` of kind `unsupported` where the database has no such thing.
  func write(in scope: Scope) throws
  /// The value for a row in memory.
  /// - Throws: ``ORMError`` of kind `needsDatabase` where the database alone knows it.
  func value(for row: EvaluatedRow) throws -> SQLValue
}

extension ExpressionNode {
  package func value(for row: EvaluatedRow) throws -> SQLValue { throw ORMError.needsDatabase }
  package var isNullable: Bool { children.contains { Scope.isNullable($0) } }
  package var isAggregate: Bool { children.contains { $0.isAggregate } }
  package var type: ColumnType? { nil }
}

/// A function written by a template: `{1}` is the first argument.
struct SQLTemplate: ExpressionNode {
  enum Nullability: Sendable { case anyArgument, always, never }

  var children: [Node]
  var type: ColumnType?
  var nullability = Nullability.anyArgument
  /// What stands for each dialect; `nil` where it has no such function.
  var sqlite: String?, postgres: String?, mySQL: String?, mariaDB: String?
  /// Named where a dialect has no such function.
  var capability: SQLCapabilities = []

  init(
    _ children: [Node], _ type: ColumnType?, _ nullability: Nullability = .anyArgument, sqlite: String?, postgres: String?,
    mysql: String?, mariaDB: String? = nil, capability: SQLCapabilities = []
  ) {
    self.children = children
    self.type = type
    self.nullability = nullability
    self.sqlite = sqlite
    self.postgres = postgres
    mySQL = mysql
    self.mariaDB = mariaDB ?? mysql
    self.capability = capability
  }
  /// The same text on every database.
  init(_ children: [Node], _ type: ColumnType?, _ nullability: Nullability = .anyArgument, all text: String) {
    self.init(children, type, nullability, sqlite: text, postgres: text, mysql: text)
  }

  func with(children: [Node]) -> any ExpressionNode {
    var copy = self
    copy.children = children
    return copy
  }
  var isNullable: Bool {
    switch nullability {
    case .anyArgument: children.contains { Scope.isNullable($0) }
    case .always: true
    case .never: false
    }
  }

  func write(in scope: Scope) throws {
    let dialect = scope.builder.dialect
    let text =
      switch dialect.family {
      case .sqlite: sqlite
      case .postgres: postgres
      case .mysql: dialect.name == "mysql" ? mySQL : mariaDB
      }
    guard let text else { throw capability.missing(on: dialect, "this function") }
    var rest = text[...]
    while let brace = rest.firstIndex(of: "{") {
      scope.builder.write(String(rest[..<brace]))
      let digit = rest.index(after: brace)
      if digit < rest.endIndex, let number = rest[digit].wholeNumberValue, children.indices.contains(number - 1) {
        try scope.writeExpression(children[number - 1])
        rest = rest[rest.index(digit, offsetBy: 2)...]
      } else {
        scope.builder.write("{")
        rest = rest[digit...]
      }
    }
    scope.builder.write(String(rest))
  }
}

extension Expr {
  /// An expression written by a template.
  init(_ template: SQLTemplate) { self.init(Node.custom(template)) }
}
