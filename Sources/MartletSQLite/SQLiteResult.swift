import CSQLite3
import MartletSQL

/// SQLite's result codes as normalised errors (https://www.sqlite.org/rescode.html).
enum SQLiteResult {
  /// The error for a failed call, with the database's own message.
  static func error(_ code: Int32, _ database: OpaquePointer, sql: String) -> DatabaseError {
    error(code, message: String(cString: sqlite3_errmsg(database)), sql: sql)
  }

  static func error(_ code: Int32, message: String, sql: String) -> DatabaseError {
    let (kind, hint) = kind(code, message)
    return DatabaseError(kind, message, hint: hint, sql: sql, code: name(code))
  }

  private static func kind(_ code: Int32, _ message: String) -> (DatabaseError.Kind, String?) {
    switch code & 0xFF {
    case SQLITE_CONSTRAINT: return (constraint(code, message), nil)
    case SQLITE_BUSY, SQLITE_LOCKED:
      return (.busy, "another process or transaction holds the lock; keep write transactions short, or raise busyTimeout")
    case SQLITE_READONLY:
      return (.readOnly, "the file or its folder may not be written, the URL says mode=ro, or a write was run as a read")
    case SQLITE_FULL: return (.outOfSpace, "free space on the disk that holds the database")
    case SQLITE_CORRUPT: return (.corrupt, "restore a backup, or try `.recover` of the sqlite3 tool on a copy")
    case SQLITE_NOTADB: return (.corrupt, "the file is no SQLite database: check the path")
    case SQLITE_CANTOPEN: return (.connection, "the directory must exist and be writable: SQLite keeps its log beside the file")
    case SQLITE_ERROR where message.hasPrefix("no such table"), SQLITE_ERROR where message.hasPrefix("no such column"):
      return (.invalidStatement, "if the schema lags behind the models, run `migrate`")
    case SQLITE_ERROR where message.contains("transaction"): return (.transaction, nil)
    case SQLITE_ERROR, SQLITE_RANGE, SQLITE_MISMATCH, SQLITE_SCHEMA: return (.invalidStatement, nil)
    default: return (.other, nil)
    }
  }

  private static func constraint(_ code: Int32, _ message: String) -> DatabaseError.Kind {
    // "UNIQUE constraint failed: t.a, t.b" or "… failed: index 'name'"; "NOT NULL constraint failed: t.a".
    let detail = message.firstRange(of: "constraint failed: ").map { String(message[$0.upperBound...]) } ?? ""
    if message.hasPrefix("FOREIGN KEY") { return .foreignKeyViolation(constraint: nil) }
    switch code {
    case SQLITE_CONSTRAINT_UNIQUE_CODE, SQLITE_CONSTRAINT_PRIMARYKEY_CODE, SQLITE_CONSTRAINT_ROWID_CODE:
      if detail.hasPrefix("index '"), detail.hasSuffix("'") {
        return .uniqueViolation(constraint: String(detail.dropFirst("index '".count).dropLast()), columns: [])
      }
      return .uniqueViolation(constraint: detail, columns: detail.split(separator: ", ").map(columnName))
    case SQLITE_CONSTRAINT_NOTNULL_CODE: return .notNullViolation(column: columnName(detail[...]))
    case SQLITE_CONSTRAINT_CHECK_CODE: return .checkViolation(constraint: detail)
    case SQLITE_CONSTRAINT_FOREIGNKEY_CODE: return .foreignKeyViolation(constraint: nil)
    default: return .other
    }
  }

  private static func columnName(_ qualified: Substring) -> String {
    String(qualified.lastIndex(of: ".").map { qualified[qualified.index(after: $0)...] } ?? qualified)
  }

  /// `SQLITE_BUSY_SNAPSHOT (517)`
  static func name(_ code: Int32) -> String {
    let name = extendedNames[code] ?? names[code & 0xFF] ?? "SQLITE"
    return "\(name) (\(code))"
  }

  private static let names: [Int32: String] = [
    1: "SQLITE_ERROR", 2: "SQLITE_INTERNAL", 3: "SQLITE_PERM", 4: "SQLITE_ABORT", 5: "SQLITE_BUSY", 6: "SQLITE_LOCKED",
    7: "SQLITE_NOMEM", 8: "SQLITE_READONLY", 9: "SQLITE_INTERRUPT", 10: "SQLITE_IOERR", 11: "SQLITE_CORRUPT",
    12: "SQLITE_NOTFOUND", 13: "SQLITE_FULL", 14: "SQLITE_CANTOPEN", 15: "SQLITE_PROTOCOL", 17: "SQLITE_SCHEMA",
    18: "SQLITE_TOOBIG", 19: "SQLITE_CONSTRAINT", 20: "SQLITE_MISMATCH", 21: "SQLITE_MISUSE", 22: "SQLITE_NOLFS",
    23: "SQLITE_AUTH", 25: "SQLITE_RANGE", 26: "SQLITE_NOTADB",
  ]
  private static let extendedNames: [Int32: String] = [
    261: "SQLITE_BUSY_RECOVERY", 275: "SQLITE_CONSTRAINT_CHECK", 517: "SQLITE_BUSY_SNAPSHOT", 531: "SQLITE_CONSTRAINT_COMMITHOOK",
    787: "SQLITE_CONSTRAINT_FOREIGNKEY", 1043: "SQLITE_CONSTRAINT_FUNCTION", 1299: "SQLITE_CONSTRAINT_NOTNULL",
    1555: "SQLITE_CONSTRAINT_PRIMARYKEY", 1811: "SQLITE_CONSTRAINT_TRIGGER", 2067: "SQLITE_CONSTRAINT_UNIQUE",
    2579: "SQLITE_CONSTRAINT_ROWID", 3091: "SQLITE_CONSTRAINT_DATATYPE",
  ]
}

extension DatabaseError {
  /// Whether the statement was interrupted.
  var isInterruption: Bool { code?.hasPrefix("SQLITE_INTERRUPT") == true }
}

// Extended codes are computed macros in sqlite3.h, which Swift cannot import.
private let SQLITE_CONSTRAINT_CHECK_CODE: Int32 = 275
private let SQLITE_CONSTRAINT_FOREIGNKEY_CODE: Int32 = 787
private let SQLITE_CONSTRAINT_NOTNULL_CODE: Int32 = 1299
private let SQLITE_CONSTRAINT_PRIMARYKEY_CODE: Int32 = 1555
private let SQLITE_CONSTRAINT_UNIQUE_CODE: Int32 = 2067
private let SQLITE_CONSTRAINT_ROWID_CODE: Int32 = 2579
