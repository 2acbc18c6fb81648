import MartletSQL
import Synchronization

/// The statements that read one row by its key. Their text is the same each time, so it is written once for each model and
/// dialect.
enum KeyLookup {
  private struct Shape: Hashable {
    var model: ObjectIdentifier
    var dialect: String
  }
  private static let texts = Mutex<[Shape: String]>([:])

  /// The statement for the row with a key.
  /// - Throws: ``ORMError`` of kind `unsavedKey`.
  static func statement<M: Model>(_ model: M.Type, _ id: M.ID, _ dialect: any SQLDialect) throws -> SQLStatement {
    var statement = try unmarked(model, id, dialect)
    statement.isLookup = true
    return statement
  }

  private static func unmarked<M: Model>(_ model: M.Type, _ id: M.ID, _ dialect: any SQLDialect) throws -> SQLStatement {
    let values = id.keyValues
    guard OwnDialect.nameMark(dialect) != nil, values.allSatisfy(isPlain) else { return try built(model, id, dialect) }
    let shape = Shape(model: ObjectIdentifier(model), dialect: dialect.name)
    if let text = texts.withLock({ $0[shape] }) { return SQLStatement(text, values, effect: .read) }
    let statement = try built(model, id, dialect)
    // What is bound in another form or in another order goes the long way each time; equal parts would hide the order.
    if statement.bindings == values, Set(values).count == values.count, statement.secretBindings.isEmpty {
      texts.withLock { $0[shape] = statement.text }
    }
    return statement
  }

  private static func built<M: Model>(_ model: M.Type, _ id: M.ID, _ dialect: any SQLDialect) throws -> SQLStatement {
    try M.withID(id).limit(1).statement(dialect)
  }

  /// Whether every value of the kind is bound by a placeholder alone.
  private static func isPlain(_ value: SQLValue) -> Bool {
    switch value {
    case .int, .text, .uuid, .blob: true
    default: false
    }
  }
}
