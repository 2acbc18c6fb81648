import CMariaDB
import Foundation
import MartletCore
import MartletSQL

/// What one would write by hand against libmariadb: a prepared statement, bound buffers, a loop.
final class MariaDBLoop {
  private let connection: UnsafeMutablePointer<MYSQL>
  private let statement: UnsafeMutablePointer<MYSQL_STMT>
  private let binds = UnsafeMutablePointer<MYSQL_BIND>.allocate(capacity: Item.columns)
  private let lengths = UnsafeMutablePointer<UInt>.allocate(capacity: Item.columns)
  /// A slot of 1,024 bytes for each column.
  private let buffers = UnsafeMutableRawPointer.allocate(byteCount: Item.columns * 1024, alignment: 16)

  init(host: String, port: UInt32, user: String, password: String, database: String) throws {
    guard let connection = mysql_init(nil) else { throw BenchmarkError("out of memory") }
    mysql_options(connection, MYSQL_SET_CHARSET_NAME, "utf8mb4")
    guard mysql_real_connect(connection, host, user, password, database, port, nil, 0) != nil,
      let statement = mysql_stmt_init(connection)
    else { throw BenchmarkError(String(cString: mysql_error(connection))) }
    self.connection = connection
    self.statement = statement
    guard mysql_stmt_prepare(statement, Item.select, UInt(Item.select.utf8.count)) == 0 else {
      throw BenchmarkError(String(cString: mysql_stmt_error(statement)))
    }
    binds.initialize(repeating: MYSQL_BIND(), count: Item.columns)
    for column in 0..<Item.columns {
      binds[column].buffer = buffers + column * 1024
      binds[column].buffer_length = 1024
      binds[column].length = lengths + column
      binds[column].buffer_type =
        switch column {
        case 0..<5: MYSQL_TYPE_LONGLONG
        case 5, 6: MYSQL_TYPE_LONG
        case 12..<15: MYSQL_TYPE_DOUBLE
        case 15, 16: MYSQL_TYPE_TINY
        case 17, 18: MYSQL_TYPE_DATETIME
        default: MYSQL_TYPE_STRING
        }
    }
    mysql_stmt_bind_result(statement, binds)
  }
  deinit {
    mysql_stmt_close(statement)
    mysql_close(connection)
    buffers.deallocate()
    binds.deallocate()
    lengths.deallocate()
  }

  func run() throws -> [Item] {
    guard mysql_stmt_execute(statement) == 0 else { throw BenchmarkError(String(cString: mysql_stmt_error(statement))) }
    defer { mysql_stmt_free_result(statement) }
    var items: [Item] = []
    func slot(_ column: Int) -> UnsafeMutableRawPointer { buffers + column * 1024 }
    func int(_ column: Int) -> Int64 { slot(column).load(as: Int64.self) }
    func double(_ column: Int) -> Double { slot(column).load(as: Double.self) }
    func text(_ column: Int) -> String {
      String(decoding: UnsafeRawBufferPointer(start: slot(column), count: Int(lengths[column])), as: UTF8.self)
    }
    func moment(_ column: Int) -> Date {
      let time = slot(column).load(as: MYSQL_TIME.self)
      let day = CalendarDate(year: Int(time.year), month: Int(time.month), day: Int(time.day))?.daysSince1970 ?? 0
      let seconds = ((day * 24 + Int(time.hour)) * 60 + Int(time.minute)) * 60 + Int(time.second)
      return Date(microsecondsSince1970: Int64(seconds) * 1_000_000 + Int64(time.second_part))
    }
    while mysql_stmt_fetch(statement) == 0 {
      guard let token = UUID(hex: text(19)) else { throw BenchmarkError("a row that was not written here") }
      items.append(
        Item(
          id: int(0), stock: int(1), sold: int(2), seen: int(3), rank: int(4), width: slot(5).load(as: Int32.self),
          height: slot(6).load(as: Int32.self), name: text(7), slug: text(8), city: text(9), note: text(10), body: text(11),
          price: double(12), weight: double(13), score: double(14), isActive: slot(15).load(as: Int8.self) != 0,
          isNew: slot(16).load(as: Int8.self) != 0, createdAt: moment(17), changedAt: moment(18), token: token))
    }
    return items
  }
}
