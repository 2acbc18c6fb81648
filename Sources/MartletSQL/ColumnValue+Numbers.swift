extension UInt64: ColumnValue {
  public static var columnType: ColumnType { .unsignedBigInt }
  public var sqlValue: SQLValue { .uint(self) }
  public static func read(_ row: inout Row) throws -> UInt64 { try row.unsigned() }
}
extension UInt: ColumnValue {
  public static var columnType: ColumnType { .unsignedBigInt }
  public var sqlValue: SQLValue { .uint(UInt64(self)) }
  public static func read(_ row: inout Row) throws -> UInt {
    guard let value = UInt(exactly: try row.unsigned()) else { throw row.mismatch("an unsigned integer of this machine") }
    return value
  }
}
extension UInt32: ColumnValue {
  public static var columnType: ColumnType { .bigInt }
  public var sqlValue: SQLValue { .int(Int64(self)) }
  public static func read(_ row: inout Row) throws -> UInt32 {
    guard let value = UInt32(exactly: try row.int()) else { throw row.mismatch("an unsigned 32-bit integer") }
    return value
  }
}
extension UInt16: ColumnValue {
  public static var columnType: ColumnType { .int }
  public var sqlValue: SQLValue { .int(Int64(self)) }
  public static func read(_ row: inout Row) throws -> UInt16 {
    guard let value = UInt16(exactly: try row.int()) else { throw row.mismatch("an unsigned 16-bit integer") }
    return value
  }
}
extension UInt8: ColumnValue {
  public static var columnType: ColumnType { .smallInt }
  public var sqlValue: SQLValue { .int(Int64(self)) }
  public static func read(_ row: inout Row) throws -> UInt8 {
    guard let value = UInt8(exactly: try row.int()) else { throw row.mismatch("an integer from 0 to 255") }
    return value
  }
}
extension Int8: ColumnValue {
  public static var columnType: ColumnType { .smallInt }
  public var sqlValue: SQLValue { .int(Int64(self)) }
  public static func read(_ row: inout Row) throws -> Int8 {
    guard let value = Int8(exactly: try row.int()) else { throw row.mismatch("an 8-bit integer") }
    return value
  }
}
extension Float: ColumnValue {
  /// A column of 64 bits, which holds every `Float` exactly.
  public static var columnType: ColumnType { .double }
  public var sqlValue: SQLValue { .double(Double(self)) }
  public static func read(_ row: inout Row) throws -> Float { Float(try row.double()) }
}

extension Row {
  /// The next cell as an unsigned integer; digits as text where it is beyond `Int64.max`.
  mutating func unsigned() throws -> UInt64 {
    switch try next() {
    case .int(let value): if value >= 0 { return UInt64(value) }
    case .text(let bytes): if let value = NumberText.integer(bytes, as: UInt64.self) { return value }
    default: break
    }
    throw mismatch("an unsigned 64-bit integer")
  }
}
