import Foundation
import MartletSQL

/// Where an SQLite database is and how its connections behave.
///
/// ```swift
/// var configuration = SQLiteConfiguration(path: "app.db")
/// configuration.synchronous = .full          // survive power loss too, at one fsync a commit
/// let db = Database(SQLiteDriver(configuration))
/// ```
public struct SQLiteConfiguration: Sendable, Hashable {
  /// How SQLite protects a transaction against a crash (`PRAGMA journal_mode`).
  public enum JournalMode: String, Sendable, Hashable, CaseIterable {
    /// A write-ahead log: readers and the writer do not block each other. Needs a local file system.
    case wal
    /// A rollback journal, deleted after each transaction. For network file systems; readers and the writer take turns.
    case delete
    /// A rollback journal, emptied after each transaction.
    case truncate
  }
  /// How far a commit waits for the disk (`PRAGMA synchronous`).
  public enum Synchronous: String, Sendable, Hashable, CaseIterable {
    /// With ``JournalMode/wal``, a commit is handed to the operating system before it returns: a crash of the process
    /// (`kill -9`) loses nothing. A power cut or a crash of the kernel may undo the last commits, but never harms the file.
    case normal
    /// Every commit waits until the disk has it: a power cut loses nothing either.
    case full
  }

  /// The file; `:memory:` for a database that lives and dies with the driver.
  public var path: String
  /// Connections that read while the one writer writes. A database in memory has none.
  public var readers: Int
  /// How long a statement waits for a lock that another process holds before it fails with ``DatabaseError/Kind/busy``.
  public var busyTimeout: Duration
  /// How long a statement or a transaction waits for a free connection before it fails with ``DatabaseError/Kind/poolTimeout``.
  public var acquireTimeout: Duration
  /// The journal; a database in memory has none of these.
  public var journalMode: JournalMode
  /// How far a commit waits for the disk.
  public var synchronous: Synchronous
  /// Whether SQLite enforces foreign keys.
  public var foreignKeys: Bool
  /// Prepared statements that each connection keeps, the least recently used dropped first.
  public var statementCacheSize: Int

  /// A configuration.
  public init(
    path: String, readers: Int = 4, busyTimeout: Duration = .seconds(5), acquireTimeout: Duration = .seconds(10),
    journalMode: JournalMode = .wal, synchronous: Synchronous = .normal, foreignKeys: Bool = true, statementCacheSize: Int = 128
  ) {
    self.path = path
    self.readers = max(1, readers)
    self.busyTimeout = busyTimeout
    self.acquireTimeout = acquireTimeout
    self.journalMode = journalMode
    self.synchronous = synchronous
    self.foreignKeys = foreignKeys
    self.statementCacheSize = max(1, statementCacheSize)
  }

  /// A configuration from a URL: `sqlite:///relative.db`, `sqlite:////absolute.db` or `sqlite::memory:`.
  ///
  /// Percent escapes in the path are decoded.
  /// - Throws: ``DatabaseError`` of kind `connection` where the URL has another form.
  public init(url: String) throws {
    func refuse(_ problem: String) -> DatabaseError {
      DatabaseError(
        .connection, "the database URL '\(url)' \(problem)",
        hint: "write sqlite:///app.db for a file beside the process, sqlite:////var/lib/app.db for an absolute path, "
          + "or sqlite::memory:")
    }
    if url == "sqlite::memory:" {
      self.init(path: ":memory:")
      return
    }
    guard url.hasPrefix("sqlite:") else { throw refuse("does not begin with 'sqlite:'") }
    guard url.hasPrefix("sqlite://") else { throw refuse("lacks the slashes after 'sqlite:'") }
    guard url.hasPrefix("sqlite:///") else { throw refuse("names a host: SQLite has none, the path follows the third slash") }
    let rest = url.dropFirst("sqlite:///".count)
    guard !rest.isEmpty else { throw refuse("names no file") }
    guard !rest.contains("?"), !rest.contains("#") else { throw refuse("has parameters, which SQLite URLs do not take") }
    guard let path = String(rest).removingPercentEncoding, !path.contains("\0") else {
      throw refuse("has a broken percent escape")
    }
    guard !path.hasSuffix("/") else { throw refuse("names a directory") }
    self.init(path: path)
  }

  /// Whether the database lives in memory.
  public var isInMemory: Bool { path == ":memory:" }
}
