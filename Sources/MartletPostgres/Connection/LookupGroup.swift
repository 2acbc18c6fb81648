/// Look-ups of several callers that share one Sync: the server commits and answers once for all of them instead of once for each.
///
/// Each caller gets its answer when its rows are complete. Where one fails, the server skips those behind it; they are sent
/// again, each by itself, so that nobody sees another's error.
final class LookupGroup: SessionWork, @unchecked Sendable {  // confined to the session's event loop, as its parent
  // Unchecked, as its parent's.
  @exclusivity(unchecked) private var members: [BatchWork]
  /// How many have been answered.
  @exclusivity(unchecked) private var answered = 0

  init(_ members: [BatchWork]) { self.members = members }

  func add(_ member: BatchWork) { members.append(member) }

  private var current: BatchWork? { answered < members.count ? members[answered] : nil }
  override var sql: String? { current?.sql }
  override var parts: [SessionWork] { Array(members[answered...]) }

  override func handle(_ event: BackendEvent, _ session: PostgresSession) throws {
    guard let current else { throw ProtocolViolation("the server answered to more statements than were sent") }
    try current.handle(event, session)
    guard current.isAnswered else { return }
    answered += 1
    current.finish(current.reportedError())
  }

  override func fail(_ report: ServerReport, _ session: PostgresSession) { current?.fail(report, session) }

  override func ready(_ before: TransactionStatus, _ after: TransactionStatus, _ session: PostgresSession) -> Bool {
    guard let failed = current else { return true }
    let skipped = members[(answered + 1)...]
    answered = members.count
    // First all of them: what one had prepared, or closed, another may have counted on.
    for member in skipped { member.wasSkipped(session) }
    if failed.ready(before, after, session) { failed.finish(failed.reportedError()) } else { session.sendAlone(failed) }
    for member in skipped where member.stage != .over { session.sendAlone(member) }
    return true
  }
}
