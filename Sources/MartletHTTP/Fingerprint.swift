/// 128 bits that tell texts apart, the same on every machine and in every process. Not for secrets, nor against somebody who
/// makes two texts of one fingerprint on purpose: that is what SHA-256 is for, which takes four times as long for 10 kB.
///
/// Two chains of multiplications to 128 bits, whose halves are folded into one another, as in wyhash and its kin. swift-crypto
/// has no hash of the kind, and Swift's own `Hasher` differs from process to process.
struct Fingerprint: Hashable {
  private(set) var first: UInt64 = 0x9E37_79B9_7F4A_7C15
  private(set) var second: UInt64 = 0xC2B2_AE3D_27D4_EB4F

  init(_ bytes: UnsafeRawBufferPointer) {
    var place = 0
    while place + 16 <= bytes.count {
      add(
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)),
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place + 8, as: UInt64.self)))
      place += 16
    }
    add(Self.word(bytes, place), Self.word(bytes, place + 8))
    // The length tells a text from the same one with zeros behind it.
    add(UInt64(bytes.count), first ^ second)
  }

  /// The bytes from a place on, eight at most, with zeros for those that are not there.
  private static func word(_ bytes: UnsafeRawBufferPointer, _ start: Int) -> UInt64 {
    var word: UInt64 = 0, place = min(start + 8, bytes.count) - 1
    while place >= start {
      word = word << 8 | UInt64(bytes[place])
      place -= 1
    }
    return word
  }

  @inline(__always) private mutating func add(_ low: UInt64, _ high: UInt64) {
    first = Self.folded(first ^ low, high ^ 0xA076_1D64_78BD_642F) &+ high
    second = Self.folded(second ^ high, low ^ 0xE703_7ED1_A0B4_28DB) &+ low
  }
  @inline(__always) private static func folded(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let (high, low) = a.multipliedFullWidth(by: b)
    return high ^ low
  }

  /// Lends the 16 bytes.
  func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    withUnsafeBytes(of: (first.bigEndian, second.bigEndian), body)
  }
}
