/// Memory for the cells of one row that are made rather than found in its message. Kept from row to row.
///
/// Pointers into it stay valid until the next ``reset()``.
struct RowArena: ~Copyable {
  private var chunks: [UnsafeMutableRawBufferPointer] = []
  private var used = 0

  init() {}
  deinit { for chunk in chunks { chunk.deallocate() } }

  /// Forgets what was made for the row before.
  mutating func reset() {
    used = 0
    guard chunks.count > 1 else { return }
    // One chunk that would have been enough, unless a single huge row would then be paid for ever.
    let total = chunks.reduce(0) { $0 + $1.count }
    for chunk in chunks { chunk.deallocate() }
    chunks = total <= 1 << 20 ? [.allocate(byteCount: total, alignment: 8)] : []
  }

  /// `count` bytes.
  mutating func take(_ count: Int) -> UnsafeMutableRawBufferPointer {
    if let last = chunks.last, last.count - used >= count {
      defer { used += count }
      return UnsafeMutableRawBufferPointer(rebasing: last[used..<(used + count)])
    }
    let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1024, count), alignment: 8)
    chunks.append(chunk)
    used = count
    return UnsafeMutableRawBufferPointer(rebasing: chunk[..<count])
  }

  /// A copy of the text.
  mutating func text(_ string: String) -> UnsafeRawBufferPointer {
    var string = string
    return string.withUTF8 { utf8 in
      let target = take(utf8.count)
      target.copyMemory(from: UnsafeRawBufferPointer(utf8))
      return UnsafeRawBufferPointer(target)
    }
  }
}
