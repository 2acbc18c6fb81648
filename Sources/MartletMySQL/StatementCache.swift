import CMariaDB
import Foundation
import MartletSQL

/// A statement that the server has prepared. Confined to its connection's thread.
final class PreparedStatement {
  let handle: UnsafeMutablePointer<MYSQL_STMT>
  let parameterCount: Int
  let traits: StatementTraits
  let parameters: ParameterBinds
  fileprivate(set) var isCached = false
  fileprivate var lastUse: UInt64 = 0

  /// Prepares a text.
  /// - Throws: ``MySQLFailure``.
  init(_ text: String, _ connection: UnsafeMutablePointer<MYSQL>) throws {
    guard let handle = mysql_stmt_init(connection) else { throw MySQLFailure(connection) }
    let code = text.withCString { mysql_stmt_prepare(handle, $0, UInt(text.utf8.count)) }
    guard code == 0 else {
      let failure = MySQLFailure(handle)
      mysql_stmt_close(handle)
      throw failure
    }
    self.handle = handle
    parameterCount = Int(mysql_stmt_param_count(handle))
    parameters = ParameterBinds(count: parameterCount)
    traits = StatementTraits(text)
  }
  deinit { mysql_stmt_close(handle) }
}

/// The prepared statements of one connection, by their text. Confined to its thread.
struct StatementCache {
  private var entries: [String: PreparedStatement] = [:]
  private var clock: UInt64 = 0
  private let capacity: Int

  init(capacity: Int) { self.capacity = max(1, capacity) }

  var count: Int { entries.count }

  /// The prepared statement; from the cache where the same text ran before. Definitions run once and are not kept.
  mutating func statement(for statement: SQLStatement, _ connection: UnsafeMutablePointer<MYSQL>) throws -> PreparedStatement {
    clock += 1
    if let entry = entries[statement.text] {
      entry.lastUse = clock
      return entry
    }
    let prepared = try PreparedStatement(statement.text, connection)
    guard statement.effect != .definition else { return prepared }
    if entries.count >= capacity, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
      entries[oldest.key] = nil
    }
    prepared.isCached = true
    prepared.lastUse = clock
    entries[statement.text] = prepared
    return prepared
  }

  mutating func remove(_ text: String) { entries[text] = nil }
  mutating func removeAll() { entries = [:] }
}

/// What the driver has to know of a statement's text.
struct StatementTraits {
  /// Goes as plain text in one round trip: such statements run once, and MySQL cannot prepare all of them.
  var goesAsText = false
  /// May leave settings, locks or temporary tables in the session.
  var changesSession = false
  /// Writes rows, also where it returns some (`RETURNING`).
  var writes = false
  /// Ends the whole transaction by undoing it.
  var isRollback = false

  init(_ text: String) {
    let words = Self.firstWords(text)
    guard let first = words.first else { return }
    switch first {
    case "BEGIN", "START", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "XA":
      goesAsText = true
      isRollback = first == "ROLLBACK" && !words.dropFirst().contains("TO")
    case "SET":
      goesAsText = true
      changesSession = words.count < 2 || words[1] != "TRANSACTION"
    case "USE", "LOCK", "UNLOCK", "HANDLER", "PREPARE", "EXECUTE", "DEALLOCATE", "FLUSH", "DECLARE":
      goesAsText = true
      changesSession = true
    case "CREATE", "DROP":
      goesAsText = true
      changesSession = words.dropFirst().contains("TEMPORARY")
    case "ALTER", "TRUNCATE", "RENAME", "GRANT", "REVOKE": goesAsText = true
    case "CALL": changesSession = true
    case "INSERT", "UPDATE", "DELETE", "REPLACE": writes = true
    default: break
    }
    // Locks by name, and variables that a query sets on its way.
    if text.range(of: "get_lock", options: .caseInsensitive) != nil { changesSession = true }
    if text.contains("@"), text.contains(":=") || text.range(of: "into @", options: .caseInsensitive) != nil {
      changesSession = true
    }
  }

  /// The first words, in capitals, without comments before them.
  private static func firstWords(_ text: String) -> [String] {
    var rest = text.utf8[...], words: [String] = []
    while words.count < 4 {
      rest = rest.drop { $0 <= 32 || $0 == UInt8(ascii: "(") }
      if rest.starts(with: "/*".utf8), !rest.starts(with: "/*!".utf8), !rest.starts(with: "/*M!".utf8) {
        rest = skip(rest, past: "*/")
      } else if rest.starts(with: "#".utf8) || rest.starts(with: "-- ".utf8) {
        rest = skip(rest, past: "\n")
      } else {
        let word = rest.prefix { (65...90).contains($0 & 0xDF) || $0 == UInt8(ascii: "_") }
        guard !word.isEmpty else { break }
        words.append(String(decoding: word, as: UTF8.self).uppercased())
        rest = rest[word.endIndex...]
      }
    }
    return words
  }

  private static func skip(_ text: Substring.UTF8View, past end: String) -> Substring.UTF8View {
    text.firstRange(of: end.utf8).map { text[$0.upperBound...] } ?? text[text.endIndex...]
  }
}
