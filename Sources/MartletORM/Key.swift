public import Foundation
public import MartletCore
public import MartletSQL

/// The type inside the keys of models with UUIDs.
public typealias KeyUUID = UUID

/// Which type the primary key of a model has: `@Model(key: .uuidV7)`.
public enum KeyKind: Sendable, Hashable {
  /// 64 bits, given by the database.
  case int64
  /// Random (RFC 9562, version 4), given by Martlet on insert.
  case uuidV4
  /// Ordered by time (RFC 9562, version 7), given by Martlet on insert.
  case uuidV7
  /// Text that the app gives.
  case text
}

/// Who gives a new row its key.
public enum KeyGeneration: Sendable, Hashable {
  /// The database counts.
  case database
  case uuidV4
  case uuidV7
  /// The app: inserting an unsaved key is an error.
  case none
}

/// A model's primary key; a `Key<User, Int64>` never mixes with a `Key<Post, Int64>`.
///
/// `.auto` is the key of a row that is not saved yet.
public struct Key<Owner, Raw: ColumnValue>: Hashable, Sendable {
  /// The key's value; `nil` while unsaved.
  public var raw: Raw?
  /// The key with this value.
  public init(_ raw: Raw) { self.raw = raw }
  private init() { raw = nil }
  /// The key of a row that is not saved yet.
  public static var auto: Self { Self() }
}

/// What a model's `ID` must be: a ``Key``, or a ``CompositeKey``.
public protocol PrimaryKey: ColumnValue, CustomStringConvertible {
  /// The key of a row that is not saved yet; `nil` where the app gives every part of the key.
  static var unsaved: Self? { get }
  /// The values of the key's columns, in its order; NULL for those that are not saved yet.
  var keyValues: [SQLValue] { get }
}

extension Key: PrimaryKey {
  /// Whether the row is not saved yet.
  public var isAuto: Bool { raw == nil }
  public static var unsaved: Self? { auto }
  public var keyValues: [SQLValue] { [sqlValue] }
  public static var columnType: ColumnType { Raw.columnType }
  /// The value; NULL while unsaved.
  public var sqlValue: SQLValue { raw?.sqlValue ?? .null }
  public static func read(_ row: inout Row) throws -> Self { Self(try Raw.read(&row)) }
  public static func writeJSON(from row: inout Row, to json: inout JSONWriter) throws { try Raw.writeJSON(from: &row, to: &json) }
  public static var plainForm: PlainForm? { Raw.plainForm }
  public var isUnsavedKey: Bool { raw == nil }
  /// The value as text; `auto` while unsaved.
  public var description: String { raw.map { ($0 as? UUID)?.uuidString.lowercased() ?? "\($0)" } ?? "auto" }
}
extension Key: ExpressibleByIntegerLiteral where Raw == Int64 {
  /// `User.ID` from `7`.
  public init(integerLiteral value: Int64) { self.init(value) }
}
extension Key: ExpressibleByUnicodeScalarLiteral, ExpressibleByExtendedGraphemeClusterLiteral, ExpressibleByStringLiteral
where Raw == String {
  /// `Session.ID` from `"abc"`.
  public init(stringLiteral value: String) { raw = value }
}
extension Key: Codable where Raw: Codable {
  /// From the bare value.
  public init(from decoder: any Decoder) throws { raw = try decoder.singleValueContainer().decode(Raw.self) }
  /// As the bare value; `null` while unsaved.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(raw)
  }
}
extension Key: LosslessStringConvertible where Raw: LosslessStringConvertible {
  /// The key in a path or a query: `42`. For a text key the initialiser that cannot fail goes first.
  @_disfavoredOverload
  public init?(_ description: String) {
    guard let raw = Raw(description) else { return nil }
    self.raw = raw
  }
}

extension UUID {
  /// A UUID of version 7 (RFC 9562, section 5.7): 48 bits of milliseconds, 12 bits of the fraction of the millisecond, random.
  public static func version7(at moment: Date = Date()) -> UUID {
    let microseconds = UInt64(bitPattern: moment.microsecondsSince1970)
    let milliseconds = microseconds / 1000
    let fraction = (microseconds % 1000) * 4096 / 1000  // RFC 9562, section 6.2, method 3
    var bytes = UUID().uuid
    bytes.0 = UInt8(truncatingIfNeeded: milliseconds >> 40)
    bytes.1 = UInt8(truncatingIfNeeded: milliseconds >> 32)
    bytes.2 = UInt8(truncatingIfNeeded: milliseconds >> 24)
    bytes.3 = UInt8(truncatingIfNeeded: milliseconds >> 16)
    bytes.4 = UInt8(truncatingIfNeeded: milliseconds >> 8)
    bytes.5 = UInt8(truncatingIfNeeded: milliseconds)
    bytes.6 = 0x70 | UInt8(truncatingIfNeeded: fraction >> 8)
    bytes.7 = UInt8(truncatingIfNeeded: fraction)
    return UUID(uuid: bytes)
  }
}
