import Crypto
import MartletSQL

/// Answers the server's demands for proof, and refuses those that would be unsafe to answer.
struct Authenticator: Sendable {
  /// What the answers depend on.
  struct Circumstances: Sendable {
    var user: String
    var password: String?
    var isEncrypted: Bool
    /// Over a Unix socket.
    var isLocal: Bool
    var channelBinding: PostgresConfiguration.ChannelBinding
    var allowed: Set<PostgresConfiguration.AuthenticationMethod>?
    /// The hash of the server's certificate, where TLS is used and the hash is defined.
    var certificateHash: [UInt8]?
  }
  /// What to do about a demand.
  enum Answer: Sendable {
    case nothing
    case password(String)
    case saslInitial(mechanism: String, [UInt8])
    /// Salt the password on a thread that may be kept busy, then call ``Authenticator/respond(_:saltedPassword:)``.
    case compute(SCRAMExchange.Challenge)
  }

  private let circumstances: Circumstances
  private var exchange: SCRAMExchange?
  private var isBound = false
  private var hasProven = false

  init(_ circumstances: Circumstances) { self.circumstances = circumstances }

  mutating func answer(_ request: AuthenticationRequest) throws(DatabaseError) -> Answer {
    switch request {
    case .ok:
      try finish()
      return .nothing
    case .cleartext:
      try permit(.password, "a password in clear text")
      guard circumstances.isEncrypted || circumstances.isLocal else {
        throw DatabaseError(
          .authentication, "the server asks for the password in clear text over a connection that is not encrypted",
          hint: "use sslmode=verify-full, or let the server ask for scram-sha-256 (pg_hba.conf)")
      }
      hasProven = true
      return .password(try password())
    case .md5(let salt):
      try permit(.md5, "an MD5 hash of the password")
      hasProven = true
      func hex(_ bytes: [UInt8]) -> [UInt8] {
        Insecure.MD5.hash(data: bytes).flatMap { Array((($0 < 16 ? "0" : "") + String($0, radix: 16)).utf8) }
      }
      let inner = hex(Array((try password() + circumstances.user).utf8))
      return .password("md5" + String(decoding: hex(inner + salt), as: UTF8.self))
    case .sasl(let mechanisms): return try begin(mechanisms)
    case .saslContinue(let message):
      guard let exchange else { throw outOfOrder }
      return .compute(try exchange.challenge(message))
    case .saslFinal(let message):
      guard exchange != nil else { throw outOfOrder }
      try exchange?.verify(message)
      return .nothing
    case .other(let name):
      throw DatabaseError(
        .authentication, "the server asks for \(name), which Martlet's PostgreSQL driver is not built with",
        hint: "GSSAPI, SSPI and Kerberos are not supported: let pg_hba.conf ask this user for scram-sha-256 or a certificate")
    }
  }

  /// The proof, from the salted password.
  mutating func respond(_ challenge: SCRAMExchange.Challenge, saltedPassword: [UInt8]) -> [UInt8] {
    exchange?.finalMessage(challenge, saltedPassword: saltedPassword) ?? []
  }

  private mutating func begin(_ mechanisms: [String]) throws(DatabaseError) -> Answer {
    try permit(.scramSHA256, "SCRAM-SHA-256", isSCRAM: true)
    guard exchange == nil else { throw outOfOrder }
    let mayBind = circumstances.isEncrypted && circumstances.channelBinding != .disable
    let offersBinding = mechanisms.contains("SCRAM-SHA-256-PLUS")
    if offersBinding, mayBind, let hash = circumstances.certificateHash {
      isBound = true
      return start("SCRAM-SHA-256-PLUS", SCRAMExchange(password: try password(), binding: .serverEndPoint(hash)))
    }
    if offersBinding, !circumstances.isEncrypted {
      throw DatabaseError(
        .authentication, "the server offers SCRAM-SHA-256-PLUS over a connection that is not encrypted",
        hint: "somebody may stand between this client and the server")
    }
    guard circumstances.channelBinding != .require else { throw unbound("the server does not offer it") }
    guard mechanisms.contains("SCRAM-SHA-256") else {
      throw DatabaseError(
        .authentication, "the server offers no way of authentication that this driver has: \(mechanisms.joined(separator: ", "))",
        hint: "let pg_hba.conf ask this user for scram-sha-256")
    }
    let binding: SCRAMExchange.Binding = mayBind && !offersBinding ? .notOffered : .none
    return start("SCRAM-SHA-256", SCRAMExchange(password: try password(), binding: binding))
  }

  private mutating func start(_ mechanism: String, _ exchange: SCRAMExchange) -> Answer {
    self.exchange = exchange
    hasProven = true
    return .saslInitial(mechanism: mechanism, exchange.firstMessage)
  }

  private func finish() throws(DatabaseError) {
    if let exchange {
      guard exchange.isServerVerified else {
        throw DatabaseError(
          .authentication, "the server let the client in before it proved that it knows the password",
          hint: "somebody may stand between this client and the server")
      }
    } else if circumstances.channelBinding == .require {
      throw unbound("the server asks for no SCRAM")
    }
    guard hasProven || circumstances.allowed?.contains(.none) != false else {
      throw DatabaseError(
        .authentication, "the server let the client in without a proof, which require_auth does not allow",
        hint: "somebody may stand between this client and the server; or let pg_hba.conf ask for scram-sha-256")
    }
  }

  private func permit(_ method: PostgresConfiguration.AuthenticationMethod, _ name: String, isSCRAM: Bool = false)
    throws(DatabaseError)
  {
    if !isSCRAM, circumstances.channelBinding == .require { throw unbound("the server asks for \(name)") }
    if !isSCRAM, exchange != nil { throw outOfOrder }
    guard circumstances.allowed?.contains(method) != false else {
      throw DatabaseError(
        .authentication, "the server asks for \(name), which require_auth does not allow",
        hint: "somebody may stand between this client and the server; or the server's pg_hba.conf asks for less than it should")
    }
  }

  private func password() throws(DatabaseError) -> String {
    guard let password = circumstances.password, !password.isEmpty else {
      throw DatabaseError(
        .authentication, "the server asks for the password of '\(circumstances.user)', and none is configured",
        hint: "put it into the URL, PGPASSWORD or a password file")
    }
    guard !password.utf8.contains(0) else {
      throw DatabaseError(.authentication, "a password cannot hold a zero byte")
    }
    return password
  }

  private var outOfOrder: DatabaseError {
    DatabaseError(.authentication, "the server's demands for authentication come in an order that makes no sense")
  }
  private func unbound(_ reason: String) -> DatabaseError {
    DatabaseError(
      .authentication, "channel binding is required, but \(reason)",
      hint: "it needs TLS and SCRAM-SHA-256; or set channel_binding=prefer")
  }
}
