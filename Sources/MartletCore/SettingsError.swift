/// Settings that are missing or wrong: all of them at once, with what to do about each.
public struct SettingsError: Error, Sendable, Hashable, CustomStringConvertible {
  /// One wrong setting.
  public struct Problem: Error, Sendable, Hashable {
    /// The environment variable.
    public var name: String
    /// What it was set to, hidden where it is secret; `nil` where it is not set.
    public var given: String?
    /// What it must look like.
    public var form: String
    /// A line for the shell or the `.env` file that would be right.
    public var fix: String

    /// A wrong setting.
    public init(name: String, given: String?, form: String, fix: String) {
      self.name = name
      self.given = given
      self.form = form
      self.fix = fix
    }
  }

  /// What failed, for programs.
  public enum Kind: String, Sendable, Hashable {
    /// Values that are missing or have another form.
    case invalidValues
    /// A `.env` file that cannot be read.
    case unreadableFile
  }

  /// What failed.
  public var kind: Kind
  /// The wrong settings, in the order of their declaration.
  public var problems: [Problem]
  /// More about a file that cannot be read.
  public var detail: String?

  /// An error of these settings.
  public init(_ problems: [Problem]) {
    kind = .invalidValues
    self.problems = problems
  }
  init(unreadable path: String, _ detail: String) {
    kind = .unreadableFile
    problems = []
    self.detail = "cannot read \(path): \(detail)"
  }

  /// A paragraph for each wrong setting: its name, what was given, what is expected, a fix.
  public var description: String {
    if let detail { return detail }
    let head = problems.count == 1 ? "a setting is wrong:" : "\(problems.count) settings are wrong:"
    let paragraphs = problems.map { problem in
      let state = problem.given.map { "is \"\($0)\"" } ?? "is not set"
      return "  \(problem.name) \(state)\n    expected: \(problem.form)\n    fix:      \(problem.fix)"
    }
    return ([head] + paragraphs).joined(separator: "\n\n")
  }
}
