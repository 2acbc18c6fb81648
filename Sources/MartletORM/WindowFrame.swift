import MartletSQL

/// The rows around the current one that an aggregate or `firstValue()` and its kin look at.
///
/// ```swift
/// $0.views.average.over(order: $0.id.asc, frame: .rows(from: .preceding(2), to: .following(2)))
/// ```
public struct WindowFrame: Sendable, Hashable {
  /// An end of a frame.
  public enum Bound: Sendable, Hashable {
    /// The first row of the partition.
    case unboundedPreceding
    /// So many rows, groups of peers, or units of the sort key before.
    case preceding(Int)
    /// The current row; with ``WindowFrame/range(from:to:)`` and groups also its peers.
    case currentRow
    /// So many rows, groups of peers, or units of the sort key after.
    case following(Int)
    /// The last row of the partition.
    case unboundedFollowing
  }
  /// Which rows of the frame are left out. Not on MySQL and MariaDB (capability `groupsFrames`).
  public enum Exclusion: String, Sendable, Hashable {
    case currentRow = "CURRENT ROW"
    /// The current row and its peers.
    case group = "GROUP"
    /// Its peers alone.
    case ties = "TIES"
  }
  enum Unit: String { case rows = "ROWS", range = "RANGE", groups = "GROUPS" }
  var unit: Unit
  var start: Bound
  var end: Bound
  var exclusion: Exclusion?

  /// Counted in rows.
  public static func rows(from start: Bound, to end: Bound = .currentRow) -> WindowFrame {
    .init(unit: .rows, start: start, end: end)
  }
  /// By the distance of the sort key, which must be one number where a bound has one.
  public static func range(from start: Bound, to end: Bound = .currentRow) -> WindowFrame {
    .init(unit: .range, start: start, end: end)
  }
  /// Counted in groups of peers. Not on MySQL and MariaDB (capability `groupsFrames`).
  public static func groups(from start: Bound, to end: Bound = .currentRow) -> WindowFrame {
    .init(unit: .groups, start: start, end: end)
  }
  /// Without some rows.
  public func excluding(_ exclusion: Exclusion) -> WindowFrame {
    var copy = self
    copy.exclusion = exclusion
    return copy
  }

  func sql(_ builder: SQLBuilder) throws -> String {
    if unit == .groups { try builder.require(.groupsFrames, "frames of groups") }
    if exclusion != nil { try builder.require(.groupsFrames, "frames with EXCLUDE") }
    if start == .unboundedFollowing || end == .unboundedPreceding {
      throw ORMError(.invalidExpression, "a frame cannot start at the end or end at the start of the partition")
    }
    return unit.rawValue + " BETWEEN " + (try start.sql()) + " AND " + (try end.sql())
      + (exclusion.map { " EXCLUDE " + $0.rawValue } ?? "")
  }
}

extension WindowFrame.Bound {
  func sql() throws -> String {
    switch self {
    case .unboundedPreceding: return "UNBOUNDED PRECEDING"
    case .currentRow: return "CURRENT ROW"
    case .unboundedFollowing: return "UNBOUNDED FOLLOWING"
    case .preceding(let count), .following(let count):
      guard count >= 0 else { throw ORMError(.invalidExpression, "a frame's distance is 0 or more, not \(count)") }
      if case .preceding = self { return "\(count) PRECEDING" }
      return "\(count) FOLLOWING"
    }
  }
}
