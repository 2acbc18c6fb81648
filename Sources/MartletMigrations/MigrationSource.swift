import MartletORM
import MartletSQL

/// The Swift source of a migration file.
///
/// The same operations give the same text. Statements, one a line: array literals cost the type checker far more.
struct MigrationSource {
  let name: String
  let operations: [MigrationOperation]

  var text: String {
    var lines = [
      "import Martlet", "", "extension Migrations {", "  static let m\(name) = Migration(\(Self.quoted(name))) { m in",
    ]
    var rest = operations[...]
    while let operation = rest.popFirst() {
      guard let table = operation.alteredTable else {
        lines += render(operation)
        continue
      }
      var changes = [change(operation)]
      while let next = rest.first, next.alteredTable == table {
        changes.append(change(next))
        rest = rest.dropFirst()
      }
      lines += ["    m.alter(\(Self.quoted(table))) { t in"] + changes.map { "      " + $0 } + ["    }"]
    }
    return (lines + ["  }", "}", ""]).joined(separator: "\n")
  }

  /// The file that lists all migrations.
  static func registry(_ names: [String]) -> String {
    var lines = [
      "import Martlet", "", "/// Every migration, in order. Written by `makemigrations`.", "enum Migrations {",
      "  static let all: [Migration] = [",
    ]
    // A comma after the last one, but for an only one: the house's format.
    lines += names.count == 1 ? names.map { "    m\($0)" } : names.sorted().map { "    m\($0)," }
    return (lines + ["  ]", "}", ""]).joined(separator: "\n")
  }

  private func render(_ operation: MigrationOperation) -> [String] {
    switch operation {
    case .createTable(let table):
      let implied = table.columns.map { column in table.indexes.first { Self.isImplied($0, column, table.name) } }
      let body =
        zip(table.columns, implied).map { Self.definition($0, hasIndex: $1 != nil) }
        + table.indexes.filter { !implied.contains($0) }.map { Self.index($0, prefix: "") }
        + (table.primaryKey.isEmpty ? [] : ["t.primaryKey(\(Self.list(table.primaryKey)))"])
        + table.foreignKeys.map { Self.foreignKey($0, verb: "foreignKey") }
        + (table.isStrict ? ["t.strict()"] : [])
        + table.checks.map { "t.check(\(Self.quoted($0.name)), \(Self.quoted($0.sql)))" }
      return ["    m.create(\(Self.quoted(table.name))) { t in"] + body.map { "      " + $0 } + ["    }"]
    case .dropTable(let table): return ["    m.drop(\(Self.quoted(table)))"]
    case .renameTable(let old, let new): return ["    m.renameTable(\(Self.quoted(old)), to: \(Self.quoted(new)))"]
    case .sql(let text, let reverse):
      return ["    m.sql(\(Self.quoted(text))\(reverse.map { ", reverse: \(Self.quoted($0))" } ?? ""))"]
    // Code has no source to write: makemigrations never makes it.
    case .run: return ["    m.run { _ in }"]
    default: return []
    }
  }

  private func change(_ operation: MigrationOperation) -> String {
    switch operation {
    case .addColumn(_, let column, let backfill): Self.definition(column, verb: "add", hasIndex: false, backfill: backfill)
    case .alterColumn(_, let column, let backfill): Self.definition(column, verb: "alter", hasIndex: nil, backfill: backfill)
    case .renameColumn(_, let from, let to): "t.renameColumn(\(Self.quoted(from)), to: \(Self.quoted(to)))"
    case .dropColumn(_, let column): "t.dropColumn(\(Self.quoted(column)))"
    case .addIndex(_, let index): Self.index(index, prefix: "add")
    case .dropIndex(_, let name): "t.dropIndex(\(Self.quoted(name)))"
    case .addCheck(_, let check): "t.addCheck(\(Self.quoted(check.name)), \(Self.quoted(check.sql)))"
    case .dropCheck(_, let name): "t.dropCheck(\(Self.quoted(name)))"
    case .addForeignKey(_, let key): Self.foreignKey(key, verb: "addForeignKey")
    case .dropForeignKey(_, let columns): "t.dropForeignKey(\(Self.list(columns)))"
    case .setStrict(_, let isStrict): "t.setStrict(\(isStrict))"
    case .createTable, .dropTable, .renameTable, .sql, .run: ""
    }
  }

  /// Whether `index: true` would make this index.
  private static func isImplied(_ index: IndexState, _ column: ColumnState, _ table: String) -> Bool {
    index == IndexState(DatabaseNames.hashed(table, [column.name]), [column.name])
  }

  // MARK: Columns and indexes

  private static func definition(
    _ column: ColumnState, verb: String = "", hasIndex: Bool?, backfill: SQLValue? = nil
  ) -> String {
    var arguments = [quoted(column.name)]
    var call = column.references == nil ? "column" : "reference"
    if column.isPrimaryKey { call = column.references == nil ? "ID" : "IDReference" }
    if let reference = column.references {
      arguments.append("to: \(quoted(reference.table))")
      if reference.column != "id" { arguments.append("column: \(quoted(reference.column))") }
      if column.type != .bigInt { arguments.append("type: \(type(column.type))") }
      arguments.append("onDelete: .\(reference.onDelete.rawValue)")
    } else {
      arguments.append(type(column.type))
    }
    if column.isPrimaryKey {
      let counts = [.smallInt, .int, .bigInt].contains(column.type)
      if column.references == nil, counts != column.autoIncrement { arguments.append("autoIncrement: \(column.autoIncrement)") }
      if call == "ID", verb.isEmpty, arguments == ["\"id\"", ".bigInt"] { arguments = [] }
    } else {
      if column.isNullable { arguments.append("null: true") }
      if column.isUnique { arguments.append("unique: true") }
      // A reference has an index unless it says no; another column has none unless it says yes.
      if let hasIndex, hasIndex != (column.references != nil) { arguments.append("index: \(hasIndex)") }
      if let generated = column.generated {
        arguments.append("generated: \(quoted(generated.sql))")
        if !generated.isStored { arguments.append("stored: false") }
      }
      if let value = column.dbDefault { arguments.append("dbDefault: \(literal(value))") }
      if let backfill { arguments.append("backfill: \(literal(backfill))") }
    }
    let name =
      verb.isEmpty
      ? (call.hasPrefix("ID") ? "id" + call.dropFirst(2) : call) : verb + call.prefix(1).uppercased() + call.dropFirst()
    return "t.\(name)(\(arguments.joined(separator: ", ")))"
  }

  private static func index(_ index: IndexState, prefix: String) -> String {
    let kind = index.fullText != nil ? "fullText" : index.isUnique ? "unique" : "index"
    let name = prefix.isEmpty ? kind : prefix + kind.prefix(1).uppercased() + kind.dropFirst()
    if let language = index.fullText {
      return "t.\(name)(\(quoted(index.name)), \(list(index.columns)), language: \(quoted(language)))"
    }
    return "t.\(name)(\(quoted(index.name)), \(list(index.columns))\(index.condition.map { ", where: \(quoted($0))" } ?? ""))"
  }

  private static func list(_ names: [String]) -> String { "[\(names.map(quoted).joined(separator: ", "))]" }

  private static func foreignKey(_ key: ForeignKeyState, verb: String) -> String {
    "t.\(verb)(\(list(key.columns)), to: \(quoted(key.table)), columns: \(list(key.targetColumns)), onDelete: .\(key.onDelete.rawValue))"
  }

  private static func type(_ type: ColumnType) -> String {
    switch type {
    case .array(let element): ".array(\(self.type(element)))"
    case .native(let name): ".native(\(quoted(name)))"
    case .decimal(let precision, let scale): ".decimal(precision: \(precision), scale: \(scale))"
    default: ".\(type)"  // the cases print as they are written: varchar(200)
    }
  }

  // MARK: Literals

  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\0"..<" ", "\u{7F}": result += "\\u{\(String(scalar.value, radix: 16))}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  private static func literal(_ value: DatabaseDefault) -> String {
    switch value {
    case .int(let value): ".int(\(value))"
    case .double(let value): ".double(\(value))"
    case .bool(let value): ".bool(\(value))"
    case .text(let value): ".text(\(quoted(value)))"
    case .currentTimestamp: ".currentTimestamp"
    case .randomUUID: ".randomUUID"
    case .sql(let text): ".sql(\(quoted(text)))"
    }
  }

  /// A value as Swift writes it; those without a literal of their own in the form that SQLite stores.
  private static func literal(_ value: SQLValue) -> String {
    switch value {
    case .null: ".null"
    case .bool(let value): ".bool(\(value))"
    case .int(let value): ".int(\(value))"
    case .double(let value): value.isFinite ? ".double(\(value))" : ".double(\(value < 0 ? "-" : "").infinity)"
    case .text(let value): ".text(\(quoted(value)))"
    case .json(let value): ".json(\(quoted(value)))"
    case .timestamp(let value): ".timestamp(\(value))"
    case .interval(let value): ".interval(\(value))"
    case .blob(let bytes): ".blob([\(bytes.map(String.init).joined(separator: ", "))])"
    case .uint(let value): ".uint(\(value))"
    case .native(let type, let text): ".native(type: \(quoted(type)), text: \(quoted(text)))"
    case .array(let values, let element): ".array([\(values.map { literal($0) }.joined(separator: ", "))], of: \(type(element)))"
    case .decimal, .uuid, .date, .time:
      switch SQLiteDialect().encode(value) {
      case .text(let text): ".text(\(quoted(text)))"
      default: ".null"
      }
    }
  }
}
