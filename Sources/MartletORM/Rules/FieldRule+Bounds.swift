import Foundation
import MartletCore
public import MartletSQL

// Rules about numbers, dates, and lists.
extension FieldRule {
  /// From one value to another, both included: `.range(1...5)`, `.range(0.5...9.5)`; `min_value` and `max_value`.
  public static func range<V: ColumnValue & Comparable>(_ range: ClosedRange<V>) -> FieldRule {
    [min(range.lowerBound), max(range.upperBound)]
  }
  /// From a value on: `.range(0...)`.
  public static func range<V: ColumnValue & Comparable>(_ range: PartialRangeFrom<V>) -> FieldRule { min(range.lowerBound) }
  /// Up to a value: `.range(...100)`.
  public static func range<V: ColumnValue & Comparable>(_ range: PartialRangeThrough<V>) -> FieldRule { max(range.upperBound) }
  /// This value or more: `min_value`.
  public static func min<V: ColumnValue & Comparable>(_ least: V) -> FieldRule {
    let value = least.sqlValue
    return FieldRule(
      .min(value, isExcluded: false), "min_value", "Ensure this value is greater than or equal to \(value.ruleText).")
  }
  /// This value or less: `max_value`.
  public static func max<V: ColumnValue & Comparable>(_ most: V) -> FieldRule {
    let value = most.sqlValue
    return FieldRule(.max(value, isExcluded: false), "max_value", "Ensure this value is less than or equal to \(value.ruleText).")
  }
  /// More than this value: `.greaterThan(0)`; `min_value`.
  public static func greaterThan<V: ColumnValue & Comparable>(_ bound: V) -> FieldRule {
    let value = bound.sqlValue
    return FieldRule(.min(value, isExcluded: true), "min_value", "Ensure this value is greater than \(value.ruleText).")
  }
  /// Less than this value: `.lessThan(100)`; `max_value`.
  public static func lessThan<V: ColumnValue & Comparable>(_ bound: V) -> FieldRule {
    let value = bound.sqlValue
    return FieldRule(.max(value, isExcluded: true), "max_value", "Ensure this value is less than \(value.ruleText).")
  }
  /// A whole number of steps: `.multipleOf(0.05)`; `step_size`. Counted in decimal digits, so that 0.15 is three of them.
  public static func multipleOf<V: ColumnValue & Comparable>(_ step: V) -> FieldRule {
    let value = step.sqlValue
    return FieldRule(.multipleOf(value), "step_size", "Ensure this value is a multiple of step size \(value.ruleText).")
  }

  /// One of these values: `invalid_choice`. A closed set is better an enum: `enum Status: String, Choices`.
  public static func oneOf<V: ColumnValue>(_ values: [V]) -> FieldRule {
    FieldRule(.oneOf(values.map(\.sqlValue)), "invalid_choice", "Not a valid choice.")
  }
  /// One of these values: `.oneOf("red", "green")`.
  public static func oneOf<V: ColumnValue>(_ values: V...) -> FieldRule { oneOf(values) }

  /// A list of so many elements: `.items(1...10)`; `min_length` and `max_length`.
  public static func items(_ range: ClosedRange<Int>) -> FieldRule {
    [
      FieldRule(
        .minItems(range.lowerBound), "min_length", "Ensure this field has at least \(range.lowerBound) elements."),
      FieldRule(.maxItems(range.upperBound), "max_length", "Ensure this field has no more than \(range.upperBound) elements."),
    ]
  }
  /// A rule for each element of a list; its errors name the element, as `tags.0`.
  ///
  /// ```swift
  /// @Field(validate: [.items(0...10), .each(.length(1...50))]) var tags: [String]
  /// ```
  public static func each(_ rule: FieldRule) -> FieldRule { FieldRule(.each(rule.parts), "invalid", "") }
}

extension SQLValue {
  /// The value as messages and documents write it.
  package var ruleText: String {
    switch self {
    case .int(let value): String(value)
    case .uint(let value): String(value)
    case .double(let value): value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : value.description
    case .decimal(let value): value.description
    case .text(let value): value
    case .date(let value): value.description
    case .time(let value): value.description
    case .timestamp(let value): TimestampText.rfc3339(microseconds: value)
    case .interval(let value): "\(Double(value) / 1_000_000) seconds"
    case .bool(let value): String(value)
    default: "…"
    }
  }
}
