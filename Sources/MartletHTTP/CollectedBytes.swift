import Synchronization

/// Gathers the chunks of a streamed body.
final class CollectedBytes: Sendable {
  private let state = Mutex<[UInt8]>([])
  private let limit: Int

  init(limit: Int) { self.limit = limit }

  func append(_ chunk: [UInt8]) throws {
    try state.withLock { bytes in
      guard bytes.count + chunk.count <= limit else { throw BodyStorage.tooLarge(limit) }
      bytes.append(contentsOf: chunk)
    }
  }
  var bytes: [UInt8] { state.withLock { $0 } }
}
