import MartletSQL
import NIOCore

/// A statement ready to be sent: its values are written by the caller's thread, not by the event loop.
struct StatementRequest: Sendable {
  let text: String
  let types: [UInt32]
  let parameters: ByteBuffer

  /// - Throws: ``DatabaseError`` of kind `invalidStatement` or `invalidValue`.
  init(_ statement: SQLStatement) throws {
    // The protocol ends a text at its first zero byte: the rest would be lost without a word.
    guard !statement.text.utf8.contains(0) else {
      throw DatabaseError(.invalidStatement, "the text of a statement cannot hold a zero byte")
    }
    guard statement.text.utf8.count < 1 << 29 else {
      throw DatabaseError(.invalidStatement, "the text of a statement must be smaller than 512 MiB")
    }
    text = statement.text
    do {
      let encoder = try ParameterEncoder(statement.bindings)
      types = encoder.types
      parameters = encoder.buffer
    } catch var error as DatabaseError {
      error.sql = statement.text
      throw error
    }
  }

  /// Whether it may share a connection with the statements of others: it can leave nothing behind in the session.
  static func isShareable(_ text: String) -> Bool {
    var word: [UInt8] = []
    for byte in text.utf8.drop(while: { $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 || $0 == 0x28 }) {
      let lower = byte | 0x20
      guard (0x61...0x7A).contains(lower), word.count < 7 else { break }
      word.append(lower)
    }
    return shareable.contains { $0.elementsEqual(word) }
  }
  private static let shareable: [[UInt8]] = ["select", "insert", "update", "delete", "with", "values", "merge", "table"].map {
    Array($0.utf8)
  }
}

/// A statement that the server has parsed, or is about to. Confined to its session's event loop.
final class ServerStatement {
  let name: String
  let key: StatementKey
  /// Whether it calls a function that changes the session: the name of its command does not tell.
  let changesSession: Bool
  /// Whether the server has said that it has it.
  var isParsed = false
  /// Its columns, once the server has described it.
  var kinds: [CellKind]?
  /// The formats to ask for, for these columns.
  private(set) var formats: [UInt16] = []
  fileprivate(set) var lastUse: UInt64 = 0

  init(name: String, key: StatementKey) {
    self.name = name
    self.key = key
    changesSession = key.text.contains("advisory_lock") || key.text.contains("set_config")
  }

  func describe(_ columns: [PostgresColumn]) {
    let kinds = columns.map { CellKind($0.type) }
    self.kinds = kinds
    // One code stands for all columns.
    formats = kinds.contains(.other) ? kinds.map(\.format) : [1]
  }
}

/// What tells prepared statements apart: a text with other types is another statement.
struct StatementKey: Hashable {
  var text: String
  var types: [UInt32]
}

/// The prepared statements of one connection, the least recently used dropped first. Confined to its session's event loop.
struct StatementStore {
  private var entries: [StatementKey: ServerStatement] = [:]
  private var clock: UInt64 = 0
  private var names: UInt64 = 0
  private let capacity: Int

  init(capacity: Int) { self.capacity = max(1, capacity) }

  var count: Int { entries.count }
  /// The mark before which statements may be evicted: those used since belong to the batch that is being written.
  var mark: UInt64 { clock }

  /// The statement, and whether it has to be prepared.
  mutating func statement(_ request: StatementRequest) -> (ServerStatement, isNew: Bool) {
    clock += 1
    let key = StatementKey(text: request.text, types: request.types)
    if let known = entries[key] {
      known.lastUse = clock
      return (known, false)
    }
    names += 1
    let statement = ServerStatement(name: "martlet_\(names)", key: key)
    statement.lastUse = clock
    entries[key] = statement
    return (statement, true)
  }

  /// Takes out what is too much; the server must be told.
  mutating func evict(usedBefore mark: UInt64) -> [ServerStatement] {
    var evicted: [ServerStatement] = []
    while entries.count > capacity, let oldest = entries.values.min(by: { $0.lastUse < $1.lastUse }), oldest.lastUse <= mark {
      entries[oldest.key] = nil
      evicted.append(oldest)
    }
    return evicted
  }

  mutating func remove(_ statement: ServerStatement) {
    if entries[statement.key] === statement { entries[statement.key] = nil }
  }

  mutating func removeAll() { entries = [:] }
}
