/// A value that the row closures of one statement fill, one after the other, and that their caller reads when it is over.
///
/// No lock: drivers call row closures one at a time and in order, and `run` and `fetch` return after the last. So the value is
/// confined to one statement, or to statements that follow each other, and never leaves the function that made the box.
package final class Confined<Value>: @unchecked Sendable {  // Confined to statements that follow each other, as said above.
  // Unchecked: the confinement above says the same, and the check costs as much as decoding a cell.
  @exclusivity(unchecked) package var value: Value
  package init(_ value: Value) { self.value = value }
}
