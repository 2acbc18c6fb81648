import Testing

@testable import MartletHTTP

@Suite struct FingerprintTests {
  private func fingerprint(_ bytes: [UInt8]) -> Fingerprint { bytes.withUnsafeBytes { Fingerprint($0) } }

  @Test("texts that differ in one bit, in their length or in their order have different fingerprints")
  func differences() {
    var seen: Set<Fingerprint> = [], count = 0
    func note(_ bytes: [UInt8]) {
      seen.insert(fingerprint(bytes))
      count += 1
    }
    for length in 0...70 {
      let zeros = [UInt8](repeating: 0, count: length)
      note(zeros)
      for bit in 0..<(length * 8) {
        var changed = zeros
        changed[bit / 8] ^= 1 << (bit % 8)
        note(changed)
      }
    }
    // Blocks in each order of three, and the halves of a block.
    let blocks = (1...3).map { [UInt8](repeating: $0, count: 16) }
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] { note(order.flatMap { blocks[$0] }) }
    note([UInt8](repeating: 1, count: 8) + [UInt8](repeating: 2, count: 8))
    note([UInt8](repeating: 2, count: 8) + [UInt8](repeating: 1, count: 8))
    #expect(seen.count == count)
  }

  @Test("half of the bits change with one bit of the text")
  func avalanche() {
    let text = Array("{\"id\":1,\"title\":\"A list of rows as JSON\"}".utf8), before = fingerprint(text)
    for bit in 0..<(text.count * 8) {
      var changed = text
      changed[bit / 8] ^= 1 << (bit % 8)
      let after = fingerprint(changed)
      let flipped = (before.first ^ after.first).nonzeroBitCount + (before.second ^ after.second).nonzeroBitCount
      #expect((32...96).contains(flipped), "bit \(bit)")
    }
  }

  @Test("every machine and every release makes the same tag: clients keep them")
  func stable() {
    #expect(EntityTag.hashField(of: []) == #"W/"e1d86c7c45888ac3e7157c6bd1493c30""#)
    #expect(EntityTag.hashField(of: Array("Hello, World!".utf8)) == #"W/"1925c78fcea1d9b59627b43ab5c2d4b4""#)
  }
}
