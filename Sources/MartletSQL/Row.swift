/// One value of a row as the driver hands it over.
///
/// Numbers arrive as numbers, everything else as bytes that stay valid until the row's closure
/// returns. A driver with binary timestamps hands over `.int` microseconds since 1970; one that
/// stores text (SQLite) hands over `.text`.
@frozen
public enum RowCell {
  case null
  case int(Int64)
  case double(Double)
  /// UTF-8.
  case text(UnsafeRawBufferPointer)
  case blob(UnsafeRawBufferPointer)
}

/// A cursor over the cells of one row: a concrete type, so that generated decoders are static calls.
///
/// Valid only inside the closure it is handed to.
@frozen
public struct Row {
  @usableFromInline let cells: UnsafePointer<RowCell>
  /// How many cells the row has.
  public let count: Int
  /// The cell that is read next.
  public var index: Int

  /// A cursor at the first of `count` cells.
  @inlinable public init(cells: UnsafePointer<RowCell>, count: Int) {
    self.cells = cells
    self.count = count
    index = 0
  }

  /// The next cell; moves on.
  /// - Throws: ``RowError`` past the last cell.
  @inlinable public mutating func next() throws -> RowCell {
    guard index < count else { throw RowError(index: index, message: "the row has only \(count) columns") }
    defer { index += 1 }
    return cells[index]
  }
  /// Whether the next cell is NULL; stays.
  @inlinable public var nextIsNull: Bool {
    guard index < count, case .null = cells[index] else { return false }
    return true
  }
  /// Whether the cell `offset` places after the next one is NULL; stays.
  @inlinable public func isNull(offset: Int) -> Bool {
    guard index + offset < count, case .null = cells[index + offset] else { return false }
    return true
  }
  /// Passes over `n` cells.
  @inlinable public mutating func skip(_ n: Int) { index += n }
  /// If the next cell is NULL, passes over it and returns `true`.
  @inlinable public mutating func skipNull() -> Bool {
    guard nextIsNull else { return false }
    index += 1
    return true
  }
  /// The next cell as an integer: also the digits that databases make of exact numbers (PostgreSQL's `sum(bigint)`).
  /// - Throws: ``RowError`` where it is something else.
  @inlinable public mutating func int() throws -> Int64 {
    if case .int(let value) = try next() { return value }
    return try readInt()
  }
  /// The next cell as true or false: 0 is false, other integers are true, and so are PostgreSQL's texts `t` and `f`.
  /// - Throws: ``RowError`` where it is something else.
  @inlinable public mutating func bool() throws -> Bool {
    if case .int(let value) = try next() { return value != 0 }
    return try readBool()
  }
  /// The next cell as a number.
  /// - Throws: ``RowError`` where it is something else.
  @inlinable public mutating func double() throws -> Double {
    switch try next() {
    case .double(let value): return value
    case .int(let value): return Double(value)
    default: return try readDouble()
    }
  }
  /// The next cell as text.
  /// - Throws: ``RowError`` where it is something else.
  @inlinable public mutating func text() throws -> String {
    if case .text(let bytes) = try next() { return String(decoding: bytes, as: UTF8.self) }
    throw mismatch("text")
  }
  // The cell that was just passed, where it is not in the form that most databases use.
  @usableFromInline func readInt() throws -> Int64 {
    if case .text(let bytes) = cells[index - 1], let value = NumberText.integer(bytes, as: Int64.self) { return value }
    throw mismatch("an integer")
  }
  @usableFromInline func readDouble() throws -> Double {
    if case .text(let bytes) = cells[index - 1], let value = NumberText.double(bytes) { return value }
    throw mismatch("a number")
  }
  @usableFromInline func readBool() throws -> Bool {
    if case .text(let bytes) = cells[index - 1] {
      switch String(decoding: bytes.prefix(6), as: UTF8.self) {
      case "t", "true", "1": return true
      case "f", "false", "0": return false
      default: break
      }
    }
    throw mismatch("true or false")
  }
  /// The error for a cell of the right kind whose value does not fit.
  package func refusal(_ message: String) -> RowError { RowError(index: index - 1, message: message) }
  /// The error for a cell of another kind than the one just asked for.
  public func mismatch(_ wanted: String) -> RowError {
    let found =
      switch cells[index - 1] {
      case .null: "NULL"
      case .int: "an integer"
      case .double: "a floating-point number"
      case .text(let bytes): "the text '\(String(decoding: bytes.prefix(40), as: UTF8.self))'"
      case .blob(let bytes): "\(bytes.count) bytes"
      }
    return RowError(index: index - 1, message: "expected \(wanted), found \(found)")
  }
}

/// A cell that does not fit the type it is read as.
public struct RowError: Error, Sendable, Hashable {
  /// The column's place in the row, from 0.
  public var index: Int
  /// What was expected and what was found.
  public var message: String

  /// A cell that does not fit.
  public init(index: Int, message: String) {
    self.index = index
    self.message = message
  }
}
