import MartletCore
import MartletORM
import MartletSQL

/// Writes rows as JSON objects straight from their columns; the names are rendered once.
struct RowWriter<M: Model>: Sendable {
  private let columns: [(key: JSONKey, index: Int)]

  init(_ fields: [ResourceField]) { columns = fields.map { (JSONKey($0.name), $0.index) } }

  func write(_ row: M, to json: inout JSONWriter) {
    json.beginObject()
    for column in columns {
      json.key(column.key)
      json.value(row.columnValue(at: column.index))
    }
    json.endObject()
  }
}
