import Draws

/// What the limits answer.
public enum BarePath {
  case plaintext, json, db, queries(Int), rows, none

  public init(_ uri: String) {
    switch uri {
    case "/plaintext": self = .plaintext
    case "/json": self = .json
    case "/db": self = .db
    case "/rows": self = .rows
    default:
      let isList = uri.hasPrefix("/queries?queries=")
      self = isList ? .queries(min(max(Int(uri.dropFirst(17)) ?? 1, 1), 500)) : .none
    }
  }

  public static let text = Array("Hello, World!".utf8)
  public static let message = Array(#"{"message":"Hello, World!"}"#.utf8)
  /// The key of any row of the table.
  public static var anyKey: Int64 { Draw.number() }
}
