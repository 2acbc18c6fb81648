import MartletCore
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
    guard !statement.text.hasZeroByte else {
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
    var text = text
    return text.withUTF8 { utf8 in
      var place = 0
      while place < utf8.count, isBetweenWords(utf8[place]) { place += 1 }
      // The word's letters, up to seven, in one number.
      var word: UInt64 = 0, count = 0
      while place < utf8.count, count < 7, (0x61...0x7A).contains(utf8[place] | 0x20) {
        word = word << 8 | UInt64(utf8[place] | 0x20)
        place += 1
        count += 1
      }
      return shareable.contains(word)
    }
  }
  private static func isBetweenWords(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 || byte == 0x28
  }
  private static let shareable: [UInt64] = ["select", "insert", "update", "delete", "with", "values", "merge", "table"].map {
    $0.utf8.reduce(0) { $0 << 8 | UInt64($1) }
  }
}

extension String {
  /// Whether a byte of it is zero.
  fileprivate var hasZeroByte: Bool {
    var text = self
    return text.withUTF8 { utf8 in ByteWord.contains(0, in: UnsafeRawBufferPointer(utf8)) }
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
    bindEnd = nil
  }

  // MARK: Its messages

  /// A Bind up to the parameters, but for its length.
  private(set) lazy var bindStart: [UInt8] = [UInt8(ascii: "B"), 0, 0, 0, 0, 0] + Array(name.utf8) + [0]
  private var bindEnd: [UInt8]?

  /// A Bind behind the parameters.
  var bindRest: [UInt8] {
    if let bindEnd { return bindEnd }
    let bytes = ([UInt16(truncatingIfNeeded: formats.count)] + formats).flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
    bindEnd = bytes
    return bytes
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
  /// Taken out, but the server has not closed them.
  private var unclosed: [ServerStatement] = []
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
    var evicted = unclosed
    unclosed = []
    while entries.count > capacity, let oldest = entries.values.min(by: { $0.lastUse < $1.lastUse }), oldest.lastUse <= mark {
      entries[oldest.key] = nil
      evicted.append(oldest)
    }
    return evicted
  }

  /// The server was not told after all: the next batch tells it.
  mutating func keepUnclosed(_ statements: [ServerStatement]) { unclosed += statements }

  mutating func remove(_ statement: ServerStatement) {
    if entries[statement.key] === statement { entries[statement.key] = nil }
  }

  mutating func removeAll() { entries = [:] }
}
