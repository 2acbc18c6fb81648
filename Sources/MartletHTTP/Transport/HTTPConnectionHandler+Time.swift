import MartletCore
import NIOCore

/// How long the server has waited for a body, and what has come meanwhile.
struct UploadWait {
  private var waited = TimeAmount.zero
  private var since: NIODeadline?
  private var received = 0

  mutating func begin(_ now: NIODeadline) { if since == nil { since = now } }
  mutating func note(_ count: Int, _ now: NIODeadline) {
    if let since { waited = waited + (now - since) }
    since = nil
    received += count
  }

  /// When the body is too slow: after the time that any body has, and that which its bytes may take at the lowest rate.
  func limit(_ patience: TimeAmount, rate: Int, _ now: NIODeadline) -> NIODeadline? {
    guard rate > 0 else { return nil }
    let earned = TimeAmount.nanoseconds(Int64(min(Double(received) / Double(rate) * 1e9, 1e17)))
    return (since ?? now) + patience + earned - waited
  }
}

/// Keeps a connection honest: times out slow heads, bodies and readers, and idle connections.
extension HTTPConnectionHandler {
  /// The client has `amount` for what it owes now.
  func arm(_ amount: Duration) {
    let now = NIODeadline.now()
    arm(until: now + TimeAmount(amount), now)
  }
  private func arm(until deadline: NIODeadline, _ now: NIODeadline) {
    self.deadline = deadline
    // A timer that looks earlier moves itself to the deadline: an armed connection costs a clock's reading, no more.
    if timer == nil || timerFires > deadline { schedule(deadline) }
  }
  /// The client owes nothing.
  func disarm() { deadline = nil }

  private func schedule(_ deadline: NIODeadline) {
    timer?.cancel()
    timerFires = deadline
    timer = loop.assumeIsolated().scheduleTask(deadline: deadline) { [weak self] in self?.timeUp() }
  }

  /// A reader waits for the body.
  func awaitUpload() {
    let now = NIODeadline.now()
    uploadWait.begin(now)
    let next = now + TimeAmount(configuration.bodyTimeout)
    let limit = uploadWait.limit(TimeAmount(configuration.bodyTimeout), rate: configuration.slowestUpload, now)
    arm(until: min(next, limit ?? next), now)
  }
  /// A piece of the body has come.
  func noteUpload(_ count: Int) {
    guard deadline != nil, phase == .body else { return uploadWait.note(count, .now()) }
    uploadWait.note(count, .now())
    disarm()
  }

  private func timeUp() {
    timer = nil
    guard context != nil, let deadline else { return }
    guard NIODeadline.now() >= deadline else { return schedule(deadline) }
    self.deadline = nil
    if isTakingBytes() { return arm(configuration.bodyTimeout) }
    switch phase {
    case .idle, .lingering, .responding: closeNow()
    case .head: fail("The head of the request did not arrive within \(TimeAmount(configuration.headerTimeout).seconds) s.")
    case .body where isUnwritable: closeNow()
    case .body:
      fail(
        "The body did not arrive: nothing came for \(TimeAmount(configuration.bodyTimeout).seconds) s, or less than "
          + "\(configuration.slowestUpload) bytes a second did.")
    }
  }
  private func fail(_ message: String) {
    guard let context else { return }
    errorCaught(context: context, error: HTTPError(.requestTimeout, message))
  }

  /// Whether the client has taken of the bytes that wait for it since this was last asked. A large response may take longer
  /// than every time-out, as long as it moves.
  private func isTakingBytes() -> Bool {
    let unsent = unsentBytes
    defer { lastUnsent = unsent }
    return unsent > 0 && unsent != lastUnsent
  }
  /// The bytes that the client's connection has not taken yet. A stream of HTTP/2 knows only whether it is writable, and ends
  /// the process when it is asked for more.
  var unsentBytes: Int {
    guard framing == .http1 else { return 0 }
    return (try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    isUnwritable = !context.channel.isWritable
    if isUnwritable {
      lastUnsent = 0
      arm(configuration.bodyTimeout)
    } else {
      if phase == .responding || (phase == .body && exchange?.body.isWanted != true) { disarm() }
      writers.wake()
    }
    context.fireChannelWritabilityChanged()
  }
}

extension TimeAmount {
  fileprivate var seconds: Int64 { nanoseconds / 1_000_000_000 }
}
