package import MartletCore
package import MartletSQL

/// What is read of the rows at one place of a query, and which JSON they become: a tree of values, objects and lists.
///
/// It knows no model types: REST, GraphQL and the admin build it from names, ``JSONShape`` from typed expressions.
package struct RowShape: Sendable {
  /// A member of the object, in order.
  package struct Member: Sendable {
    package var key: JSONKey
    package var content: Content
    package init(_ name: String, _ content: Content) {
      key = JSONKey(name)
      self.content = content
    }
    package init(_ key: JSONKey, _ content: Content) {
      self.key = key
      self.content = content
    }
  }
  /// What stands behind a name.
  package indirect enum Content: Sendable {
    /// A column or an expression.
    case value(Node, CellCodec)
    /// Members of the same row, or of one that is joined to it: `null` where that one is not there.
    case object(RowShape, Presence?)
    /// The rows of a to-many relation.
    case list(ListShape)
    /// Written by the app from the decoded row, which ``RowShape/model`` reads.
    case written(@Sendable (any Model, inout JSONWriter) throws -> Void)
  }
  /// What decides whether a joined row is shown.
  package struct Presence: Sendable {
    /// A column that is NULL only where the row is not there; `nil` where it always is.
    package var key: Node?
    /// Whether the row may be seen; `nil` where it may.
    package var condition: Node?
    package init(key: Node?, condition: Node? = nil) {
      self.key = key
      self.condition = condition
    }
  }
  package var members: [Member]
  /// Reads the whole row too, for members that are written from it.
  package var model: ModelCells?

  package init(_ members: [Member] = []) { self.members = members }

  /// Writes a row that is in memory, where every member is written from it.
  package func write(_ row: any Model, to json: inout JSONWriter) throws {
    try json.object { json in
      for member in members {
        json.key(member.key)
        if case .written(let write) = member.content { try write(row, &json) } else { json.null() }
      }
    }
  }
}

/// Reads a model from the cells of all of its columns.
package struct ModelCells: Sendable {
  package let columns: [Node]
  package let read: @Sendable (inout Row) throws -> any Model

  package init<M: Model>(_ model: M.Type, at path: Path) {
    columns = M.schema.columns.indices.map { .column(ColumnReference(path: path, index: $0)) }
    read = { try M(row: &$0) }
  }
}

/// A to-many relation in a ``RowShape``: which of its rows, in which order, how many for each owner.
package struct ListShape: Sendable {
  /// What each element is.
  package enum Element: Sendable {
    case object(RowShape)
    /// A value by itself: `["a", "b"]`.
    case value(Node, CellCodec)
  }
  /// The place of the row that has the list.
  package var parent: Path
  /// Which rows. Its limit is for each owner.
  package var rows: ChildRows
  package var element: Element

  package init(parent: Path, rows: ChildRows, element: Element) {
    self.parent = parent
    self.rows = rows
    self.element = element
  }
}
