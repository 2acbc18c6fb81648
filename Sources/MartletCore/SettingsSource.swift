import Configuration
import Foundation

/// Where settings are read from: the environment first, then the `.env` file.
///
/// A variable that is set to nothing counts as absent.
public struct SettingsSource: Sendable {
  /// Where the app runs, which decides the defaults.
  public let environment: RuntimeEnvironment
  private let reader: ConfigReader
  private let inEnvironment: Set<String>
  private let inFile: Set<String>

  init(variables: [String: String], file: [String: String]) throws(SettingsError) {
    let variables = variables.filter { !$0.value.isEmpty }, file = file.filter { !$0.value.isEmpty }
    inEnvironment = Set(variables.keys)
    inFile = Set(file.keys)
    reader = ConfigReader(providers: [
      EnvironmentVariablesProvider(environmentVariables: variables),
      EnvironmentVariablesProvider(environmentVariables: file),
    ])
    let key = SettingKey<RuntimeEnvironment>.environment
    guard let text = reader.string(forKey: ConfigKey([key.name])) else {
      environment = .production
      return
    }
    guard let value = RuntimeEnvironment(setting: text) else { throw SettingsError([key.problem(given: text)]) }
    environment = value
  }

  /// The text of a variable, or `nil` where it is absent.
  func text(_ name: String) -> String? { reader.string(forKey: ConfigKey([name]), isSecret: true) }

  func origin(of name: String) -> SettingOrigin {
    if inEnvironment.contains(name) { return .environment }
    return inFile.contains(name) ? .file : .default
  }
}

/// Reads the lines of a `.env` file: `NAME=value`, `export NAME=value`, `NAME="a b\n"`, `NAME='as it is'`, `# comment`.
///
/// A comment behind an unquoted value needs a space before its `#`.
enum DotEnvFile {
  static func variables(in text: String) -> [String: String] {
    var result: [String: String] = [:]
    for line in text.split(whereSeparator: \.isNewline) {
      var line = line.trimmingSpaces
      if line.hasPrefix("export ") { line = line.dropFirst("export ".count).trimmingSpaces }
      guard !line.hasPrefix("#"), let equals = line.firstIndex(of: "=") else { continue }
      let name = line[..<equals].trimmingSpaces
      guard !name.isEmpty else { continue }
      result[name] = value(line[line.index(after: equals)...].trimmingSpaces)
    }
    return result
  }

  private static func value(_ text: String) -> String {
    guard let quote = text.first, quote == "\"" || quote == "'" else {
      guard let comment = text.range(of: " #") else { return text }
      return text[..<comment.lowerBound].trimmingSpaces
    }
    var result = "", isEscaped = false
    for character in text.dropFirst() {
      if isEscaped {
        result.append(character == "n" ? "\n" : character)
        isEscaped = false
      } else if character == "\\" && quote == "\"" {
        isEscaped = true
      } else if character == quote {
        return result
      } else {
        result.append(character)
      }
    }
    return result
  }
}
