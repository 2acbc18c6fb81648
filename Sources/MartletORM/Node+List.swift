package import MartletSQL

/// How a list is compared with other elements.
package enum ListComparison: Sendable {
  /// Every one of them is in the list.
  case containsAll
  /// One of them at least is in the list.
  case overlaps
  /// The list has no other elements.
  case isContained
}

extension Node {
  /// A list compared with elements, for surfaces that know the column alone and not its Swift type.
  package static func list(
    _ list: Node, _ comparison: ListComparison, _ elements: [SQLValue], of type: ColumnType
  ) -> Node {
    let kind: ArrayNode.Kind =
      switch comparison {
      case .containsAll: .contains
      case .overlaps: .overlaps
      case .isContained: .containedBy
      }
    return .custom(ArrayNode(kind, [list, .value(.array(elements, of: type))], type))
  }
  /// How many elements a list has.
  package static func listCount(_ list: Node, of type: ColumnType) -> Node { .custom(ArrayNode(.count, [list], type)) }
}
