public import Logging

/// A type that a setting can have: it reads the text of an environment variable.
///
/// Enums of strings conform by naming the protocol:
/// ```swift
/// enum MailMode: String, CaseIterable, SettingValue { case smtp, log }
/// ```
public protocol SettingValue: Sendable {
  /// What the text must look like, for error messages: `a whole number`.
  static var settingForm: String { get }
  /// The value, or `nil` where the text has another form.
  init?(setting text: String)
  /// The text that reads back as the value.
  var settingText: String { get }
}

extension String: SettingValue {
  public static var settingForm: String { "a text" }
  public init?(setting text: String) { self = text }
  public var settingText: String { self }
}

extension Int: SettingValue {
  public static var settingForm: String { "a whole number" }
  public init?(setting text: String) { self.init(text) }
  public var settingText: String { String(self) }
}

extension Double: SettingValue {
  public static var settingForm: String { "a number" }
  public init?(setting text: String) {
    guard let value = Double(text), value.isFinite else { return nil }
    self = value
  }
  public var settingText: String { description }
}

extension Bool: SettingValue {
  public static var settingForm: String { "true or false (also yes/no, on/off, 1/0)" }
  public init?(setting text: String) {
    switch text.lowercased() {
    case "true", "yes", "on", "1": self = true
    case "false", "no", "off", "0": self = false
    default: return nil
    }
  }
  public var settingText: String { self ? "true" : "false" }
}

extension ByteSize: SettingValue {
  public static var settingForm: String { "a size such as 512KB, 10MB or 1GB, or a number of bytes" }
  public init?(setting text: String) { self.init(text) }
  public var settingText: String { description }
}

extension Duration: SettingValue {
  public static var settingForm: String { "a time such as 250ms, 30s, 15m, 12h or 14d, or a number of seconds" }

  public init?(setting text: String) {
    let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    let units: [String: Double] = ["": 1, "s": 1, "ms": 0.001, "m": 60, "h": 3600, "d": 86_400]
    // 100,000 years: far more than any deadline, far less than what Duration holds.
    guard let unit = units[String(text[digits.endIndex...])], let count = Double(digits), count * unit < 3.2e12 else {
      return nil
    }
    self = .milliseconds(Int64((count * unit * 1000).rounded()))
  }

  /// In the largest unit that is exact: `14d`, `90s`, `250ms`.
  public var settingText: String {
    let (seconds, attoseconds) = components
    guard attoseconds == 0 else { return "\(seconds * 1000 + attoseconds / 1_000_000_000_000_000)ms" }
    for (unit, name) in [(86_400, "d"), (3600, "h"), (60, "m")] as [(Int64, String)] where seconds > 0 && seconds % unit == 0 {
      return "\(seconds / unit)\(name)"
    }
    return "\(seconds)s"
  }
}

/// Elements between commas; spaces around them and empty elements are dropped.
extension Array: SettingValue where Element: SettingValue {
  public static var settingForm: String { "values between commas, each \(Element.settingForm)" }
  public init?(setting text: String) {
    var elements: [Element] = []
    for part in text.split(separator: ",") {
      let part = part.trimmingSpaces
      if part.isEmpty { continue }
      guard let element = Element(setting: part) else { return nil }
      elements.append(element)
    }
    self = elements
  }
  public var settingText: String { map(\.settingText).joined(separator: ",") }
}

extension SettingValue where Self: RawRepresentable<String> & CaseIterable {
  /// The cases' names.
  public static var settingForm: String { "one of " + allCases.map(\.rawValue).joined(separator: ", ") }
  /// The case with that name; upper and lower case are the same.
  public init?(setting text: String) {
    guard let value = Self.allCases.first(where: { $0.rawValue.lowercased() == text.lowercased() }) else { return nil }
    self = value
  }
  /// The case's name.
  public var settingText: String { rawValue }
}

extension Logger.Level: SettingValue {}

/// Where the app runs.
public enum RuntimeEnvironment: String, Sendable, Hashable, CaseIterable, SettingValue {
  /// The developer's machine: debug pages, relaxed hosts, a key made up on the spot.
  case development
  /// Everywhere else, and the default: nothing is shown or allowed that was not asked for.
  case production
}

/// The form of the log's lines.
public enum LogFormat: String, Sendable, Hashable, CaseIterable, SettingValue {
  /// For people.
  case text
  /// One JSON object a line, for log collectors.
  case json
}

extension StringProtocol {
  /// Without the spaces and tabs around it.
  var trimmingSpaces: String {
    let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\r" }
    guard let start = firstIndex(where: { !isSpace($0) }), let end = lastIndex(where: { !isSpace($0) }) else { return "" }
    return String(self[start...end])
  }
}
