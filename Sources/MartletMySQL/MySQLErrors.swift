import CMariaDB
import MartletSQL

/// What the C library or the server says of a failed call.
struct MySQLFailure: Error {
  var number: UInt32
  var state: String
  var message: String

  init(number: UInt32, state: String, message: String) {
    self.number = number
    self.state = state
    self.message = message
  }
  init(_ handle: UnsafeMutablePointer<MYSQL>) {
    self.init(
      number: mysql_errno(handle), state: String(cString: mysql_sqlstate(handle)), message: String(cString: mysql_error(handle)))
  }
  init(_ statement: UnsafeMutablePointer<MYSQL_STMT>) {
    self.init(
      number: mysql_stmt_errno(statement), state: String(cString: mysql_stmt_sqlstate(statement)),
      message: String(cString: mysql_stmt_error(statement)))
  }

  /// The transport is gone, or nobody knows any more what it carries next.
  var losesConnection: Bool {
    switch number {
    // 2014: commands out of sync. 1927: killed. 1053: shutting down. 1159…1161: the server's network time-outs.
    case 2000...2013, 2014, 2018, 2020, 2026, 2027, 2048, 2055, 1053, 1077...1079, 1153, 1158...1161, 1184, 1927, 4031: true
    default: false
    }
  }
  /// `KILL QUERY` has hit the statement.
  var isInterruption: Bool { number == 1317 }
  /// The server has forgotten the prepared statement, or wants it prepared anew.
  var wantsPreparing: Bool { number == 1243 || number == 1615 }
  /// The result has more or fewer columns than the statement had when it was prepared. The server has carried it out.
  var hasOtherColumns: Bool { number == 2057 }
  /// The statement cannot be prepared at all, only sent as text.
  var wantsText: Bool { number == 1295 }

  /// The error as Martlet's users see it. The message holds no value: the server's own often does.
  func error(sql: String?) -> DatabaseError {
    let (kind, hint) = classify()
    let code = number == 0 ? nil : "\(number) (\(state))"
    return DatabaseError(kind, describe(kind), hint: hint, sql: sql, code: code)
  }

  private func classify() -> (DatabaseError.Kind, String?) {
    switch number {
    case 1062, 1586, 1022, 1169, 1859:
      return (.uniqueViolation(constraint: MySQLMessage.key(message), columns: []), nil)
    case 1451, 1452, 1216, 1217, 1761, 1762:
      return (.foreignKeyViolation(constraint: MySQLMessage.quoted(message, after: "CONSTRAINT ", by: "`")), nil)
    case 1048, 1364, 1171, 1263:
      return (.notNullViolation(column: MySQLMessage.quoted(message, after: "", by: "'") ?? ""), nil)
    case 3819: return (.checkViolation(constraint: MySQLMessage.quoted(message, after: "constraint ", by: "'") ?? ""), nil)
    case 4025: return (.checkViolation(constraint: MySQLMessage.lastName(message, after: "CONSTRAINT ")), nil)
    case 1213: return (.deadlock, "try the transaction again: db.transaction(retries:) does")
    case 1205:
      return (
        .busy, "another transaction holds the lock; only the statement was undone, the transaction is still open"
      )
    case 3572: return (.busy, nil)
    case 1020: return (.serializationFailure, "another transaction changed the row: try the transaction again")
    case 1969, 3024: return (.statementTimeout, "the statement time-out was reached; find out why it is slow, or raise it")
    case 1792, 1290, 1836, 1223: return (.readOnly, nil)
    case 1021, 1114, 1041: return (.outOfSpace, "free space on the disk that holds the database")
    case 1034, 1035, 1194, 1195, 1712, 1877: return (.corrupt, "check the table with CHECK TABLE, or restore a backup")
    case 1264, 1265, 1406, 1366, 1292, 1690, 1365, 1367, 1411, 1416, 1441, 3140, 3141, 4038:
      return (.invalidValue(column: MySQLMessage.column(message)), nil)
    case 1153:
      return (
        .invalidValue(column: nil),
        "raise the server's variable max_allowed_packet, or send less at once"
      )
    case 1301: return (.invalidValue(column: nil), "raise the server's variable max_allowed_packet")
    case 1054, 1146, 1051, 1091, 1072: return (.invalidStatement, "if the schema lags behind the models, run `migrate`")
    case 1064, 1046, 1052, 1055, 1056, 1060, 1061, 1066, 1068, 1093, 1109, 1110, 1111, 1136, 1140, 1149, 1210, 1221, 1222,
      1241, 1242, 1247, 1248, 1305, 1318, 1582, 1583, 1584, 1295, 1390, 4078:
      return (.invalidStatement, nil)
    case 1044, 1045, 1698, 1130, 1251, 1275, 1524, 2049, 2054, 2059, 2061, 3118, 3159, 4151:
      return (.authentication, authenticationHint)
    case 1049: return (.connection, "create the database, or correct the name in the URL")
    case 1040, 1203, 1226:
      return (
        .connection, "all of the server's connections are in use: lower pool-size, or raise max_connections there"
      )
    // A handshake that was cut off may succeed the next time; a certificate that is not accepted will not.
    case 2026
    where message.lowercased().contains("certificate") || message.contains("verif")
      || message.contains("does not support"):
      return (.authentication, "TLS failed: check ssl-mode, ssl-ca and the server's certificate")
    case 2026: return (.connection, "TLS failed: check ssl-mode, ssl-ca and the server's certificate")
    case _ where losesConnection: return (.connection, nil)
    default: return classifyByState()
    }
  }

  private func classifyByState() -> (DatabaseError.Kind, String?) {
    switch state.prefix(2) {
    case "42": (.invalidStatement, nil)
    case "22": (.invalidValue(column: MySQLMessage.column(message)), nil)
    case "08": (.connection, nil)
    case "28": (.authentication, authenticationHint)
    case "25": (.transaction, nil)
    default: (.other, nil)
    }
  }

  private var authenticationHint: String { "check the user, the password and what the user may do from this host" }

  /// Texts that quote what was stored or bound are said without it.
  private func describe(_ kind: DatabaseError.Kind) -> String {
    switch kind {
    case .uniqueViolation(let key, _): return "another row has the same value for the key '\(key)'"
    case .invalidValue(let column) where number != 1153 && number != 1301:
      let place = column.map { " for column '\($0)'" } ?? ""
      return MySQLMessage.withoutValue(message) ?? "a value does not fit\(place)"
    default: return message
    }
  }
}

/// The names in the server's messages.
enum MySQLMessage {
  /// `Duplicate entry 'a-1' for key 'users_email_key'`; MySQL 8 writes `'users.users_email_key'`.
  static func key(_ message: String) -> String {
    // The last one: the entry itself may hold anything.
    guard let end = message.lastIndex(of: "'"), let start = message[..<end].lastIndex(of: "'") else { return "" }
    let name = message[message.index(after: start)..<end]
    guard let dot = name.lastIndex(of: ".") else { return String(name) }
    return String(name[name.index(after: dot)...])
  }

  /// The first text in quotes after `marker`.
  static func quoted(_ message: String, after marker: String, by quote: Character) -> String? {
    let start = marker.isEmpty ? message.startIndex : message.firstRange(of: marker)?.upperBound
    guard let start, let open = message[start...].firstIndex(of: quote) else { return nil }
    let rest = message[message.index(after: open)...]
    return rest.firstIndex(of: quote).map { String(rest[..<$0]) }
  }

  /// The last part of a name such as `` `shop`.`price_positive` ``.
  static func lastName(_ message: String, after marker: String) -> String {
    guard let start = message.firstRange(of: marker)?.upperBound else { return "" }
    let rest = message[start...]
    let end = rest.firstRange(of: " failed")?.lowerBound ?? rest.endIndex
    let name = rest[..<end].split(separator: ".").last ?? rest[..<end]
    return String(name.filter { $0 != "`" })
  }

  /// `… for column 'age' at row 1`, `` … for column `shop`.`user`.`age` at row 1``.
  static func column(_ message: String) -> String? {
    guard let start = message.ranges(of: "column ").last?.upperBound else { return nil }
    var name = message[start...]
    if let end = name.firstRange(of: " at row")?.lowerBound { name = name[..<end] }
    let last = name.split(separator: ".").last ?? name
    let bare = last.filter { $0 != "'" && $0 != "`" }
    return bare.isEmpty ? nil : bare
  }

  /// `Incorrect datetime value: 'x' for column …` without the value; `nil` where it cannot be told apart.
  static func withoutValue(_ message: String) -> String? {
    guard let value = message.firstRange(of: "value: '") else {
      return message.hasPrefix("Truncated") || message.hasPrefix("Invalid") ? nil : message
    }
    let head = String(message[..<value.lowerBound]) + "value"
    guard let tail = message.ranges(of: " for column ").last?.lowerBound else { return head }
    return head + String(message[tail...])
  }
}
