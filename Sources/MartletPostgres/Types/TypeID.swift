import MartletSQL

/// The object identifiers of PostgreSQL's own types (src/include/catalog/pg_type.dat), the same in every database.
enum TypeID {
  /// The server finds out by where the value stands.
  static let unspecified: UInt32 = 0
  static let bool: UInt32 = 16
  static let bytea: UInt32 = 17
  static let int8: UInt32 = 20
  static let int4: UInt32 = 23
  static let text: UInt32 = 25
  static let float8: UInt32 = 701
  static let date: UInt32 = 1082
  static let time: UInt32 = 1083
  static let timestamptz: UInt32 = 1184
  static let interval: UInt32 = 1186
  static let numeric: UInt32 = 1700
  static let uuid: UInt32 = 2950
  static let jsonb: UInt32 = 3802

  /// The array type whose elements are of this type.
  static func array(of element: ColumnType) -> UInt32 {
    switch element {
    case .smallInt: 1005
    case .int: 1007
    case .bigInt: 1016
    case .unsignedBigInt, .decimal: 1231
    case .bool: 1000
    case .double: 1022
    case .varchar: 1015
    case .text: 1009
    case .blob: 1001
    case .uuid: 2951
    case .timestamp: 1185
    case .date: 1182
    case .time: 1183
    case .interval: 1187
    case .json: 3807
    // PostgreSQL has one type for arrays of any number of dimensions.
    case .array(let inner): array(of: inner)
    case .native: unspecified
    }
  }
}

/// How a column's values are decoded.
enum CellKind: UInt8, Sendable {
  case bool, int2, int4, int8, oid, float4, float8, numeric, bytea, uuid, timestamp, date, time, interval, text, jsonb
  /// Handed over as PostgreSQL writes it.
  case other

  init(_ type: UInt32) {
    switch type {
    case 16: self = .bool
    case 17: self = .bytea
    case 20: self = .int8
    case 21: self = .int2
    case 23: self = .int4
    case 26: self = .oid
    // name, text, json, bpchar, varchar: their binary form is their text.
    case 19, 25, 114, 1042, 1043: self = .text
    case 700: self = .float4
    case 701: self = .float8
    case 1082: self = .date
    case 1083: self = .time
    case 1114, 1184: self = .timestamp
    case 1186: self = .interval
    case 1700: self = .numeric
    case 2950: self = .uuid
    case 3802: self = .jsonb
    default: self = .other
    }
  }

  /// The format to ask for: 1 for binary.
  var format: UInt16 { self == .other ? 0 : 1 }
}

/// PostgreSQL counts time from 2000-01-01.
enum PostgresEpoch {
  static let microseconds: Int64 = 946_684_800_000_000
  static let days: Int64 = 10_957
}
