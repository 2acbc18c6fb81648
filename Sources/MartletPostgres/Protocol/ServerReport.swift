import MartletSQL

/// An error or a notice of the server, with the fields that say what it is about.
struct ServerReport: Error, Equatable {
  /// Never translated: `ERROR`, `FATAL`, `PANIC`, `WARNING`, `NOTICE`, `DEBUG`, `INFO`, `LOG`.
  var severity = ""
  /// The SQLSTATE.
  var code = ""
  var message = ""
  var detail: String?
  var hint: String?
  var context: String?
  var table: String?
  var column: String?
  var constraint: String?
  /// The character of the statement that it is about, from 1.
  var position: Int?

  mutating func set(_ field: UInt8, _ value: String) {
    switch field {
    case UInt8(ascii: "V"): severity = value
    // Older servers have the translated one alone.
    case UInt8(ascii: "S"): if severity.isEmpty { severity = value }
    case UInt8(ascii: "C"): code = value
    case UInt8(ascii: "M"): message = value
    case UInt8(ascii: "D"): detail = value
    case UInt8(ascii: "H"): hint = value
    case UInt8(ascii: "W"): context = value
    case UInt8(ascii: "t"): table = value
    case UInt8(ascii: "c"): column = value
    case UInt8(ascii: "n"): constraint = value
    case UInt8(ascii: "P"): position = Int(value)
    default: break
    }
  }

  /// Whether the server closes the connection after it.
  var isFatal: Bool { severity == "FATAL" || severity == "PANIC" }
  /// Whether it is about a prepared statement that the server does not have any more, or cannot run as it was prepared.
  var isAboutStalePlan: Bool {
    // 0A000 has many causes; this one has no code of its own, and the source routine is no better.
    code == "26000" || code == "0A000" && message.contains("cached plan")
  }

  /// The error to throw.
  func error(sql: String?) -> DatabaseError {
    var text = message
    if let position { text += " at character \(position)" }
    if let detail, kind.mayShowDetail { text += " (\(detail))" }
    return DatabaseError(kind, text, hint: hint ?? Self.hints[code], sql: sql, code: code)
  }

  var kind: DatabaseError.Kind {
    switch code {
    case "23505": .uniqueViolation(constraint: constraint ?? "", columns: keyColumns)
    case "23503": .foreignKeyViolation(constraint: constraint)
    case "23502": .notNullViolation(column: column ?? "")
    case "23514", "44000": .checkViolation(constraint: constraint ?? "")
    case "23P01": .exclusionViolation(constraint: constraint ?? "")
    case "40001": .serializationFailure
    case "40P01": .deadlock
    case "55P03": .busy
    case "57014": .statementTimeout
    case "25006": .readOnly
    case "53100": .outOfSpace
    // The values do not fit the placeholders.
    case "08P01": .invalidStatement
    case "53300", "57P01", "57P02", "57P03", "57P04", "57P05", "3D000": .connection
    case "XX001", "XX002": .corrupt
    default:
      switch code.prefix(2) {
      case "08": .connection
      case "28": .authentication
      case "22": .invalidValue(column: column)
      case "25", "2D", "3B", "40": .transaction
      case "42", "3F", "26", "34", "0A", "54", "24": .invalidStatement
      default: .other
      }
    }
  }

  /// The columns in `Key (a, "B c")=(1, 2) already exists.`; the words around are in the server's language.
  var keyColumns: [String] {
    guard let detail, let open = detail.firstIndex(of: "("), let close = detail.firstRange(of: ")=(") else { return [] }
    guard open < close.lowerBound else { return [] }
    var columns: [String] = [], current = "", isQuoted = false, depth = 0
    for character in detail[detail.index(after: open)..<close.lowerBound] {
      switch character {
      case "\"": isQuoted.toggle()
      case ",":
        guard !isQuoted, depth == 0 else { fallthrough }
        columns.append(current)
        current = ""
      case " " where !isQuoted && current.isEmpty: break
      default:
        if !isQuoted { depth += character == "(" ? 1 : character == ")" ? -1 : 0 }
        current.append(character)
      }
    }
    return columns + [current]
  }

  private static let hints = [
    "53300": "lower the pool's maximumConnections, or raise the server's max_connections; other processes use the same server",
    "3D000": "create the database with createdb, or correct its name",
    "42P18": "say the type of the value where nothing else does: CAST($1 AS text)",
    "42501": "grant the role the right it lacks",
    "25P02": "an earlier statement of the transaction failed: roll back, or use a nested transaction for what may fail",
  ]
}

extension DatabaseError.Kind {
  /// The detail of a violated constraint has the row's values, which no log may show.
  fileprivate var mayShowDetail: Bool {
    switch self {
    case .uniqueViolation, .foreignKeyViolation, .notNullViolation, .checkViolation, .exclusionViolation, .invalidValue: false
    default: true
    }
  }
}
