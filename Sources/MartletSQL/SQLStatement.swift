/// Where in the source code a statement was written.
public struct SourcePlace: Sendable, Hashable, CustomStringConvertible {
  /// `Module/File.swift`.
  public var fileID: String
  /// From 1.
  public var line: UInt

  /// A place in the source.
  public init(fileID: String = #fileID, line: UInt = #line) {
    self.fileID = fileID
    self.line = line
  }
  /// `Blog/Posts.swift:12`
  public var description: String { "\(fileID):\(line)" }
}

/// SQL text with the values it binds.
public struct SQLStatement: Sendable, Hashable {
  /// What a statement does to the data, which decides the connection it may run on.
  public enum Effect: Sendable, Hashable {
    /// Reads only: may run on a reader.
    case read
    /// Writes rows.
    case write
    /// Changes the schema or the session.
    case definition
  }
  /// The text, with the dialect's placeholders.
  public var text: String
  /// The values, in the order of the placeholders.
  public var bindings: [SQLValue]
  /// Places in ``bindings`` that no log may show.
  public var secretBindings: Set<Int>
  /// What it does.
  public var effect: Effect
  /// Whether it reads by a unique key, so that it is over at once. A driver may run it in one transaction with others of its
  /// kind, and once more where another of them has failed.
  public var isLookup = false
  /// Where the query was written, where known: errors about waiting connections name it.
  public var source: SourcePlace?

  /// A statement.
  public init(_ text: String, _ bindings: [SQLValue] = [], secretBindings: Set<Int> = [], effect: Effect = .write) {
    self.text = text
    self.bindings = bindings
    self.secretBindings = secretBindings
    self.effect = effect
  }
}

/// What the database reported after a statement.
public struct StatementResult: Sendable, Hashable {
  /// Rows inserted, updated or deleted; 0 for reads.
  public var rowsAffected: Int
  /// The key the database gave to the last inserted row, where the driver knows it.
  public var lastInsertID: Int64?

  /// A result.
  public init(rowsAffected: Int, lastInsertID: Int64? = nil) {
    self.rowsAffected = rowsAffected
    self.lastInsertID = lastInsertID
  }
}

/// One executed statement, as logs and tests see it.
public struct StatementEvent: Sendable {
  /// The text with placeholders.
  public var sql: String
  /// The bindings as text; `•••` for those marked secret.
  public var bindings: [String]
  /// From handing the statement to the driver until its last row.
  public var duration: Duration
  /// Rows read.
  public var rows: Int
  /// What went wrong, if anything.
  public var error: String?
  /// Where the query was written, where known.
  public var source: SourcePlace?
}
