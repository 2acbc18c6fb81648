import Crypto
import CryptoExtras
import Foundation
import MartletSQL

/// The client's side of SCRAM-SHA-256 and SCRAM-SHA-256-PLUS (RFC 5802, RFC 7677), as PostgreSQL uses them: without a user
/// name, which the startup message has said already.
struct SCRAMExchange: Sendable {
  /// How the exchange is tied to TLS.
  enum Binding: Sendable {
    /// The connection has no TLS, or the tie is not wanted.
    case none
    /// The client could, but the server did not offer it: a man in the middle who took the offer away is found out.
    case notOffered
    /// The hash of the server's certificate (RFC 5929, `tls-server-end-point`).
    case serverEndPoint([UInt8])

    var header: String {
      switch self {
      case .none: "n,,"
      case .notOffered: "y,,"
      case .serverEndPoint: "p=tls-server-end-point,,"
      }
    }
    var data: [UInt8] { if case .serverEndPoint(let hash) = self { hash } else { [] } }
  }

  private let binding: Binding
  private let password: String
  private let nonce: String
  private var expectedSignature: [UInt8]?
  /// Whether the server has proven that it knows the password too.
  private(set) var isServerVerified = false

  /// - Parameter nonce: Random; given by tests alone.
  init(password: String, binding: Binding, nonce: String? = nil) {
    self.binding = binding
    self.password = password
    self.nonce = nonce ?? Data((0..<18).map { _ in UInt8.random(in: 0...255) }).base64EncodedString()
  }

  private var firstBare: String { "n=,r=\(nonce)" }
  var firstMessage: [UInt8] { Array((binding.header + firstBare).utf8) }

  /// What the server's first message asks to be computed; slow on purpose, so not for an event loop.
  struct Challenge: Sendable {
    fileprivate var serverFirst: String
    fileprivate var serverNonce: String
    fileprivate var salt: [UInt8]
    fileprivate var iterations: Int
    fileprivate var password: String

    /// Salts the password: the slow part.
    func saltedPassword() throws -> [UInt8] {
      let key = try KDF.Insecure.PBKDF2.deriveKey(
        from: Array(SASLprep.prepare(password).utf8), salt: salt, using: .sha256, outputByteCount: 32,
        unsafeUncheckedRounds: iterations)
      return key.withUnsafeBytes { Array($0) }
    }
  }

  /// Reads `r=…,s=…,i=…`.
  func challenge(_ message: [UInt8]) throws(DatabaseError) -> Challenge {
    let text = String(decoding: message, as: UTF8.self)
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    guard parts.count >= 3, parts[0].hasPrefix("r="), parts[1].hasPrefix("s="), parts[2].hasPrefix("i="),
      let salt = Data(base64Encoded: String(parts[1].dropFirst(2))), !salt.isEmpty, let iterations = Int(parts[2].dropFirst(2))
    else { throw Self.refusal("the server's first SCRAM message is not well formed") }
    let serverNonce = String(parts[0].dropFirst(2))
    guard serverNonce.hasPrefix(nonce), serverNonce.utf8.count > nonce.utf8.count else {
      throw Self.refusal("the server's SCRAM nonce does not continue the client's")
    }
    // A hostile server could otherwise keep a thread busy for hours.
    guard (1...Self.maximumIterations).contains(iterations) else {
      throw Self.refusal("the server asks for \(iterations) SCRAM iterations; 1 to \(Self.maximumIterations) are accepted")
    }
    return Challenge(serverFirst: text, serverNonce: serverNonce, salt: Array(salt), iterations: iterations, password: password)
  }

  /// The client's proof.
  mutating func finalMessage(_ challenge: Challenge, saltedPassword: [UInt8]) -> [UInt8] {
    func hmac(_ key: some ContiguousBytes, _ text: String) -> [UInt8] {
      Array(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: SymmetricKey(data: key)))
    }
    let channel = Data(Array(binding.header.utf8) + binding.data).base64EncodedString()
    let withoutProof = "c=\(channel),r=\(challenge.serverNonce)"
    let whole = "\(firstBare),\(challenge.serverFirst),\(withoutProof)"
    let clientKey = hmac(saltedPassword, "Client Key")
    let signature = hmac(Array(SHA256.hash(data: clientKey)), whole)
    let proof = zip(clientKey, signature).map { $0 ^ $1 }
    expectedSignature = hmac(hmac(saltedPassword, "Server Key"), whole)
    return Array("\(withoutProof),p=\(Data(proof).base64EncodedString())".utf8)
  }

  /// Checks the server's proof.
  mutating func verify(_ message: [UInt8]) throws(DatabaseError) {
    let text = String(decoding: message, as: UTF8.self)
    guard let expectedSignature, text.hasPrefix("v="),
      let signature = Data(base64Encoded: String(text.dropFirst(2).prefix { $0 != "," })),
      signature.count == expectedSignature.count,
      zip(signature, expectedSignature).reduce(UInt8(0), { $0 | ($1.0 ^ $1.1) }) == 0
    else {
      throw Self.refusal("the server could not prove that it knows the password (its SCRAM signature is wrong)")
    }
    isServerVerified = true
  }

  static let maximumIterations = 2_000_000

  private static func refusal(_ text: String) -> DatabaseError {
    DatabaseError(.authentication, text, hint: "somebody may stand between this client and the server")
  }
}
