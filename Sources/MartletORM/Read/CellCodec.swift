package import MartletCore
package import MartletSQL

/// How cells of one Swift type are read, without the type.
package struct CellCodec: Sendable {
  /// How ``write`` writes most cells: asked first, for it costs no call through a closure.
  let plain: PlainForm?
  /// Writes the next cell as JSON; NULL as `null`, whatever the type says, for rows that an outer join left out.
  package let write: @Sendable (inout Row, inout JSONWriter) throws -> Void
  /// The next cell's value; NULL as NULL.
  package let read: @Sendable (inout Row) throws -> SQLValue

  /// Cells as the driver gives them, where no Swift type stands behind them.
  static let untyped = CellCodec(
    plain: nil,
    write: { row, json in json.value(try RowCells.copy(row.next())) }, read: { row in try RowCells.copy(row.next()) })

  private init(
    plain: PlainForm?,
    write: @escaping @Sendable (inout Row, inout JSONWriter) throws -> Void,
    read: @escaping @Sendable (inout Row) throws -> SQLValue
  ) {
    self.plain = plain
    self.write = write
    self.read = read
  }
  /// The cells of a type.
  package init<V: ColumnValue>(_ type: V.Type) {
    plain = V.plainForm
    write = { row, json in if row.skipNull() { json.null() } else { try V.writeJSON(from: &row, to: &json) } }
    read = { row in row.skipNull() ? .null : try V.read(&row).sqlValue }
  }
}
