public import MartletCore
package import MartletSQL

/// Rows of a query as JSON, with everything that the query's shape asks for.
public struct JSONRows: Sendable {
  let rows: ReadRows
  /// How many rows the query has without its limit and offset, where that was asked for.
  public let total: Int?

  init(rows: ReadRows, total: Int? = nil) {
    self.rows = rows
    self.total = total
  }

  /// How many rows there are.
  public var count: Int { rows.count }
  /// Whether there is none.
  public var isEmpty: Bool { rows.count == 0 }
  /// What was kept beside the row, where the plan asked for it.
  package func captured(_ row: Int) -> [SQLValue] { rows.captured[row] }

  /// Writes the rows as an array.
  public func write(to json: inout JSONWriter) { write(0..<count, to: &json) }
  /// Writes some of the rows as an array.
  package func write(_ range: Range<Int>, to json: inout JSONWriter) {
    json.array { json in for row in range { write(row, to: &json) } }
  }
  /// Writes one row.
  /// - Parameter index: Its place, less than ``count``.
  public func write(_ index: Int, to json: inout JSONWriter) { json.value { json in rows.write(index) { json.append($0) } } }
  /// Appends one row's bytes.
  package func append(_ index: Int, to bytes: inout [UInt8]) { rows.write(index) { bytes.append(contentsOf: $0) } }

  /// The rows as the text of a JSON array.
  public var bytes: [UInt8] {
    var json = JSONWriter(capacity: rows.byteCount + rows.count + 2)
    write(to: &json)
    return json.finish()
  }
}
