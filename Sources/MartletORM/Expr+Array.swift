public import MartletSQL

/// A list as a column, or a nullable one.
public protocol ArrayColumnValue: ColumnValue {
  /// What the list holds.
  associatedtype ListElement: ArrayElement
}
extension Array: ArrayColumnValue where Element: ArrayElement {
  /// What the list holds.
  public typealias ListElement = Element
}
extension Optional: ArrayColumnValue where Wrapped: ArrayColumnValue {
  /// What the list holds.
  public typealias ListElement = Wrapped.ListElement
}

/// Lists, by one meaning on every database: places count from 0 as in Swift, NULL in a list is equal to nothing, how often
/// an element stands there does not matter, and nothing holds for a list that is NULL.
///
/// ```swift
/// Article.filter { $0.tags.contains("swift") && $0.tags.elementCount < 4 }
/// Article.filter { $0.tags.overlaps(["web", "server"]) }.select { $0.tags[0] }
/// ```
extension Expr where V: ArrayColumnValue {
  /// Whether the element is in the list.
  public func contains(_ element: V.ListElement) -> Expr<Bool> { operation(.has, .constant(element)) }
  /// Whether the value of another expression is in the list.
  public func contains(_ element: Expr<V.ListElement>) -> Expr<Bool> { operation(.has, element.node) }
  /// Whether every one of the elements is in the list; for no elements, yes.
  public func contains(all elements: [V.ListElement]) -> Expr<Bool> { operation(.contains, .value(elements.sqlValue)) }
  /// Whether every element of another list is in this one.
  public func contains(all elements: Expr<V>) -> Expr<Bool> { operation(.contains, elements.node) }
  /// Whether every element of the list is one of these.
  public func isContained(in elements: [V.ListElement]) -> Expr<Bool> { operation(.containedBy, .value(elements.sqlValue)) }
  /// Whether every element of the list is in another one.
  public func isContained(in elements: Expr<V>) -> Expr<Bool> { operation(.containedBy, elements.node) }
  /// Whether one of the elements at least is in the list.
  public func overlaps(_ elements: [V.ListElement]) -> Expr<Bool> { operation(.overlaps, .value(elements.sqlValue)) }
  /// Whether the list and another one share an element.
  public func overlaps(_ elements: Expr<V>) -> Expr<Bool> { operation(.overlaps, elements.node) }

  /// How many elements the list has.
  public var elementCount: Expr<Int?> { .init(.custom(ArrayNode(.count, [node], V.ListElement.columnType))) }
  /// The element at a place, from 0; NULL where the list is shorter.
  public subscript(place: Int) -> Expr<V.ListElement?> {
    .init(.custom(ArrayNode(.element(place), [node], V.ListElement.columnType)))
  }
  /// The elements at these places, from 0: those that are there.
  public subscript(places: Range<Int>) -> Expr<V> {
    .init(.custom(ArrayNode(.slice(places), [node], V.ListElement.columnType)))
  }
  /// The list with one more element.
  public func appending(_ element: V.ListElement) -> Expr<V> { joined(.value([element].sqlValue)) }
  /// The list followed by these elements.
  public func appending(contentsOf elements: [V.ListElement]) -> Expr<V> { joined(.value(elements.sqlValue)) }
  /// The list followed by another.
  public func appending(contentsOf elements: Expr<V>) -> Expr<V> { joined(elements.node) }

  private func joined(_ other: Node) -> Expr<V> {
    .init(.custom(ArrayNode(.joined, [node, other], V.ListElement.columnType)))
  }
  private func operation(_ kind: ArrayNode.Kind, _ other: Node) -> Expr<Bool> {
    .init(.custom(ArrayNode(kind, [node, other], V.ListElement.columnType)))
  }
}
