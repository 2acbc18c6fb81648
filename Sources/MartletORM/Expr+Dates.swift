public import Foundation
public import MartletCore
public import MartletSQL

/// A moment or a nullable moment.
public protocol MomentColumnValue: ColumnValue {}
extension Date: MomentColumnValue {}
extension Optional: MomentColumnValue where Wrapped == Date {}

/// What a moment is cut down to.
public enum DateUnit: String, Sendable, Hashable, CaseIterable {
  case year, quarter, month
  /// Weeks begin on Monday.
  case week
  case day, hour, minute, second
}

/// A number that a moment has in a time zone.
public enum DateField: String, Sendable, Hashable, CaseIterable {
  case year, quarter, month, day, hour, minute, second
  /// 1 (Monday) to 7 (Sunday).
  case weekday
  /// 1 to 366.
  case dayOfYear
  /// The week of ISO 8601, 1 to 53, and ``isoYear`` the year that it belongs to.
  case week
  case isoYear
}

extension Expr where V: MomentColumnValue {
  /// The start of the year, month, day … in which the moment lies, by the clocks of a time zone.
  ///
  /// ```swift
  /// let berlin = TimeZone(identifier: "Europe/Berlin")!
  /// Order.query.select { ($0.placedAt.truncated(to: .day, in: berlin), $0.total.sum) }
  /// ```
  /// Summer time is kept. No database needs zone tables: MySQL is sent the offsets of the zone.
  public func truncated(to unit: DateUnit, in zone: TimeZone = .gmt) -> Expr<V> {
    .init(.custom(TruncationNode(moment: node, unit: unit, zone: zone)))
  }
  /// A number that the moment has by the clocks and the calendar of a time zone.
  public func part(_ field: DateField, in zone: TimeZone = .gmt) -> Expr<Int?> {
    .init(.custom(DateFieldNode(moment: node, field: field, zone: zone)))
  }
  /// The day in a time zone.
  public func date(in zone: TimeZone) -> Expr<CalendarDate?> {
    .init(.custom(DateFieldNode(moment: node, field: nil, zone: zone)))
  }
  /// The moment so much later; earlier by a negative duration.
  public func adding(_ duration: Duration) -> Expr<V> { adding(Expr<Duration>(value: duration)) }
  /// The moment later by what another expression says.
  public func adding(_ duration: Expr<Duration>) -> Expr<V> {
    .init(
      SQLTemplate(
        [node, duration.node], .timestamp, sqlite: "martlet_date_add({1}, {2})", postgres: "({1} + {2})",
        mysql: "DATE_ADD({1}, INTERVAL {2} MICROSECOND)"))
  }
  /// How much time has passed since another moment, to the microsecond.
  public func duration(since other: Expr<V>) -> Expr<Duration?> {
    .init(
      SQLTemplate(
        [node, other.node], .interval, sqlite: "martlet_date_diff({1}, {2})",
        postgres: "MAKE_INTERVAL(secs => CAST(EXTRACT(EPOCH FROM ({1} - {2})) AS double precision))",
        mysql: "TIMESTAMPDIFF(MICROSECOND, {2}, {1})"))
  }
  /// How much time has passed since another moment, to the microsecond.
  public func duration(since other: V) -> Expr<Duration?> { duration(since: Expr(value: other)) }
}

/// The time at the database.
public func databaseNow() -> Expr<Date> {
  .init(SQLTemplate([], .timestamp, sqlite: "martlet_now()", postgres: "STATEMENT_TIMESTAMP()", mysql: "UTC_TIMESTAMP(6)"))
}

/// The start of a unit of time.
struct TruncationNode: ExpressionNode {
  let moment: Node
  let unit: DateUnit
  let zone: TimeZone
  var children: [Node] { [moment] }
  var type: ColumnType? { .timestamp }
  func with(children: [Node]) -> any ExpressionNode { TruncationNode(moment: children[0], unit: unit, zone: zone) }

  func write(in scope: Scope) throws {
    let builder = scope.builder
    switch builder.dialect.family {
    case .sqlite, .postgres:
      builder.write(
        builder.dialect.family == .sqlite ? "martlet_date_trunc('\(unit.rawValue)', " : "DATE_TRUNC('\(unit.rawValue)', ")
      try scope.writeExpression(moment)
      builder.write(", ")
      builder.bind(.text(zone.sqlName))
      builder.write(")")
    case .mysql:
      let moment = try builder.capture { try scope.writeExpression(self.moment) }
      let offsets = ZoneOffsets.of(zone), here = offsets.sql(at: moment)
      let start = Self.start(of: unit, "DATE_ADD(\(moment), INTERVAL \(here) SECOND)")
      // Days and longer may begin before the clocks changed.
      let isShort = unit == .hour || unit == .minute || unit == .second
      let then = isShort ? here : offsets.sql(at: "DATE_SUB(\(start), INTERVAL \(here) SECOND)")
      builder.write(offsets.isUTC ? start : "DATE_SUB(\(start), INTERVAL \(then) SECOND)")
    }
  }

  private static func start(of unit: DateUnit, _ local: String) -> String {
    func format(_ pattern: String) -> String { "CAST(DATE_FORMAT(\(local), '\(pattern)') AS DATETIME(6))" }
    return switch unit {
    case .year: format("%Y-01-01 00:00:00")
    case .quarter: "CAST(DATE_ADD(MAKEDATE(YEAR(\(local)), 1), INTERVAL (QUARTER(\(local)) - 1) QUARTER) AS DATETIME(6))"
    case .month: format("%Y-%m-01 00:00:00")
    case .week: "CAST(DATE_SUB(DATE(\(local)), INTERVAL WEEKDAY(\(local)) DAY) AS DATETIME(6))"
    case .day: format("%Y-%m-%d 00:00:00")
    case .hour: format("%Y-%m-%d %H:00:00")
    case .minute: format("%Y-%m-%d %H:%i:00")
    case .second: format("%Y-%m-%d %H:%i:%s")
    }
  }
}

/// A number of a moment, or its day.
struct DateFieldNode: ExpressionNode {
  let moment: Node
  /// `nil` for the day.
  let field: DateField?
  let zone: TimeZone
  var children: [Node] { [moment] }
  var type: ColumnType? { field == nil ? .date : .int }
  func with(children: [Node]) -> any ExpressionNode { DateFieldNode(moment: children[0], field: field, zone: zone) }

  func write(in scope: Scope) throws {
    let builder = scope.builder
    switch builder.dialect.family {
    case .sqlite:
      builder.write("martlet_date_part('\(field?.rawValue ?? "date")', ")
      try scope.writeExpression(moment)
      builder.write(", ")
      builder.bind(.text(zone.sqlName))
      builder.write(")")
    case .postgres:
      builder.write("CAST(" + (field.map { "FLOOR(EXTRACT(\(Self.postgres($0)) FROM " } ?? ""))
      try scope.writeExpression(moment)
      // A day is the same everywhere, and as a moment it would depend on the session's time zone.
      if Scope.type(of: moment) != .date {
        builder.write(" AT TIME ZONE ")
        builder.bind(.text(zone.sqlName))
      }
      builder.write(field == nil ? " AS date)" : ")) AS integer)")
    case .mysql:
      let moment = try builder.capture { try scope.writeExpression(self.moment) }
      let local = "DATE_ADD(\(moment), INTERVAL \(ZoneOffsets.of(zone).sql(at: moment)) SECOND)"
      builder.write(field.map { Self.mysql($0, local) } ?? "DATE(\(local))")
    }
  }

  private static func postgres(_ field: DateField) -> String {
    switch field {
    case .weekday: "ISODOW"
    case .dayOfYear: "DOY"
    default: field.rawValue.uppercased()
    }
  }
  private static func mysql(_ field: DateField, _ local: String) -> String {
    switch field {
    case .day: "DAYOFMONTH(\(local))"
    case .weekday: "(WEEKDAY(\(local)) + 1)"
    case .dayOfYear: "DAYOFYEAR(\(local))"
    case .week: "WEEK(\(local), 3)"
    case .isoYear: "(YEARWEEK(\(local), 3) DIV 100)"
    default: "\(field.rawValue.uppercased())(\(local))"
    }
  }
}

extension TimeZone {
  /// The name for the databases: that of the tz database.
  var sqlName: String { identifier == "GMT" ? "UTC" : identifier }
}
