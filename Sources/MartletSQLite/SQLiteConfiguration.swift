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
  /// Whether the file is only read, and must exist (`mode=ro`): every write fails with ``DatabaseError/Kind/readOnly``.
  public var isReadOnly = false
  /// Memory for pages that each connection keeps, in bytes (`PRAGMA cache_size`); `nil` for SQLite's default of 2 MB.
  public var cacheBytes: Int?
  /// How much of the file is mapped into memory, in bytes (`PRAGMA mmap_size`); `nil` for SQLite's default, none.
  public var mapBytes: Int?
  /// After how many pages the log is written back into the file (`PRAGMA wal_autocheckpoint`); `nil` for SQLite's default of
  /// 1,000, 0 for never.
  public var checkpointPages: Int?
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

  /// Whether the database lives in memory.
  public var isInMemory: Bool { path == ":memory:" }

  /// How the pool of `count` connections behaves. A file goes nowhere: connections neither age nor have to be pinged.
  func pool(of count: Int) -> PoolConfiguration {
    var pool = PoolConfiguration()
    pool.maximumConnections = count
    pool.acquireTimeout = acquireTimeout
    pool.waitsForServer = false
    let forever = Duration.seconds(Int64(1) << 40)
    pool.maximumAge = forever
    pool.idleTimeout = forever
    pool.pingAfter = forever
    // Longer than the reset may wait for a lock.
    pool.checkTimeout = busyTimeout + .seconds(10)
    return pool
  }
}
