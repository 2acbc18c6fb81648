import MartletSQL

/// A cell that owns its bytes.
enum Cell {
  case null, int(Int64), double(Double), text(String), blob([UInt8])
}

/// Reads one value from a row of that cell alone.
func read<V: ColumnValue>(_ type: V.Type = V.self, _ cell: Cell) throws -> V {
  func value(_ cell: RowCell) throws -> V {
    try withUnsafePointer(to: cell) {
      var row = Row(cells: $0, count: 1)
      return try V.read(&row)
    }
  }
  switch cell {
  case .null: return try value(.null)
  case .int(let number): return try value(.int(number))
  case .double(let number): return try value(.double(number))
  case .text(let text): return try Array(text.utf8).withUnsafeBytes { try value(.text($0)) }
  case .blob(let bytes): return try bytes.withUnsafeBytes { try value(.blob($0)) }
  }
}

/// What reading the cell says is wrong with it.
func refusal<V: ColumnValue>(_ type: V.Type, _ cell: Cell) -> String? {
  do {
    _ = try read(type, cell)
    return nil
  } catch {
    return (error as? RowError)?.message
  }
}
