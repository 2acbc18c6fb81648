import CLibPQ
import Foundation

/// What one would write by hand against libpq: a prepared statement, binary results, a loop.
final class LibPQLoop {
  private let connection: OpaquePointer

  init(_ url: String) throws {
    guard let connection = PQconnectdb(url), PQstatus(connection) == CONNECTION_OK else {
      throw BenchmarkError("libpq cannot connect")
    }
    self.connection = connection
    PQclear(PQprepare(connection, "rows", Item.select, 0, nil))
  }
  deinit { PQfinish(connection) }

  func run() throws -> [Item] {
    guard let result = PQexecPrepared(connection, "rows", 0, nil, nil, nil, 1), PQresultStatus(result) == PGRES_TUPLES_OK else {
      throw BenchmarkError(String(cString: PQerrorMessage(connection)))
    }
    defer { PQclear(result) }
    var items: [Item] = []
    for row in 0..<PQntuples(result) {
      func bytes(_ column: Int32) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: PQgetvalue(result, row, column), count: Int(PQgetlength(result, row, column)))
      }
      func int64(_ column: Int32) -> Int64 { Int64(bigEndian: bytes(column).loadUnaligned(as: Int64.self)) }
      func int32(_ column: Int32) -> Int32 { Int32(bigEndian: bytes(column).loadUnaligned(as: Int32.self)) }
      func double(_ column: Int32) -> Double { Double(bitPattern: UInt64(bitPattern: int64(column))) }
      func text(_ column: Int32) -> String { String(decoding: bytes(column), as: UTF8.self) }
      func moment(_ column: Int32) -> Date {
        Date(timeIntervalSinceReferenceDate: Double(int64(column)) / 1_000_000 - 31_622_400)
      }
      items.append(
        Item(
          id: int64(0), stock: int64(1), sold: int64(2), seen: int64(3), rank: int64(4), width: int32(5), height: int32(6),
          name: text(7), slug: text(8), city: text(9), note: text(10), body: text(11), price: double(12), weight: double(13),
          score: double(14), isActive: bytes(15)[0] != 0, isNew: bytes(16)[0] != 0, createdAt: moment(17), changedAt: moment(18),
          token: UUID(uuid: bytes(19).loadUnaligned(as: uuid_t.self))))
    }
    return items
  }
}
