import CSQLite3
import MartletSQL

/// The prepared statements of one connection, by their text.
struct StatementCache {
  struct Prepared {
    var handle: OpaquePointer
    /// An INSERT, after which SQLite knows the new row's key.
    var givesKey: Bool
    /// Whether the cache keeps it.
    var isCached: Bool
  }
  private struct Entry {
    var prepared: Prepared
    var lastUse: UInt64
  }
  private var entries: [String: Entry] = [:]
  private var clock: UInt64 = 0
  private let capacity: Int

  init(capacity: Int) { self.capacity = capacity }

  var count: Int { entries.count }

  /// The prepared statement; from the cache where the same text ran before. Definitions run once and are not kept.
  mutating func statement(for statement: SQLStatement, _ database: OpaquePointer) throws -> Prepared {
    clock += 1
    if let place = entries.index(forKey: statement.text) {
      entries.values[place].lastUse = clock
      return entries.values[place].prepared
    }
    let keep = statement.effect != .definition
    let handle = try Self.prepare(statement.text, database, persistent: keep)
    let prepared = Prepared(handle: handle, givesKey: Self.givesKey(statement.text), isCached: keep)
    guard keep else { return prepared }
    if entries.count >= capacity, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
      sqlite3_finalize(oldest.value.prepared.handle)
      entries[oldest.key] = nil
    }
    entries[statement.text] = Entry(prepared: prepared, lastUse: clock)
    return prepared
  }

  /// Ends a run: frees locks and bound values, and the statement itself where it is not kept.
  func giveBack(_ prepared: Prepared) {
    if prepared.isCached {
      sqlite3_reset(prepared.handle)
      sqlite3_clear_bindings(prepared.handle)
    } else {
      sqlite3_finalize(prepared.handle)
    }
  }

  mutating func removeAll() {
    for entry in entries.values { sqlite3_finalize(entry.prepared.handle) }
    entries = [:]
  }

  static func prepare(_ text: String, _ database: OpaquePointer, persistent: Bool) throws -> OpaquePointer {
    var handle: OpaquePointer?, extra: OpaquePointer?
    var code: Int32 = SQLITE_OK
    var text = text
    text.withUTF8 { utf8 in
      guard let start = utf8.baseAddress else { return }
      start.withMemoryRebound(to: CChar.self, capacity: utf8.count) { start in
        var tail: UnsafePointer<CChar>?
        let flags = persistent ? UInt32(SQLITE_PREPARE_PERSISTENT) : 0
        code = sqlite3_prepare_v3(database, start, Int32(clamping: utf8.count), flags, &handle, &tail)
        guard code == SQLITE_OK, let tail else { return }
        let rest = Int32(clamping: utf8.count) - Int32(clamping: tail - start)
        if rest > 0 {
          // Blanks and comments prepare to nothing; what cannot be prepared is no blank either.
          let tailCode = sqlite3_prepare_v3(database, tail, rest, 0, &extra, nil)
          if tailCode != SQLITE_OK, handle != nil { code = SQLITE_MULTIPLE }
        }
      }
    }
    defer { sqlite3_finalize(extra) }
    if extra != nil || code == SQLITE_MULTIPLE {
      sqlite3_finalize(handle)
      throw DatabaseError(.invalidStatement, "the text holds more than one statement", hint: "run them one by one", sql: text)
    }
    guard code == SQLITE_OK else { throw SQLiteResult.error(code, database, sql: text) }
    guard let handle else { throw DatabaseError(.invalidStatement, "the text holds no statement", sql: text) }
    return handle
  }

  private static func givesKey(_ text: String) -> Bool {
    let first = text.drop { $0.isWhitespace }.prefix(7).uppercased()
    return (first.hasPrefix("INSERT") || first == "REPLACE") && !text.contains("last_insert_rowid")
  }
}

/// A code of our own, outside of SQLite's range: more than one statement in a text.
private let SQLITE_MULTIPLE: Int32 = -1
