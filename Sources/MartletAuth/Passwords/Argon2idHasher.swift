import CArgon2
import Foundation

/// Argon2id (RFC 9106) by libargon2, in Django's format: `argon2$argon2id$v=19$m=102400,t=2,p=8$salt$hash`.
///
/// ```swift
/// let hasher = Argon2idHasher()                                  // 100 MiB, two passes: Django's parameters
/// let light = Argon2idHasher(memory: 19_456, passes: 2, lanes: 1)   // OWASP's minimum
/// ```
/// The lanes of one hash run one after the other on the hashing thread, not on eight threads of their own: the
/// result is the same, and the number of threads and the memory stay bounded by ``PasswordHashers``.
public struct Argon2idHasher: PasswordHasher {
  /// Memory in KiB.
  public var memory: Int
  /// Passes over the memory.
  public var passes: Int
  /// Lanes, which make up part of the result.
  public var lanes: Int
  /// `argon2`
  public var algorithm: String { "argon2" }

  /// A hasher; Django's parameters unless given.
  public init(memory: Int = 102_400, passes: Int = 2, lanes: Int = 8) {
    self.memory = memory
    self.passes = passes
    self.lanes = lanes
  }

  /// The text to store.
  /// - Throws: ``AuthError`` of kind `hashingFailed`.
  public func encode(_ password: String, salt: String) throws -> String {
    try checkSalt(salt)
    let parameters = Argon2Encoding(
      variety: .id, version: 0x13, memory: memory, passes: passes, lanes: lanes, salt: Array(salt.utf8), hash: [])
    let hash = try parameters.derive(password, length: 32)
    return "argon2$argon2id$v=19$m=\(memory),t=\(passes),p=\(lanes)$\(unpaddedBase64(Array(salt.utf8)))$\(unpaddedBase64(hash))"
  }

  /// Whether the password is the one behind the stored text, under the parameters stored with it.
  /// - Throws: ``AuthError`` of kind `malformedPasswordHash` or `hashingFailed`.
  public func verify(_ password: String, against encoded: String) throws -> Bool {
    guard let parsed = Argon2Encoding(encoded) else { throw Argon2Encoding.malformed }
    return constantTimeEqual(try parsed.derive(password, length: parsed.hash.count), parsed.hash)
  }

  /// Whether the stored text has other parameters than these, or a salt under 128 bits.
  public func mustUpdate(_ encoded: String) -> Bool {
    guard let parsed = Argon2Encoding(encoded) else { return true }
    return parsed.variety != .id || parsed.version != 0x13 || parsed.memory != memory || parsed.passes != passes
      || parsed.lanes != lanes || parsed.hash.count != 32 || parsed.salt.count < 22
  }
}

/// What a stored Argon2 hash says of itself.
struct Argon2Encoding {
  enum Variety: String {
    case d = "argon2d"
    case i = "argon2i"
    case id = "argon2id"
    var type: argon2_type { self == .d ? Argon2_d : self == .i ? Argon2_i : Argon2_id }
  }
  var variety: Variety
  var version: Int
  var memory: Int
  var passes: Int
  var lanes: Int
  var salt: [UInt8]
  var hash: [UInt8]

  static let malformed = AuthError(
    .malformedPasswordHash, "a stored Argon2 hash does not have the form argon2$argon2id$v=19$m=…,t=…,p=…$salt$hash")

  init(variety: Variety, version: Int, memory: Int, passes: Int, lanes: Int, salt: [UInt8], hash: [UInt8]) {
    self.variety = variety
    self.version = version
    self.memory = memory
    self.passes = passes
    self.lanes = lanes
    self.salt = salt
    self.hash = hash
  }

  /// Reads the stored text; version 16 where none is named, as the reference implementation does.
  init?(_ encoded: String) {
    var parts = encoded.split(separator: "$", omittingEmptySubsequences: false)[...]
    guard parts.popFirst() == "argon2", let variety = parts.popFirst().flatMap({ Variety(rawValue: String($0)) }) else {
      return nil
    }
    var version = 0x10
    if let first = parts.first, first.hasPrefix("v=") {
      guard let number = Int(first.dropFirst(2)) else { return nil }
      version = number
      parts.removeFirst()
    }
    guard parts.count == 3, let numbers = parts.popFirst()?.split(separator: ",", omittingEmptySubsequences: false),
      numbers.count == 3, numbers[0].hasPrefix("m="), numbers[1].hasPrefix("t="), numbers[2].hasPrefix("p="),
      let memory = Int(numbers[0].dropFirst(2)), let passes = Int(numbers[1].dropFirst(2)),
      let lanes = Int(numbers[2].dropFirst(2)), let salt = parts.popFirst().flatMap(bytes(unpaddedBase64:)),
      let hash = parts.popFirst().flatMap(bytes(unpaddedBase64:)), hash.count >= 12, hash.count <= 512
    else { return nil }
    self.init(variety: variety, version: version, memory: memory, passes: passes, lanes: lanes, salt: salt, hash: hash)
  }

  /// The hash of a password under these parameters.
  func derive(_ password: String, length: Int) throws -> [UInt8] {
    // Above what anybody stores, so that no stored text can ask for all of the machine.
    guard (8...4_194_304).contains(memory), (1...64).contains(passes), (1...255).contains(lanes), memory >= 8 * lanes else {
      throw AuthError(
        .hashingFailed,
        "Argon2 parameters m=\(memory), t=\(passes), p=\(lanes) are out of range: m is 8 KiB a lane to 4 GiB, t 1 to 64, p 1 to 255"
      )
    }
    var password = Array(password.utf8), salt = salt, result = [UInt8](repeating: 0, count: length)
    let code = password.withUnsafeMutableBufferPointer { password in
      salt.withUnsafeMutableBufferPointer { salt in
        result.withUnsafeMutableBufferPointer { result in
          var context = argon2_context()
          context.out = result.baseAddress
          context.outlen = UInt32(result.count)
          // libargon2 refuses a null pointer only with a length; an empty password has length 0.
          context.pwd = password.baseAddress
          context.pwdlen = UInt32(password.count)
          context.salt = salt.baseAddress
          context.saltlen = UInt32(salt.count)
          context.t_cost = UInt32(passes)
          context.m_cost = UInt32(memory)
          context.lanes = UInt32(lanes)
          context.threads = 1
          context.version = UInt32(version)
          return argon2_ctx(&context, variety.type)
        }
      }
    }
    guard code == ARGON2_OK.rawValue else {
      let reason = argon2_error_message(code).map { String(cString: $0) } ?? "code \(code)"
      throw AuthError(.hashingFailed, "libargon2 refused to hash a password: \(reason)")
    }
    return result
  }
}

/// Base64 without padding, as the PHC string format has it.
func unpaddedBase64(_ bytes: [UInt8]) -> String {
  String(Data(bytes).base64EncodedString().prefix { $0 != "=" })
}

/// The bytes behind base64 without padding; `nil` where it is none.
func bytes(unpaddedBase64 text: some StringProtocol) -> [UInt8]? {
  let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
  return Data(base64Encoded: text + padding).map(Array.init)
}
