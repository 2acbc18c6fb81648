import MartletCLI
public import MartletCore
public import MartletHTTP
import MartletORM
public import MartletSQL

extension Request {
  /// The app's database.
  ///
  /// A request that an ``Application`` answers always carries it. One that was made by hand has none: then
  /// every statement fails with an error that says so.
  public var db: Database {
    get { self[DatabaseContext.self] ?? Database(MissingDatabase()) }
    set { self[DatabaseContext.self] = newValue }
  }

  /// The app's settings; `nil` in a request that was made by hand.
  public var settings: Settings? { self[SettingsContext.self]?.value }
}

/// Stands in for the database of a request that has none.
private struct MissingDatabase: DatabaseDriver {
  var dialect: any SQLDialect { SQLiteDialect() }
  var displayName: String { "no database" }
  private var error: DatabaseError {
    DatabaseError(
      .connection, "this request carries no database", hint: "answer it through Application.http(), or set request.db")
  }

  func run(_ statement: SQLStatement, onRow: @escaping @Sendable (inout Row) throws -> Void) async throws -> StatementResult {
    throw error
  }
  func lease(_ access: DatabaseAccess, source: SourcePlace?) async throws -> ConnectionLease { throw error }
  func shutdown() async {}
}
