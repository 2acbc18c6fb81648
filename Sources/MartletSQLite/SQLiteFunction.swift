import CSQLite3
public import MartletSQL

/// A function of the app's own for SQL, registered on every connection.
///
/// ```swift
/// let initials = SQLiteFunction("initials", arguments: 1, isDeterministic: true) { values in
///   guard case .text(let name) = values[0] else { return .null }
///   return .text(name.split(separator: " ").compactMap(\.first).map(String.init).joined())
/// }
/// let driver = SQLiteDriver(configuration, functions: [initials])
/// ```
/// Values arrive as SQLite has them: `.null`, `.int`, `.double`, `.text` and `.blob`. What the closure returns is stored as
/// the dialect stores it. An error it throws fails the statement with its text. It runs on the connections' threads, several
/// at a time.
public struct SQLiteFunction: Sendable {
  /// Its name in SQL.
  public let name: String
  /// How many arguments it takes; `nil` for any number.
  public let arguments: Int?
  /// Whether the same arguments always give the same result: only then may it be used in an index or a generated column.
  public let isDeterministic: Bool
  let body: @Sendable ([SQLValue]) throws -> SQLValue

  /// A function.
  public init(
    _ name: String, arguments: Int?, isDeterministic: Bool = false,
    _ body: @escaping @Sendable ([SQLValue]) throws -> SQLValue
  ) {
    self.name = name
    self.arguments = arguments
    self.isDeterministic = isDeterministic
    self.body = body
  }

  /// Makes it known to a connection.
  func register(_ database: OpaquePointer) throws {
    let flags = SQLITE_UTF8 | (isDeterministic ? SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS : 0), body = body
    let code = QueryFunctions.install(name, Int32(clamping: arguments ?? -1), flags, database) { context, values in
      guard let context else { return }
      do {
        let arguments = (0..<values.count).map { SQLValue(sqlite: values[$0]) }
        resultValue(context, SQLiteDialect().encode(try body(arguments)))
      } catch {
        sqlite3_result_error(context, "\(error)", -1)
      }
    }
    guard code == SQLITE_OK else {
      throw DatabaseError(
        .connection, "the SQL function '\(name)' cannot be registered: \(String(cString: sqlite3_errmsg(database)))",
        hint: "a name has at most 255 bytes, and a function takes at most 127 arguments", code: SQLiteResult.name(code))
    }
  }
}

extension SQLValue {
  /// The value of an argument.
  init(sqlite value: OpaquePointer?) {
    switch sqlite3_value_type(value) {
    case SQLITE_INTEGER: self = .int(sqlite3_value_int64(value))
    case SQLITE_FLOAT: self = .double(sqlite3_value_double(value))
    case SQLITE_TEXT:
      let start = sqlite3_value_text(value)
      let utf8 = UnsafeBufferPointer(start: start, count: Int(sqlite3_value_bytes(value)))
      self = .text(String(decoding: utf8, as: UTF8.self))
    case SQLITE_BLOB:
      let start = sqlite3_value_blob(value)
      self = .blob(Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_value_bytes(value)))))
    default: self = .null
    }
  }
}

private func resultValue(_ context: OpaquePointer, _ value: SQLValue) {
  switch value {
  case .int(let value): sqlite3_result_int64(context, value)
  case .double(let value): sqlite3_result_double(context, value)
  case .text(let text): resultText(context, text)
  case .blob(let bytes):
    bytes.isEmpty
      ? sqlite3_result_zeroblob(context, 0) : sqlite3_result_blob64(context, bytes, UInt64(bytes.count), transient)
  default: sqlite3_result_null(context)
  }
}
