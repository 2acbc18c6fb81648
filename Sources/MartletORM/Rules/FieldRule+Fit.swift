import Foundation
import MartletCore
import MartletSQL

// Whether rules can judge a column, for the system checks: the macro sees only what is written.
extension ColumnSchema {
  /// Why rules of the column can never let a value through, each as a sentence.
  package var ruleMistakes: [String] { rules.flatMap(\.parts).compactMap { $0.test.mistake(on: type) } }
}

extension FieldRule.Test {
  fileprivate func mistake(on type: ColumnType) -> String? {
    switch self {
    case .unreadable(let pattern, let reason): return "The pattern “\(pattern)” cannot be used: \(reason)."
    case .minLength, .maxLength, .pattern, .email, .url, .slug, .ipAddress, .notBlank, .allowBlank:
      switch type {
      case .text, .varchar, .native: return nil
      default: return "A rule about text stands on a column that holds none."
      }
    case .min(let bound, _), .max(let bound, _):
      return type.example.flatMap { $0.order(to: bound) } == nil ? "A bound is of another type than the column." : nil
    case .multipleOf:
      return type.example?.order(to: .int(0)) == nil ? "A step stands on a column that holds no numbers." : nil
    case .minItems, .maxItems:
      if case .array = type { return nil }
      return "A rule about elements stands on a column that holds no list."
    case .each(let parts):
      guard case .array(let element) = type else { return "A rule about elements stands on a column that holds no list." }
      return parts.lazy.compactMap { $0.test.mistake(on: element) }.first
    case .oneOf, .custom: return nil
    }
  }
}

extension ColumnType {
  /// Some value of the type, to compare a bound with; `nil` for what has no order.
  fileprivate var example: SQLValue? {
    switch self {
    case .smallInt, .int, .bigInt: .int(0)
    case .unsignedBigInt: .uint(0)
    case .double: .double(0)
    case .decimal: .decimal(0)
    case .varchar, .text: .text("")
    case .timestamp: .timestamp(0)
    case .date: .date(CalendarDate(daysSince1970: 0))
    case .time: TimeOfDay(microseconds: 0).map { .time($0) }
    case .interval: .interval(0)
    case .bool, .blob, .uuid, .json, .array, .native: nil
    }
  }
}
