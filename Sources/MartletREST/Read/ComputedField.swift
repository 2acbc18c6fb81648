import MartletCore
import MartletORM
package import MartletSQL

/// A field that is no column: computed by the database, or by the app from the row.
package struct ComputedField: Sendable {
  package var name: String
  package var type: ColumnType
  package var isNullable: Bool
  package var choices: [Choice]
}

/// A computed field with its model's type.
struct ComputedContent<M: Model>: Sendable {
  var name: String
  var field: ComputedField
  var content: @Sendable (M.Fields, Viewer) -> RowShape.Content
  /// Whether the app computes it, so that the whole row is read.
  var needsModel = false

  init<V: ColumnValue>(_ name: String, _ value: @escaping @Sendable (M.Fields, PolicyViewer) -> Expr<V>) {
    self.name = name
    field = Self.describe(name, V.self)
    content = { fields, viewer in .value(value(fields, PolicyViewer(viewer)).node, CellCodec(V.self)) }
  }
  init<V: ColumnValue>(_ name: String, row value: @escaping @Sendable (M) throws -> V) {
    self.name = name
    field = Self.describe(name, V.self)
    needsModel = true
    content = { _, _ in
      .written { row, json in
        guard let row = row as? M else { return json.null() }
        json.value(try value(row).sqlValue)
      }
    }
  }
  private static func describe<V: ColumnValue>(_ name: String, _ type: V.Type) -> ComputedField {
    ComputedField(name: name, type: V.columnType, isNullable: V.isNullable, choices: V.choices)
  }
}
