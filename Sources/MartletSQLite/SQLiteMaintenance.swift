import CSQLite3
import Foundation
import MartletSQL

/// How far a backup has come.
public struct SQLiteBackupProgress: Sendable, Hashable {
  /// Pages copied so far.
  public var copied: Int
  /// Pages in all.
  public var total: Int
  /// From 0 to 1.
  public var fraction: Double { total == 0 ? 1 : Double(copied) / Double(total) }
}

extension SQLiteDriver {
  /// Copies the database into a new file while it is in use: the state of one moment, also where others write meanwhile.
  ///
  /// ```swift
  /// try await driver.backup(to: "/backups/app.db") { print("\(Int($0.fraction * 100)) %") }
  /// ```
  /// The copy is made beside its place, checked, and moved there once it is whole: there is never half a backup under that
  /// name. It is one file, with no log beside it.
  /// - Parameters:
  ///   - pagesAtATime: Pages copied before others get a turn at the connection and cancellation is looked at.
  ///   - isReplacing: Whether a file of that name is replaced.
  /// - Throws: ``DatabaseError``: `other` where the file exists, `connection` where it cannot be made, `outOfSpace`,
  ///   `corrupt` where the copy does not pass the integrity check; `CancellationError`. Nothing is left of the copy then.
  public func backup(
    to path: String, pagesAtATime: Int = 1000, isReplacing: Bool = false,
    onProgress: @escaping @Sendable (SQLiteBackupProgress) -> Void = { _ in }
  ) async throws {
    if !isReplacing, FileManager.default.fileExists(atPath: path) {
      throw DatabaseError(.other, "the file '\(path)' exists already", hint: "choose another name, or replace it explicitly")
    }
    let partial = path + ".partial-\(UUID().uuidString.prefix(8))"
    defer { for suffix in ["", "-journal", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: partial + suffix) } }
    try await withReader { connection in
      let copy = try await connection.perform { try SQLiteBackup($0, to: partial) }
      do {
        while true {
          try Task.checkCancellation()
          let (isDone, progress) = try await connection.perform { _ in try copy.step(max(1, pagesAtATime)) }
          onProgress(progress)
          if isDone { break }
        }
        try await connection.perform { _ in try copy.finish() }
      } catch {
        _ = try? await connection.perform { _ in copy.abandon() }
        throw error
      }
    }
    try Self.move(partial, to: path)
  }

  /// What SQLite's integrity check and its check of foreign keys find wrong; empty where all is well. Reads the whole
  /// database.
  /// - Throws: ``DatabaseError``.
  public func integrityCheck() async throws -> [String] {
    try await withReader { connection in try await connection.perform { try $0.integrityProblems() } }
  }

  private static func move(_ source: String, to path: String) throws {
    // rename(2) replaces in one step.
    guard rename(source, path) == 0 else {
      throw DatabaseError(.connection, "the backup cannot be moved to '\(path)': \(String(cString: strerror(errno)))")
    }
  }
}

/// A copy on its way. Confined to the thread of the connection it copies from.
private final class SQLiteBackup: @unchecked Sendable {
  private let path: String
  private let source: OpaquePointer
  private var target: OpaquePointer?
  private var backup: OpaquePointer?
  private var isReading = false

  init(_ session: SQLiteSession, to path: String) throws {
    self.path = path
    source = try session.open()
    let code = sqlite3_open_v2(
      path, &target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
    guard code == SQLITE_OK else {
      sqlite3_close_v2(target)
      throw DatabaseError(
        .connection, "the backup '\(path)' cannot be made: \(String(cString: sqlite3_errstr(code)))",
        hint: "its folder must exist and be writable", code: SQLiteResult.name(code))
    }
    // With a log, an open read transaction holds on to one state without keeping writers out; otherwise SQLite would begin
    // anew after each write of others. With a rollback journal it would keep them out.
    if session.role == .reader, session.configuration.journalMode == .wal {
      isReading = sqlite3_exec(source, "BEGIN; SELECT count(*) FROM sqlite_schema", nil, nil, nil) == SQLITE_OK
    }
    backup = sqlite3_backup_init(target, "main", source, "main")
    guard backup != nil else {
      defer { abandon() }
      throw SQLiteResult.error(sqlite3_extended_errcode(target), target ?? source, sql: "backup")
    }
  }

  func step(_ pages: Int) throws -> (isDone: Bool, SQLiteBackupProgress) {
    let code = sqlite3_backup_step(backup, Int32(clamping: pages))
    let total = Int(sqlite3_backup_pagecount(backup))
    let progress = SQLiteBackupProgress(copied: total - Int(sqlite3_backup_remaining(backup)), total: total)
    switch code & 0xFF {
    case SQLITE_DONE: return (true, progress)
    case SQLITE_OK: return (false, progress)
    case SQLITE_BUSY, SQLITE_LOCKED:
      sqlite3_sleep(5)  // another process writes
      return (false, progress)
    default: throw SQLiteResult.error(code, message: "the backup failed: \(String(cString: sqlite3_errstr(code)))", sql: "backup")
    }
  }

  /// Ends the copy and looks at it.
  func finish() throws {
    sqlite3_backup_finish(backup)
    backup = nil
    // One file: a copy of a database with a log would look for its log.
    sqlite3_exec(target, "PRAGMA journal_mode = delete", nil, nil, nil)
    let problems = try SQLiteSession.problems(target ?? source, ["PRAGMA integrity_check"])
    abandon()
    guard problems.isEmpty else {
      throw DatabaseError(.corrupt, "the backup does not pass the integrity check: \(problems.prefix(3).joined(separator: "; "))")
    }
  }

  func abandon() {
    sqlite3_backup_finish(backup)
    backup = nil
    sqlite3_close_v2(target)
    target = nil
    if isReading { sqlite3_exec(source, "ROLLBACK", nil, nil, nil) }
    isReading = false
  }
}

extension SQLiteSession {
  func integrityProblems() throws -> [String] {
    try Self.problems(try open(), ["PRAGMA integrity_check", "PRAGMA foreign_key_check"])
  }

  /// What the checks find.
  static func problems(_ database: OpaquePointer, _ checks: [String]) throws -> [String] {
    var found: [String] = []
    for check in checks {
      var statement: OpaquePointer?
      defer { sqlite3_finalize(statement) }
      var code = sqlite3_prepare_v2(database, check, -1, &statement, nil)
      if code == SQLITE_OK { code = sqlite3_step(statement) }
      while code == SQLITE_ROW {
        let cells = (0..<sqlite3_column_count(statement)).map { column in
          sqlite3_column_text(statement, column).map { String(cString: $0) } ?? "NULL"
        }
        if cells != ["ok"] {
          found.append(
            cells.count < 3
              ? cells.joined(separator: " ")
              : "the row \(cells[1]) of '\(cells[0])' refers to a row of '\(cells[2])' that does not exist")
        }
        code = sqlite3_step(statement)
      }
      guard code == SQLITE_DONE else { throw SQLiteResult.error(code, database, sql: check) }
    }
    return found
  }
}
