/// The declaration of one setting: its name, type, default and what it is for, in one place.
///
/// An app declares its own beside the framework's; `check --settings` lists them, and a wrong value is
/// reported before anything starts.
///
/// ```swift
/// extension SettingKey<String> {
///   static let stripeKey = SettingKey("STRIPE_KEY", isRequired: true, isSecret: true, example: "sk_live_…",
///     help: "The key of the payment provider.")
/// }
/// let key = try settings.value(.stripeKey)
/// ```
public struct SettingKey<Value: SettingValue>: Sendable {
  /// The environment variable.
  public let name: String
  /// What its text must look like.
  public let form: String
  /// What it is for, in a sentence.
  public let help: String
  /// A value that would be right.
  public let example: String
  /// Whether its value never appears in messages.
  public let isSecret: Bool
  let isRequired: @Sendable (RuntimeEnvironment) -> Bool
  let fallback: @Sendable (RuntimeEnvironment) -> Value?
  let accepts: @Sendable (Value) -> Bool
  let redacted: @Sendable (String) -> String

  /// Declares a setting.
  ///
  /// - Parameters:
  ///   - name: The environment variable: capital letters, digits and underscores.
  ///   - form: What the text must look like; the type's own form where it says enough.
  ///   - default: The value where the variable is absent.
  ///   - isRequired: Whether absence is an error. Without meaning where there is a default.
  ///   - isSecret: Whether the value must not appear in messages.
  ///   - example: A right value, for the error message; the default where there is one.
  ///   - help: What it is for, in a sentence.
  ///   - accepts: A rule beyond the type's: `false` refuses the value.
  public init(
    _ name: String, form: String? = nil, default: Value? = nil, isRequired: Bool = false, isSecret: Bool = false,
    example: String? = nil, help: String, accepts: @escaping @Sendable (Value) -> Bool = { _ in true }
  ) {
    self.init(
      name, form: form, defaultIn: { _ in `default` }, requiredIn: { _ in isRequired }, isSecret: isSecret, example: example,
      help: help, accepts: accepts)
  }

  package init(
    _ name: String, form: String? = nil, defaultIn fallback: @escaping @Sendable (RuntimeEnvironment) -> Value?,
    requiredIn isRequired: @escaping @Sendable (RuntimeEnvironment) -> Bool = { _ in false }, isSecret: Bool = false,
    redacted: (@Sendable (String) -> String)? = nil, example: String? = nil, help: String,
    accepts: @escaping @Sendable (Value) -> Bool = { _ in true }
  ) {
    self.name = name
    self.form = form ?? Value.settingForm
    self.help = help
    self.isSecret = isSecret
    self.example = example ?? fallback(.production)?.settingText ?? fallback(.development)?.settingText ?? "…"
    self.isRequired = isRequired
    self.fallback = fallback
    self.accepts = accepts
    self.redacted = redacted ?? { isSecret ? "••• (\($0.count) characters)" : $0 }
  }

  /// The value in a source, the default, or what is wrong with it.
  func read(from source: SettingsSource) -> Result<Value?, SettingsError.Problem> {
    guard let text = source.text(name) else {
      if let value = fallback(source.environment) { return .success(value) }
      return isRequired(source.environment) ? .failure(problem(given: nil)) : .success(nil)
    }
    guard let value = Value(setting: text), accepts(value) else { return .failure(problem(given: text)) }
    return .success(value)
  }

  /// What to say about a value that turned out to be wrong later, when it was put to use.
  package func problem(given text: String?) -> SettingsError.Problem {
    SettingsError.Problem(name: name, given: text.map(redacted), form: form, fix: "\(name)=\(example)")
  }
}

/// A ``SettingKey`` of any type, for lists of them.
public protocol DeclaredSetting: Sendable {
  /// The environment variable.
  var name: String { get }
  /// What is wrong with its value, if anything.
  func problem(in source: SettingsSource) -> SettingsError.Problem?
  /// The row of `check --settings`.
  func report(from source: SettingsSource) -> SettingReport
}

extension SettingKey: DeclaredSetting {
  public func problem(in source: SettingsSource) -> SettingsError.Problem? {
    if case .failure(let problem) = read(from: source) { problem } else { nil }
  }
  public func report(from source: SettingsSource) -> SettingReport {
    let value = source.text(name).map(redacted) ?? fallback(source.environment).map { redacted($0.settingText) }
    return SettingReport(
      name: name, value: value, origin: source.origin(of: name), form: form, help: help,
      isRequired: isRequired(source.environment))
  }
}

/// What `check --settings` says about one setting.
public struct SettingReport: Sendable, Hashable {
  /// The environment variable.
  public var name: String
  /// Its value, or its default, with secrets hidden; `nil` where there is neither.
  public var value: String?
  /// Where the value comes from.
  public var origin: SettingOrigin
  /// What its text must look like.
  public var form: String
  /// What it is for.
  public var help: String
  /// Whether the app does not start without it.
  public var isRequired: Bool
}

/// Where a setting's value comes from.
public enum SettingOrigin: String, Sendable, Hashable {
  /// The process's environment.
  case environment
  /// The `.env` file.
  case file = ".env"
  /// The declaration.
  case `default`
}
