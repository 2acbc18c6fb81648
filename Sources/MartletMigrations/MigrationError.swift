/// A failure of planning, writing or running migrations.
public struct MigrationError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What failed.
  public enum Kind: String, Sendable, Hashable {
    /// An operation does not fit the schema it is applied to.
    case invalidOperation
    /// A model's declaration cannot become a table.
    case invalidModel
    /// A column must not be NULL, and nothing says what existing rows get.
    case needsBackfill
    /// The list of migrations has gaps, duplicates or two heads.
    case invalidRegistry
    /// What is recorded as applied does not fit the list of migrations.
    case inconsistentHistory
    /// No migration has the name asked for.
    case unknownMigration
    /// The migration cannot be undone.
    case irreversible
    /// Rows refer to rows that do not exist.
    case brokenReferences
    /// The database cannot do what the migration asks for.
    case unsupported
    /// A migration that no transaction holds together failed in the middle, or did so earlier.
    case halfApplied
    /// Another process that migrates did not end in time.
    case locked
    /// A file could not be written.
    case file
  }
  /// What failed.
  public var kind: Kind
  /// What failed and where.
  public var message: String
  /// What to do next.
  public var hint: String?

  /// A failure.
  public init(_ kind: Kind, _ message: String, hint: String? = nil) {
    self.kind = kind
    self.message = message
    self.hint = hint
  }

  /// The message with the hint.
  public var description: String { message + (hint.map { " — \($0)" } ?? "") }
}
