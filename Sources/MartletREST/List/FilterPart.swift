import Foundation
import MartletORM
import MartletSQL

/// A part of a value that a filter compares: `published_at[year]=2026`. Moments are taken apart in UTC.
package enum FilterPart: String, Sendable, CaseIterable {
  case year, quarter, month
  /// The week of ISO 8601, 1 to 53.
  case week
  /// The year that the week belongs to.
  case isoYear
  case day
  /// 1 (Monday) to 7 (Sunday).
  case weekday
  case hour, minute, second
  /// The day of a moment.
  case date
  /// How many elements a list has.
  case len

  /// The parts of a type.
  static func allowed(for type: ColumnType) -> [FilterPart] {
    switch type {
    case .timestamp: [.date, .year, .quarter, .month, .week, .isoYear, .day, .weekday, .hour, .minute, .second]
    case .date: [.year, .quarter, .month, .week, .isoYear, .day, .weekday]
    case .time: [.hour, .minute, .second]
    case .array: [.len]
    default: []
    }
  }

  /// The type of the part.
  var type: ColumnType { self == .date ? .date : .int }

  /// The part of a value.
  func node(of node: Node, _ type: ColumnType) -> Node {
    switch (self, type) {
    case (.len, _): .listCount(node, of: type.element)
    case (.date, _): Expr<Date>(node).date(in: .gmt).node
    case (.hour, .time): .datePart(.hour, node)
    case (.minute, .time): .datePart(.minute, node)
    case (.second, .time): .datePart(.second, node)
    default: Expr<Date>(node).part(DateField(rawValue: rawValue) ?? .year).node
    }
  }

  /// What it is, for the API's document.
  var label: String {
    switch self {
    case .week: "ISO week (1 to 53)"
    case .isoYear: "year of the ISO week"
    case .weekday: "day of the week (1 Monday to 7 Sunday)"
    case .date: "day (UTC)"
    case .len: "number of elements"
    default: rawValue
    }
  }
}
