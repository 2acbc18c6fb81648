/// The checks of an app: closures that look at it and report what they find.
///
/// ```swift
/// var checks = SystemChecks()
/// checks.add { resources.filter { $0.policy == nil }.map { CheckMessage("rest.W001", .warning, "…", object: $0.name) } }
/// let findings = await checks.run()
/// ```
public struct SystemChecks: Sendable {
  /// Looks at something and reports what is wrong with it.
  public typealias Check = @Sendable () async -> [CheckMessage]
  private var checks: [Check] = []

  /// No check.
  public init() {}

  /// Adds a check.
  public mutating func add(_ check: @escaping Check) { checks.append(check) }

  /// Runs every check, one after the other.
  ///
  /// A finding that two checks report alike is listed once. An id stands for one kind of finding: where two
  /// levels share an id, the run itself reports that as `core.E001`.
  ///
  /// - Parameter silenced: Ids to leave out, as Django's `SILENCED_SYSTEM_CHECKS`; errors cannot be silenced.
  /// - Returns: The findings, worst first, then by id.
  public func run(silenced: Set<String> = []) async -> [CheckMessage] {
    var findings: [CheckMessage] = [], seen: Set<CheckMessage> = []
    var levels: [String: CheckMessage.Level] = [:]
    for check in checks {
      for finding in await check() where seen.insert(finding).inserted {
        findings.append(finding)
        if let level = levels.updateValue(finding.level, forKey: finding.id), level != finding.level {
          let clash = CheckMessage(
            "core.E001", .error,
            "two checks use the id \(finding.id), one as \(level.rawValue), one as \(finding.level.rawValue)",
            hint: "Give each kind of finding an id of its own.")
          if seen.insert(clash).inserted { findings.append(clash) }
        }
      }
    }
    return findings.filter { $0.level == .error || !silenced.contains($0.id) }
      .sorted { ($1.level, $0.id, $0.object ?? "") < ($0.level, $1.id, $1.object ?? "") }
  }
}
