public import MartletCore

/// Collects what is wrong with an ``Input``: see ``Input/validate(_:)``.
public struct FieldErrors: Sendable {
  /// What was found, in order, with whole paths.
  public private(set) var errors: [FieldError] = []
  /// Where the input stands in what was sent: `article.`
  private var prefix = ""

  package init() {}

  /// Adds an error of a field by its name in JSON; of the whole input where the name is empty.
  ///
  /// - Parameter code: What is wrong, for programs: `too_early`.
  public mutating func add(_ field: String, code: String = "invalid", _ message: String) {
    let path = field.isEmpty ? String(prefix.dropLast()) : prefix + field
    if !isFull { errors.append(FieldError(path, code: code, message)) }
  }
  /// Adds what was found elsewhere, as of these fields: `errors.add(rules.findings(password))`.
  public mutating func add(_ found: [FieldError]) {
    for error in found { add(error.field, code: error.code, error.message) }
  }

  /// Whether an answer names no more of them: a small body must not make a large answer.
  package var isFull: Bool { errors.count >= InputLimits.errors }
  /// Lets errors be added by the names inside of what stands at a path.
  package mutating func at<Result>(_ path: String, _ body: (inout FieldErrors) -> Result) -> Result {
    let outer = prefix
    prefix = path.isEmpty ? "" : path + "."
    defer { prefix = outer }
    return body(&self)
  }
}
