public import Foundation
public import MartletSQL

/// A number or a nullable number: what can be computed with.
public protocol NumberColumnValue: ColumnValue {}
extension Int: NumberColumnValue {}
extension Int64: NumberColumnValue {}
extension Int32: NumberColumnValue {}
extension Int16: NumberColumnValue {}
extension Double: NumberColumnValue {}
extension Decimal: NumberColumnValue {}
extension Optional: NumberColumnValue where Wrapped: NumberColumnValue {}

extension ColumnType {
  /// The name by which PostgreSQL casts a result back to the type of its argument.
  var postgresNumber: String {
    switch self {
    case .double: "double precision"
    case .smallInt, .int, .bigInt: "bigint"
    default: "numeric"
    }
  }
}
