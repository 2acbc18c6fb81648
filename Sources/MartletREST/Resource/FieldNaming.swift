import MartletCore

/// How the names of Swift properties become names in JSON and in query strings.
public enum FieldNaming: String, Sendable, Hashable {
  /// `publishedAt` → `published_at`, as Django REST framework names them.
  case snakeCase
  /// `publishedAt` stays.
  case camelCase

  /// The outside name of a property.
  package func name(_ property: String) -> String {
    self == .snakeCase ? Naming.snakeCase(property) : property
  }
}
