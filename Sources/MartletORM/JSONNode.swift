import MartletSQL

/// A value at a path in JSON.
struct JSONNode: ExpressionNode {
  enum Kind: Sendable {
    case string, int, double, bool, type, count
    /// The JSON that has to be in it.
    case contains(SQLValue)
  }
  let base: Node
  let keys: [JSONPathKey]
  let kind: Kind

  var children: [Node] { [base] }
  func with(children: [Node]) -> any ExpressionNode { JSONNode(base: children[0], keys: keys, kind: kind) }
  var isNullable: Bool { true }
  var type: ColumnType? {
    switch kind {
    case .string, .type: .text
    case .int, .count: .bigInt
    case .double: .double
    case .bool, .contains: .bool
    }
  }

  func write(in scope: Scope) throws {
    for case .index(let index) in keys.map(\.step) where index < 0 {
      throw ORMError(.invalidExpression, "a place in a JSON list counts from 0, and \(index) is less")
    }
    for case .key(let key) in keys.map(\.step) where key.utf8.contains(0) {
      throw ORMError(.invalidExpression, "a JSON key holds a NUL character, which no database takes")
    }
    // MariaDB 10.11 takes the dash for the sign of a place in a list, also in quotes, and finds nothing.
    if scope.builder.dialect.name == "mariadb" {
      for case .key(let key) in keys.map(\.step) where key.utf8.first == UInt8(ascii: "-") {
        throw ORMError(
          .invalidExpression, "MariaDB's JSON paths reach no key that begins with '-', as '\(key.prefix(40))' does",
          hint: "read the whole JSON and look into it in Swift")
      }
    }
    if case .contains(.null) = kind { throw ORMError(.invalidExpression, "contains(_:): the value has no JSON") }
    let base = try scope.builder.capture { try scope.writeExpression(self.base) }
    switch scope.builder.dialect.family {
    case .sqlite: writeSQLite(scope.builder, base)
    case .postgres: writePostgres(scope.builder, base)
    case .mysql: writeMySQL(scope.builder, base)
    }
  }

  // MARK: PostgreSQL

  private func writePostgres(_ builder: SQLBuilder, _ base: String) {
    let path = keys.map { key -> SQLValue in
      switch key.step {
      case .key(let key): .text(key)
      case .index(let index): .text(String(index))
      }
    }
    var value = base
    if !path.isEmpty {
      value = "(\(base) #> CAST(" + builder.capture { builder.bind(.array(path, of: .text)) } + " AS text[]))"
    }
    let type = "JSONB_TYPEOF(\(value))", text = "(\(value) #>> '{}')"
    switch kind {
    case .string: builder.write("CASE WHEN \(type) = 'string' THEN \(text) END")
    case .int: builder.write("CASE WHEN \(type) = 'number' THEN CAST(TRUNC(CAST(\(text) AS numeric)) AS bigint) END")
    case .double: builder.write("CASE WHEN \(type) = 'number' THEN CAST(\(text) AS double precision) END")
    case .bool: builder.write("CASE WHEN \(type) = 'boolean' THEN CAST(\(text) AS boolean) END")
    case .type: builder.write(type)
    case .count:
      builder.write("CASE \(type) WHEN 'array' THEN JSONB_ARRAY_LENGTH(\(value)) ")
      builder.write("WHEN 'object' THEN (SELECT CAST(COUNT(*) AS integer) FROM JSONB_OBJECT_KEYS(\(value))) END")
    case .contains(let part):
      builder.write("(\(value) @> CAST(")
      builder.bind(part)
      builder.write(" AS jsonb))")
    }
  }

  // MARK: MySQL and MariaDB

  private func writeMySQL(_ builder: SQLBuilder, _ base: String) {
    let path = builder.capture { builder.bind(.text(JSONNode.path(keys, escapesControls: true))) }
    let value = keys.isEmpty ? base : "JSON_EXTRACT(\(base), \(path))"
    // Texts out of JSON have the type's collation, which cannot be compared with that of values and columns.
    let collation = (builder.dialect as? MySQLDialect).map { " COLLATE " + $0.collation } ?? ""
    let type = "JSON_TYPE(\(value))", text = "JSON_UNQUOTE(\(value))\(collation)"
    switch kind {
    case .string: builder.write("CASE WHEN \(type) = 'STRING' THEN \(text) END")
    case .int:
      builder.write("CASE WHEN \(type) IN ('INTEGER', 'UNSIGNED INTEGER') THEN CAST(\(value) AS SIGNED) ")
      builder.write("WHEN \(type) IN ('DOUBLE', 'DECIMAL') THEN CAST(TRUNCATE(CAST(\(value) AS DOUBLE), 0) AS SIGNED) END")
    case .double:
      builder.write("CASE WHEN \(type) IN ('INTEGER', 'UNSIGNED INTEGER', 'DOUBLE', 'DECIMAL') THEN CAST(\(value) AS DOUBLE) END")
    case .bool: builder.write("CASE WHEN \(type) = 'BOOLEAN' THEN \(text) = 'true' END")
    case .type:
      builder.write(
        "CASE WHEN \(type) IN ('INTEGER', 'UNSIGNED INTEGER', 'DOUBLE', 'DECIMAL') THEN 'number' ELSE CONVERT(LOWER(\(type)) USING utf8mb4)\(collation) END"
      )
    case .count: builder.write("CASE WHEN \(type) IN ('ARRAY', 'OBJECT') THEN JSON_LENGTH(\(value)) END")
    case .contains(let part):
      builder.write("JSON_CONTAINS(\(value), ")
      builder.bind(part)
      builder.write(")")
    }
  }

  /// A path in the language of MySQL and SQLite; keys are JSON strings, so that no character of theirs ends them.
  static func path(_ keys: [JSONPathKey], escapesControls: Bool = false) -> String {
    "$"
      + keys.map { key in
        switch key.step {
        case .index(let index): return "[\(index)]"
        case .key(let key):
          var text = ""
          for character in key.unicodeScalars {
            if escapesControls, character.value < 0x20 {
              text += escape(character)
              continue
            }
            if character == "\"" || character == "\\" { text.unicodeScalars.append("\\") }
            text.unicodeScalars.append(character)
          }
          return ".\"" + text + "\""
        }
      }.joined()
  }

  /// A control character as JSON has it, which MySQL reads and MariaDB compares letter by letter.
  private static func escape(_ control: Unicode.Scalar) -> String {
    switch control {
    case "\u{8}": "\\b"
    case "\t": "\\t"
    case "\n": "\\n"
    case "\u{C}": "\\f"
    case "\r": "\\r"
    default: "\\u00" + (control.value < 16 ? "0" : "") + String(control.value, radix: 16)
    }
  }

  // MARK: SQLite

  private func writeSQLite(_ builder: SQLBuilder, _ base: String) {
    let (value, type) = sqliteAccess(builder, base)
    switch kind {
    case .string: builder.write("CASE WHEN \(type) = 'text' THEN \(value) END")
    case .int: builder.write("CASE WHEN \(type) IN ('integer', 'real') THEN CAST(\(value) AS INTEGER) END")
    case .double: builder.write("CASE WHEN \(type) IN ('integer', 'real') THEN CAST(\(value) AS REAL) END")
    case .bool: builder.write("CASE \(type) WHEN 'true' THEN 1 WHEN 'false' THEN 0 END")
    case .type:
      builder.write("CASE \(type) WHEN 'text' THEN 'string' WHEN 'integer' THEN 'number' WHEN 'real' THEN 'number' ")
      builder.write("WHEN 'true' THEN 'boolean' WHEN 'false' THEN 'boolean' ELSE \(type) END")
    case .count:
      builder.write("CASE \(type) WHEN 'array' THEN json_array_length(\(value)) ")
      builder.write("WHEN 'object' THEN (SELECT COUNT(*) FROM json_each(\(value))) END")
    case .contains(let part):
      builder.write("martlet_json_contains(CASE WHEN \(type) IN ('object', 'array') THEN \(value) ")
      builder.write("WHEN \(type) IN ('true', 'false', 'null') THEN \(type) ELSE json_quote(\(value)) END, ")
      builder.bind(part)
      builder.write(")")
    }
  }

  /// A path where the keys allow one; else step by step: SQLite's paths know no way to write a quote or a backslash.
  private func sqliteAccess(_ builder: SQLBuilder, _ base: String) -> (value: String, type: String) {
    let isPlain = keys.allSatisfy { key in
      if case .key(let key) = key.step {
        !key.isEmpty && !key.utf8.contains { $0 == 0x22 || $0 == 0x5C || $0 < 0x20 }
      } else {
        true
      }
    }
    if isPlain {
      let path = builder.capture { builder.bind(.text(JSONNode.path(keys))) }
      return ("json_extract(\(base), \(path))", "json_type(\(base), \(path))")
    }
    var container = base, value = "", type = ""
    for key in keys {
      let bound = builder.capture {
        switch key.step {
        case .key(let key): builder.bind(.text(key))
        case .index(let index): builder.bind(.int(Int64(index)))
        }
      }
      func ask(_ column: String) -> String { "(SELECT \(column) FROM json_each(\(container)) WHERE key = \(bound))" }
      value = ask("value")
      type = ask("type")
      container = ask("CASE WHEN type IN ('object', 'array') THEN value END")
    }
    return (value, type)
  }
}
