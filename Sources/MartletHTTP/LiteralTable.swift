/// The children of a node of routes that are literals, found by the bytes of a segment.
///
/// Immutable, so that a plain table with open addressing serves: no hash of a `String`, and none of the segments of a request
/// becomes a `String` to be looked for. Only an app's own routes are in it, so that no client can make it slow.
struct LiteralTable: Sendable {
  private struct Slot: Sendable {
    let text: String
    let node: RouteNode
  }
  private let slots: [Slot?]
  private let mask: Int
  /// The same by text: two texts beyond ASCII may be equal although their bytes are not.
  private let byText: [String: RouteNode]

  init(_ children: [String: RouteNode]) {
    byText = children
    guard !children.isEmpty else {
      (slots, mask) = ([], 0)
      return
    }
    var size = 2
    while size < children.count * 2 { size *= 2 }
    var slots = [Slot?](repeating: nil, count: size)
    for (text, node) in children {
      var place = Int(truncatingIfNeeded: Array(text.utf8).withUnsafeBufferPointer { LiteralTable.hash($0) }) & (size - 1)
      while slots[place] != nil { place = (place + 1) & (size - 1) }
      slots[place] = Slot(text: text, node: node)
    }
    self.slots = slots
    mask = size - 1
  }

  /// The child of a segment.
  func child(_ segment: UnsafeBufferPointer<UInt8>) -> RouteNode? {
    if slots.isEmpty { return nil }
    var place = Int(truncatingIfNeeded: LiteralTable.hash(segment)) & mask
    while let slot = slots[place] {
      if slot.text.utf8.count == segment.count, LiteralTable.same(slot.text, segment) { return slot.node }
      place = (place + 1) & mask
    }
    return segment.allSatisfy({ $0 < 128 }) ? nil : byText[String(decoding: segment, as: UTF8.self)]
  }

  private static func same(_ text: String, _ segment: UnsafeBufferPointer<UInt8>) -> Bool {
    var text = text
    return text.withUTF8 { $0.elementsEqual(segment) }
  }
  /// FNV-1a, and its upper half folded in: the mask keeps the lower bits alone.
  private static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return UInt(truncatingIfNeeded: hash ^ (hash >> 32))
  }
}
