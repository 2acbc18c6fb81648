import Synchronization

/// The limits of a request's body, in bytes.
public struct BodyLimits: Sendable, Hashable {
  /// The most that is held in memory: JSON, urlencoded forms, the plain fields of a multipart form,
  /// `collect()`. Django's `DATA_UPLOAD_MAX_MEMORY_SIZE`: 2.5 MiB.
  public var memory = 2_621_440
  /// The most that a multipart form may have in all.
  public var upload = 104_857_600
  /// The size from which a file of a multipart form is written to disk. Django's
  /// `FILE_UPLOAD_MAX_MEMORY_SIZE`: 2.5 MiB.
  public var uploadMemory = 2_621_440
  /// The most fields and files that a form may have. Django's `DATA_UPLOAD_MAX_NUMBER_FIELDS`: 1,000.
  public var formFields = 1_000

  /// The defaults.
  public init() {}
}

/// The body of a request: a sequence of chunks that arrive as they are asked for, or all of it at once.
///
/// ```swift
/// let bytes = try await request.body.collect(1_000_000)
/// for try await chunk in request.body { … }
/// ```
/// The chunks can be read once. What was collected stays, so that middleware and handler can both
/// collect it.
public struct RequestBody: AsyncSequence, Sendable {
  /// A chunk.
  public typealias Element = [UInt8]

  let storage: BodyStorage
  var limits: BodyLimits

  /// The length that the client declared, in bytes; `nil` for a chunked body.
  public var declaredLength: Int? { storage.declaredLength }

  /// The whole body.
  ///
  /// - Parameter limit: The most bytes to accept; the application's ``BodyLimits/memory`` if `nil`.
  /// - Throws: ``HTTPError``: 413 past the limit, 408 where the client is too slow, a server's fault
  ///   where the chunks were read already.
  public func collect(_ limit: Int? = nil) async throws -> [UInt8] {
    try await storage.collect(limit ?? limits.memory)
  }

  /// The chunks. A second iteration fails, unless the body was collected before.
  public func makeAsyncIterator() -> Iterator { Iterator(storage: storage) }

  /// Reads the chunks of a body.
  public struct Iterator: AsyncIteratorProtocol {
    let storage: BodyStorage
    private var source: BodySource?

    init(storage: BodyStorage) { self.storage = storage }

    /// The next chunk, `nil` at the end.
    public mutating func next() async throws -> [UInt8]? {
      if source == nil { source = try storage.open() }
      return try await source?()
    }
  }
}

/// Gives the next chunk of a body, `nil` at its end. Called by one reader at a time.
package typealias BodySource = @Sendable () async throws -> [UInt8]?

/// One body, shared by all the copies of its request.
final class BodyStorage: Sendable {
  private enum State {
    case unread(BodySource)
    case collected([UInt8])
    case taken
  }
  private let state: Mutex<State>
  /// The form that was read from the body, so that a check before the handler can read it too.
  let form = Mutex<FormData?>(nil)
  let declaredLength: Int?

  init(_ bytes: [UInt8]) {
    state = Mutex(.collected(bytes))
    declaredLength = bytes.count
  }
  init(declaredLength: Int?, source: @escaping BodySource) {
    state = Mutex(.unread(source))
    self.declaredLength = declaredLength
  }

  /// Takes the chunks; the bytes of a collected body are one chunk.
  func open() throws -> BodySource {
    let taken: State = state.withLock { state in
      let current = state
      if case .unread = current { state = .taken }
      return current
    }
    switch taken {
    case .unread(let source): return source
    case .collected(let bytes):
      let rest = OnceBytes(bytes)
      return { rest.take() }
    case .taken:
      throw HTTPError(.bodyAlreadyRead, "The body was read before. Collect it where more than one place needs it.")
    }
  }

  func collect(_ limit: Int) async throws -> [UInt8] {
    if let declaredLength, declaredLength > limit { throw BodyStorage.tooLarge(limit) }
    let source = try open()
    var bytes: [UInt8] = []
    if let declaredLength { bytes.reserveCapacity(declaredLength) }
    while let chunk = try await source() {
      if bytes.isEmpty { bytes = chunk } else { bytes.append(contentsOf: chunk) }
      if bytes.count > limit { throw BodyStorage.tooLarge(limit) }
    }
    state.withLock { $0 = .collected(bytes) }
    return bytes
  }

  static func tooLarge(_ limit: Int) -> HTTPError {
    HTTPError(.contentTooLarge, "The body may have at most \(limit) bytes.")
  }
}

private final class OnceBytes: Sendable {
  private let rest: Mutex<[UInt8]?>
  init(_ bytes: [UInt8]) { rest = Mutex(bytes.isEmpty ? nil : bytes) }
  func take() -> [UInt8]? {
    rest.withLock { rest in
      defer { rest = nil }
      return rest
    }
  }
}
