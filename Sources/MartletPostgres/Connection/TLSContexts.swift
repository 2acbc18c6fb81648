import Foundation
import MartletSQL
import NIOSSL
import Synchronization

/// The TLS settings that a configuration asks for. Made once: reading the system's certificates takes a while.
final class TLSContexts: Sendable {
  private let configuration: PostgresConfiguration
  private let made = Mutex<NIOSSLContext?>(nil)

  init(_ configuration: PostgresConfiguration) { self.configuration = configuration }

  /// - Throws: ``DatabaseError`` of kind `authentication` where a certificate or a key is missing or cannot be read.
  func context() throws -> NIOSSLContext {
    try made.withLock { made in
      if let made { return made }
      let context = try make()
      made = context
      return context
    }
  }

  /// The name to check against the certificate.
  func serverName(_ host: PostgresConfiguration.Host) throws -> String? {
    // An address is no name: the certificate is checked for the address of the connection itself.
    if host.name.isEmpty || Self.isAddress(host.name) {
      guard configuration.sslMode != .verifyFull || host.address == nil || host.address == host.name else {
        throw DatabaseError(
          .unsupported(capability: "sslmode=verify-full with an address as host and another as hostaddr"),
          "only the address of the connection itself can be checked", hint: "leave hostaddr out, or give a name as host")
      }
      return nil
    }
    if configuration.sslSNI { return host.name }
    guard configuration.sslMode != .verifyFull else {
      throw DatabaseError(
        .unsupported(capability: "sslsni=0 with sslmode=verify-full"), "the name that is checked is also sent in the handshake",
        hint: "leave sslsni on, or use sslmode=verify-ca")
    }
    return nil
  }

  private func make() throws -> NIOSSLContext {
    var tls = TLSConfiguration.makeClientConfiguration()
    tls.minimumTLSVersion = configuration.minimumTLSVersion == .v13 ? .tlsv13 : .tlsv12
    let root = rootCertificate
    try checkRoot(root)
    switch configuration.sslMode {
    case .verifyFull: tls.certificateVerification = .fullVerification
    case .verifyCA: tls.certificateVerification = .noHostnameVerification
    // As libpq: who names an authority wants it checked.
    case .require: tls.certificateVerification = root == nil ? .none : .noHostnameVerification
    case .disable, .allow, .prefer: tls.certificateVerification = .none
    }
    do {
      if let root, root != "system", tls.certificateVerification != .none {
        tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(root))
      }
      if let path = configuration.sslCertificate ?? Self.existing("postgresql.crt") {
        tls.certificateChain = try NIOSSLCertificate.fromPEMFile(path).map { .certificate($0) }
        guard let keyPath = configuration.sslKey ?? Self.existing("postgresql.key") else {
          throw DatabaseError(.authentication, "the client certificate '\(path)' has no key", hint: "set sslkey")
        }
        let password = configuration.sslKeyPassword.map { Array($0.utf8) }
        let key = try NIOSSLPrivateKey(file: keyPath, format: .pem) { setter in setter(password ?? []) }
        tls.privateKey = .privateKey(key)
      }
      return try NIOSSLContext(configuration: tls)
    } catch let error as DatabaseError {
      throw error
    } catch {
      throw DatabaseError(
        .authentication, "the TLS certificates or the key cannot be read: \(error)",
        hint: "sslrootcert, sslcert and sslkey must name readable PEM files")
    }
  }

  private var rootCertificate: String? { configuration.sslRootCertificate ?? Self.existing("root.crt") }

  private func checkRoot(_ root: String?) throws {
    let mode = configuration.sslMode
    if root == nil, mode == .verifyCA || mode == .verifyFull {
      throw DatabaseError(
        .authentication, "sslmode=\(mode.rawValue) needs the certificate of an authority to trust",
        hint: "set sslrootcert to a file, or to 'system' for the system's own authorities")
    }
    if root == "system", mode != .verifyFull {
      throw DatabaseError(
        .authentication,
        "sslrootcert=system is of no use with sslmode=\(mode.rawValue): anybody can have a certificate from them",
        hint: "use sslmode=verify-full")
    }
  }

  private static func existing(_ name: String) -> String? {
    let path = NSHomeDirectory() + "/.postgresql/" + name
    return FileManager.default.fileExists(atPath: path) ? path : nil
  }

  static func isAddress(_ text: String) -> Bool {
    if text.contains(":") { return true }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
  }
}
