import CSQLite3
import Foundation
import MartletCore
import MartletSQL

/// What one would write by hand against SQLite's C interface.
final class SQLiteLoop {
  private var database: OpaquePointer?
  private var statement: OpaquePointer?

  init(_ path: String) throws {
    guard sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nil) == SQLITE_OK,
      sqlite3_prepare_v2(database, Item.select, -1, &statement, nil) == SQLITE_OK
    else { throw BenchmarkError("SQLite cannot open \(path)") }
  }
  deinit {
    sqlite3_finalize(statement)
    sqlite3_close(database)
  }

  func run() throws -> [Item] {
    defer { sqlite3_reset(statement) }
    var items: [Item] = []
    while sqlite3_step(statement) == SQLITE_ROW {
      func int(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }
      func double(_ column: Int32) -> Double { sqlite3_column_double(statement, column) }
      func text(_ column: Int32) -> String {
        String(
          decoding: UnsafeRawBufferPointer(
            start: sqlite3_column_text(statement, column), count: Int(sqlite3_column_bytes(statement, column))), as: UTF8.self)
      }
      // SQLite has neither moments nor UUIDs: both are text, read by the same functions on both sides.
      guard let created = TimestampText.parse(text(17)), let changed = TimestampText.parse(text(18)),
        let token = UUID(hex: text(19))
      else { throw BenchmarkError("a row that was not written here") }
      items.append(
        Item(
          id: int(0), stock: int(1), sold: int(2), seen: int(3), rank: int(4), width: Int32(int(5)), height: Int32(int(6)),
          name: text(7), slug: text(8), city: text(9), note: text(10), body: text(11), price: double(12), weight: double(13),
          score: double(14), isActive: int(15) != 0, isNew: int(16) != 0, createdAt: Date(microsecondsSince1970: created),
          changedAt: Date(microsecondsSince1970: changed), token: token))
    }
    return items
  }
}
