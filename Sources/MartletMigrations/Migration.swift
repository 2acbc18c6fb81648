public import MartletSQL

/// A step from one version of the schema to the next, with its place in the order as the start of its name.
///
/// ```swift
/// extension Migrations {
///   static let m0002_post_views = Migration("0002_post_views") { m in
///     m.alter("blog_post") { t in
///       t.addColumn("views", .bigInt, backfill: .int(0))
///     }
///     m.run { tx in try await tx.run(SQLStatement("UPDATE blog_post SET views = 1 WHERE published_at IS NOT NULL")) }
///   }
/// }
/// ```
/// Migrations name tables and columns as texts, never models: they must mean the same when the models have moved on.
public struct Migration: Sendable {
  /// `0002_post_views`: four digits and some words.
  public let name: String
  /// Whether it runs in a transaction, together with the row that records it.
  public let atomic: Bool
  /// What it does, in order.
  public let operations: [MigrationOperation]

  /// A migration.
  /// - Parameters:
  ///   - name: Four digits, an underscore, some words.
  ///   - atomic: Whether it runs in a transaction. Without one, a failure leaves the operations before it applied.
  public init(_ name: String, atomic: Bool = true, _ body: (inout MigrationBuilder) -> Void) {
    var builder = MigrationBuilder()
    body(&builder)
    self.name = name
    self.atomic = atomic
    operations = builder.operations
  }
  package init(_ name: String, operations: [MigrationOperation]) {
    self.name = name
    atomic = true
    self.operations = operations
  }

  /// Its place in the order; `nil` where the name does not begin with four digits and an underscore.
  public var number: Int? {
    let parts = name.split(separator: "_", maxSplits: 1)
    guard parts.count == 2, parts[0].utf8.count == 4, parts[0].utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
    return Int(parts[0])
  }
}

/// Collects the operations of a migration: what `m` is in a migration file.
public struct MigrationBuilder {
  var operations: [MigrationOperation] = []

  /// Creates a table.
  public mutating func create(_ table: String, _ body: (inout TableBuilder) -> Void) {
    var builder = TableBuilder(TableState(table))
    body(&builder)
    operations.append(.createTable(builder.table))
  }
  /// Changes a table.
  public mutating func alter(_ table: String, _ body: (inout TableChanges) -> Void) {
    var changes = TableChanges(table: table)
    body(&changes)
    operations += changes.operations
  }
  /// Drops a table with its rows.
  public mutating func drop(_ table: String) { operations.append(.dropTable(table)) }
  /// Renames a table; foreign keys follow.
  public mutating func renameTable(_ table: String, to name: String) { operations.append(.renameTable(table, to: name)) }
  /// Runs one SQL statement: data, views, triggers; tables and columns are for the other operations.
  /// - Parameter reverse: The statement that undoes it; without one the migration cannot be undone.
  public mutating func sql(_ text: String, reverse: String? = nil) { operations.append(.sql(text, reverse: reverse)) }
  /// Runs Swift code.
  ///
  /// In a migration that rebuilds tables, foreign keys are checked at its end only, and their actions (`ON DELETE`) do not
  /// run: delete rows in a migration of its own.
  /// - Parameter reverse: What undoes it; without one the migration cannot be undone.
  public mutating func run(
    reverse: (@Sendable (Database) async throws -> Void)? = nil, _ code: @escaping @Sendable (Database) async throws -> Void
  ) {
    operations.append(.run(MigrationCode(forward: code, reverse: reverse)))
  }
}
