/// One finding of the `check` command, after Django's system check framework.
public struct CheckMessage: Sendable, Hashable, CustomStringConvertible {
  /// How bad it is. An `error` stops `serve` and `migrate`.
  public enum Level: String, Sendable, Hashable, Comparable {
    case info, warning, error
    /// `info` before `warning` before `error`.
    public static func < (l: Level, r: Level) -> Bool { l.rank < r.rank }
    private var rank: Int { self == .info ? 0 : self == .warning ? 1 : 2 }
  }

  /// Stable id: module, letter of the level, number: `orm.W001`.
  public var id: String
  /// How bad it is.
  public var level: Level
  /// What is wrong.
  public var message: String
  /// What to do about it.
  public var hint: String?
  /// What it is about: a model, a field, a setting, a route.
  public var object: String?

  /// A finding.
  public init(_ id: String, _ level: Level, _ message: String, hint: String? = nil, object: String? = nil) {
    self.id = id
    self.level = level
    self.message = message
    self.hint = hint
    self.object = object
  }

  /// `blog.Post: (orm.W001) … HINT: …`
  public var description: String {
    (object.map { "\($0): " } ?? "") + "(\(id)) \(message)" + (hint.map { "\n\tHINT: \($0)" } ?? "")
  }
}
