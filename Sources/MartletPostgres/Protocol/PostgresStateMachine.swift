/// The client's side of the protocol 3.0, without a connection: it is told what has been sent, and turns the bytes that
/// come back into events.
///
/// Pure and synchronous, so that it is tested and fuzzed alone. Whatever the bytes are, the answer is an event, a wish for
/// more bytes, or a ``ProtocolViolation``; no length is believed before it is within the limit for its kind of message.
struct PostgresStateMachine {
  /// An answer that is owed, in the order in which the server will give them.
  enum Expectation: Equatable {
    case parse, bind, close
    case parameterTypes
    case rowTypes
    /// Rows, then the end of the command; or the part of a portal that was asked for. May turn into a copy.
    case execute
    case copyIn
    case copyOut
    /// The end of a batch: where the server goes on after an error.
    case sync
  }
  enum Step {
    case needsMore
    case event(BackendEvent, consumed: Int)
    case violation(ProtocolViolation)
  }
  private enum Phase { case authenticating, starting, running }

  private var phase = Phase.authenticating
  private var expectations: [Expectation] = []
  private var head = 0
  private var violation: ProtocolViolation?
  /// After an error the server skips everything up to the next Sync, which may not have been sent yet.
  private(set) var isSkipping = false

  /// A machine for a new session.
  init() {}

  /// Notes messages that have been sent.
  mutating func sent(_ expectation: Expectation) {
    if isSkipping, expectation != .sync { return }
    expectations.append(expectation)
  }

  /// How many answers are owed.
  var outstanding: Int { expectations.count - head }

  /// The next message in `bytes`.
  mutating func next(_ bytes: UnsafeRawBufferPointer) -> Step {
    if let violation { return .violation(violation) }
    do throws(ProtocolViolation) {
      guard bytes.count >= 1 else { return .needsMore }
      let kind = bytes[0]
      guard let limit = limit(of: kind) else {
        throw ProtocolViolation("the server sent a message of the unknown kind \(Self.name(kind))")
      }
      guard bytes.count >= 5 else { return .needsMore }
      let length = Int(Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: 1, as: Int32.self)))
      guard length >= 4, length <= limit else {
        throw ProtocolViolation("the server sent a message \(Self.name(kind)) of \(length) bytes, which may have 4 to \(limit)")
      }
      guard bytes.count >= length + 1 else { return .needsMore }
      var reader = ByteReader(UnsafeRawBufferPointer(rebasing: bytes[5..<(length + 1)]))
      let event = try phase == .running ? runningEvent(kind, &reader) : startingEvent(kind, &reader)
      return .event(event, consumed: length + 1)
    } catch {
      violation = error
      return .violation(error)
    }
  }

  // MARK: Starting

  private mutating func startingEvent(_ kind: UInt8, _ reader: inout ByteReader) throws(ProtocolViolation) -> BackendEvent {
    switch (kind, phase) {
    case (UInt8(ascii: "R"), .authenticating):
      let request = try MessageParser.authentication(&reader)
      if request == .ok { phase = .starting }
      return .authentication(request)
    case (UInt8(ascii: "v"), .authenticating): return try MessageParser.protocolVersion(&reader)
    case (UInt8(ascii: "K"), .starting): return try MessageParser.keyData(&reader)
    case (UInt8(ascii: "Z"), .starting):
      phase = .running
      return .ready(try MessageParser.ready(&reader))
    default:
      if let event = try anytimeEvent(kind, &reader) { return event }
      throw unexpected(kind)
    }
  }

  // MARK: Running

  private mutating func runningEvent(_ kind: UInt8, _ reader: inout ByteReader) throws(ProtocolViolation) -> BackendEvent {
    if kind == UInt8(ascii: "E") {
      skipToSync()
      return .failure(try MessageParser.report(&reader))
    }
    if let event = try anytimeEvent(kind, &reader) { return event }
    guard head < expectations.count, !isSkipping || expectations[head] == .sync else { throw unexpected(kind) }
    switch (kind, expectations[head]) {
    case (UInt8(ascii: "1"), .parse): return try answered(.parseComplete, reader)
    case (UInt8(ascii: "2"), .bind): return try answered(.bindComplete, reader)
    case (UInt8(ascii: "3"), .close): return try answered(.closeComplete, reader)
    case (UInt8(ascii: "n"), .rowTypes): return try answered(.noData, reader)
    case (UInt8(ascii: "s"), .execute): return try answered(.portalSuspended, reader)
    case (UInt8(ascii: "I"), .execute): return try answered(.emptyQuery, reader)
    case (UInt8(ascii: "t"), .parameterTypes):
      let event = try MessageParser.parameterTypes(&reader)
      return try answered(event, reader)
    case (UInt8(ascii: "T"), .rowTypes):
      let event = try MessageParser.columns(&reader)
      return try answered(event, reader)
    case (UInt8(ascii: "D"), .execute): return .row(reader.rest())
    case (UInt8(ascii: "C"), .execute), (UInt8(ascii: "C"), .copyIn), (UInt8(ascii: "C"), .copyOut):
      guard let tag = reader.cStringBytes() else { throw MessageParser.malformed("CommandComplete") }
      return try answered(.completed(CommandTag(tag)), reader)
    case (UInt8(ascii: "G"), .execute):
      expectations[head] = .copyIn
      return .copyIn(isBinary: try MessageParser.copyFormat(&reader))
    case (UInt8(ascii: "H"), .execute):
      expectations[head] = .copyOut
      return .copyOut(isBinary: try MessageParser.copyFormat(&reader))
    case (UInt8(ascii: "d"), .copyOut): return .copyData(reader.rest())
    case (UInt8(ascii: "c"), .copyOut):
      guard reader.isAtEnd else { throw MessageParser.malformed("CopyDone") }
      return .copyDone
    case (UInt8(ascii: "Z"), .sync):
      let status = try MessageParser.ready(&reader)
      isSkipping = false
      return try answered(.ready(status), reader)
    default: throw unexpected(kind)
    }
  }

  /// What the server may say whenever it likes.
  private func anytimeEvent(_ kind: UInt8, _ reader: inout ByteReader) throws(ProtocolViolation) -> BackendEvent? {
    switch kind {
    case UInt8(ascii: "N"): return .notice(try MessageParser.report(&reader))
    case UInt8(ascii: "E"): return .failure(try MessageParser.report(&reader))
    case UInt8(ascii: "S"):
      guard let name = reader.cString(), let value = reader.cString(), reader.isAtEnd else {
        throw MessageParser.malformed("ParameterStatus")
      }
      return .parameterStatus(name: name, value: value)
    case UInt8(ascii: "A"):
      guard let process = reader.integer(Int32.self), let channel = reader.cString(), let payload = reader.cString(),
        reader.isAtEnd
      else { throw MessageParser.malformed("NotificationResponse") }
      return .notification(processID: process, channel: channel, payload: payload)
    default: return nil
    }
  }

  private mutating func answered(_ event: BackendEvent, _ reader: ByteReader) throws(ProtocolViolation) -> BackendEvent {
    guard reader.isAtEnd else { throw ProtocolViolation("a message of the server is longer than what it holds") }
    advance()
    return event
  }

  private mutating func advance() {
    head += 1
    if head == expectations.count {
      expectations.removeAll(keepingCapacity: true)
      head = 0
    } else if head >= 256 {
      expectations.removeFirst(head)
      head = 0
    }
  }

  private mutating func skipToSync() {
    isSkipping = true
    while head < expectations.count, expectations[head] != .sync { advance() }
  }

  private func unexpected(_ kind: UInt8) -> ProtocolViolation {
    let waited = head < expectations.count ? "\(expectations[head])" : "nothing"
    return ProtocolViolation("the server sent a message \(Self.name(kind)) where the answer to '\(waited)' was due")
  }

  private static func name(_ kind: UInt8) -> String {
    (0x21...0x7E).contains(kind) ? "'\(Character(UnicodeScalar(kind)))'" : "\(kind)"
  }

  // MARK: Limits

  /// The longest message of each kind, its length field included; `nil` for kinds that do not exist. What cannot be long is
  /// refused by its first five bytes.
  private func limit(of kind: UInt8) -> Int? {
    guard phase == .running else {
      switch kind {
      case UInt8(ascii: "R"), UInt8(ascii: "E"), UInt8(ascii: "N"), UInt8(ascii: "S"), UInt8(ascii: "v"): return 65_536
      case UInt8(ascii: "K"), UInt8(ascii: "Z"): return 260
      default: return nil
      }
    }
    switch kind {
    case UInt8(ascii: "D"), UInt8(ascii: "d"): return 1 << 30
    case UInt8(ascii: "T"), UInt8(ascii: "t"), UInt8(ascii: "E"), UInt8(ascii: "N"): return 1 << 24
    case UInt8(ascii: "A"), UInt8(ascii: "S"), UInt8(ascii: "C"): return 65_536
    case UInt8(ascii: "G"), UInt8(ascii: "H"): return 16_384
    case UInt8(ascii: "1"), UInt8(ascii: "2"), UInt8(ascii: "3"), UInt8(ascii: "n"), UInt8(ascii: "s"), UInt8(ascii: "I"),
      UInt8(ascii: "c"):
      return 4
    case UInt8(ascii: "Z"): return 5
    default: return nil
    }
  }
}
