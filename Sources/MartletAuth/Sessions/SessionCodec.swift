import Foundation
public import MartletCore

/// Reads and writes the `session_data` column of `django_session`.
///
/// The payload is Django's: `signing.dumps` with compression, under the salt `django.contrib.sessions.SessionStore`
/// (the class name of the session engine; `cached_db` and `db` share it).
public struct SessionCodec: Sendable {
  private let keys: SecretKeys
  private let salt: String
  private let timeSource: TimeSource

  /// A codec under the secret keys.
  public init(_ keys: SecretKeys, salt: String = "django.contrib.sessions.SessionStore", timeSource: TimeSource = .system) {
    self.keys = keys
    self.salt = salt
    self.timeSource = timeSource
  }

  /// The text for the column.
  /// - Throws: ``AuthError`` of kind `malformedPayload` where zlib fails.
  public func encode(_ data: SessionData) throws -> String {
    try Signing.dumps(json: .object(data.members), keys: keys, salt: salt, compress: true, timeSource: timeSource)
  }

  /// What the column holds.
  /// - Throws: ``AuthError`` of kind `badSignature` or `malformedPayload`; Django treats both as an empty session.
  public func decode(_ text: String) throws -> SessionData {
    guard case .object(let members) = try Signing.loads(text, keys: keys, salt: salt, maxAge: nil, timeSource: timeSource) else {
      throw AuthError(.malformedPayload, "the session does not hold a JSON object")
    }
    return SessionData(members: members)
  }
}

/// The values of a session, by name, in the order in which they were set.
public struct SessionData: Sendable, Hashable {
  var members: [PayloadValue.Member]

  /// No values.
  public init() { members = [] }
  init(members: [PayloadValue.Member]) { self.members = members }

  /// The names.
  public var names: [String] { members.map(\.key) }
  /// Whether there are no values.
  public var isEmpty: Bool { members.isEmpty }

  /// A value, or `nil` where there is none of this name and type.
  ///
  /// ```swift
  /// let cart = data.get("cart", as: [Int].self) ?? []
  /// ```
  public func get<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) -> Value? {
    guard let member = members.first(where: { $0.key == name }) else { return nil }
    return try? member.value.decode(type)
  }

  /// Sets a value; `nil` removes it.
  /// - Throws: ``AuthError`` of kind `malformedPayload` where the value has no JSON.
  public mutating func set(_ name: String, _ value: (some Encodable)?) throws {
    guard let value else { return remove(name) }
    set(name, try PayloadValue(encoding: value))
  }

  /// Removes a value.
  public mutating func remove(_ name: String) { members.removeAll { $0.key == name } }
}

/// What Django keeps of a login inside a session.
enum LoginKeys {
  static let userID = "_auth_user_id"
  static let backend = "_auth_user_backend"
  static let hash = "_auth_user_hash"
  static let expiry = "_session_expiry"
  /// The only backend there is; Django ignores sessions of a backend that it does not know.
  static let modelBackend = "django.contrib.auth.backends.ModelBackend"

  /// `AbstractBaseUser.get_session_auth_hash`: changes with the stored password, which ends the user's other sessions.
  static func sessionHash(password: String, secret: String) -> String {
    hex(saltedHMAC(salt: "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash", password, secret: secret))
  }
}
