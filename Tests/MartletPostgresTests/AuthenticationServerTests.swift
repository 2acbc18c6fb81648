import Synchronization
import Foundation
import MartletPostgres
import MartletSQL
import TestDatabases
import Testing

/// On a server of their own, whose certificates they change: one after the other.
@Suite("PostgreSQL: proofs of who one is", .serialized)
struct AuthenticationServerTests {
  /// The error of connecting, `nil` where it works.
  private func failure(_ url: String, _ change: (inout PostgresConfiguration) -> Void = { _ in }) async throws -> DatabaseError? {
    var configuration = try PostgresConfiguration(url: url, environment: ["HOME": "/nonexistent"])
    configuration.connectTimeout = .seconds(5)
    change(&configuration)
    let driver = PostgresDriver(configuration)
    defer { Task { await driver.shutdown() } }
    do {
      try await driver.connect()
      return nil
    } catch let error as DatabaseError { return error }
  }

  @Test("every method, password, user and mode of TLS: let in and refused as libpq is", arguments: [true, false])
  func matrix(hasTLS: Bool) async throws {
    let server = try PrivatePostgres.shared()
    try server.serve(certificate: hasTLS ? "good" : nil)
    for user in ["u_trust", "u_password", "u_md5", "u_scram", "u_ssl", "u_nossl", "u_nobody"] {
      for mode in ["disable", "prefer", "require", "verify-full"] {
        for password in [server.password, "wrong", nil] {
          let url = server.url(user, password: password, parameters: "sslmode=\(mode)&sslrootcert=\(server.directory)/ca.pem")
          let theirs = Result { try LibPQConnection(url) }
          let mine = try await failure(url)
          let isEncrypted = hasTLS && mode != "disable"
          // The one departure: a password in clear text needs TLS.
          let isLetIn = (try? theirs.get()) != nil && !(user == "u_password" && !isEncrypted)
          #expect((mine == nil) == isLetIn, "\(url) TLS \(hasTLS): \(String(describing: mine)) against \(theirs)")
          if let mine { #expect(!mine.description.contains(server.password)) }
          // With the right words a refusal is one of authentication, unless there was no TLS to be had.
          if hasTLS, mode != "disable", password == "wrong", let mine { #expect(mine.kind == .authentication, "\(url): \(mine)") }
        }
      }
    }
    try server.serve(certificate: "good")
  }

  @Test("a database that does not exist, and one over a Unix socket")
  func databases() async throws {
    let server = try PrivatePostgres.shared()
    let missing = try await failure(server.url("u_scram", password: server.password).replacing("/shop", with: "/nowhere"))
    #expect(missing?.code == "3D000")
    #expect(try await failure("postgres://u_scram@/shop?host=\(server.directory)&port=\(server.port)") == nil)
  }

  @Test("SCRAM is bound to the TLS connection where it can be, and refused where it must be and cannot")
  func channelBinding() async throws {
    let server = try PrivatePostgres.shared()
    let required = "channel_binding=require&sslmode=require"
    #expect(try await failure(server.url("u_scram", password: server.password, parameters: required)) == nil)
    #expect(try await failure(server.url("u_scram", password: "wrong", parameters: required))?.kind == .authentication)
    for user in ["u_md5", "u_password", "u_trust"] {
      #expect(
        try await failure(server.url(user, password: server.password, parameters: required))?.kind == .authentication, "\(user)")
    }
    let plain = "channel_binding=require&sslmode=disable"
    #expect(try await failure(server.url("u_scram", password: server.password, parameters: plain))?.kind == .authentication)
    #expect(try await failure(server.url("u_scram", password: server.password, parameters: "channel_binding=disable")) == nil)
    for (user, allowed) in [("u_scram", "scram-sha-256"), ("u_md5", "md5"), ("u_password", "password"), ("u_trust", "none")] {
      let url = server.url(user, password: server.password, parameters: "sslmode=require&require_auth=")
      #expect(try await failure(url + allowed) == nil, "\(user)")
      #expect(try await failure(url + "!" + allowed)?.kind == .authentication, "\(user)")
    }
  }

  @Test("a client's certificate proves who it is; none, a stranger's and another user's do not")
  func clientCertificates() async throws {
    let server = try PrivatePostgres.shared()
    func url(_ user: String, _ certificate: String) -> String {
      let path = "\(server.directory)/\(certificate)"
      return server.url(user, parameters: "sslmode=require&sslcert=\(path).pem&sslkey=\(path)-key.pem")
    }
    #expect(try await failure(url("u_cert", "client")) == nil)
    #expect(try await failure(url("u_cert", "stranger")) != nil)
    #expect(try await failure(server.url("u_cert", parameters: "sslmode=require")) != nil)
    #expect(try await failure(url("u_cert", "missing"))?.kind == .authentication)
  }

  @Test("an expired certificate, another host's and an unknown authority's are refused as libpq refuses them")
  func serverCertificates() async throws {
    let server = try PrivatePostgres.shared()
    for certificate in ["good", "expired", "elsewhere", "foreign"] {
      try server.serve(certificate: certificate)
      for mode in ["prefer", "require", "verify-ca", "verify-full"] {
        for authority in ["ca", "other"] {
          let parameters = "sslmode=\(mode)&sslrootcert=\(server.directory)/\(authority).pem"
          let url = server.url("u_scram", password: server.password, parameters: parameters)
          let theirs = Result { try LibPQConnection(url) }
          let mine = try await failure(url)
          #expect(
            (mine == nil) == ((try? theirs.get()) != nil), "\(certificate) \(parameters): \(String(describing: mine)), \(theirs)")
        }
      }
      #expect(
        try await failure(server.url("u_scram", password: server.password, parameters: "sslmode=verify-full"))?.kind
          == .authentication)
    }
    try server.serve(certificate: "good")
    let named = server.url(
      "u_scram", password: server.password, host: "localhost",
      parameters: "sslmode=verify-full&sslrootcert=\(server.directory)/ca.pem")
    #expect(try await failure(named) == nil)
  }

  @Test("a man in the middle who denies TLS learns nothing from who asks for it")
  func strippedTLS() async throws {
    let server = try PrivatePostgres.shared()
    let man = try await ManInTheMiddle(before: server.port, .denyTLS)
    for mode in ["require", "verify-ca", "verify-full"] {
      let parameters = "sslmode=\(mode)&sslrootcert=\(server.directory)/ca.pem"
      #expect(
        try await failure(server.url("u_scram", password: server.password, parameters: parameters)) {
          $0.hosts[0].port = man.port
        } != nil)
    }
    // Who asks for no protection has none.
    #expect(
      try await failure(server.url("u_scram", password: server.password, parameters: "sslmode=prefer")) {
        $0.hosts[0].port = man.port
      } == nil)
    let bound = server.url("u_scram", password: server.password, parameters: "sslmode=prefer&channel_binding=require")
    #expect(try await failure(bound) { $0.hosts[0].port = man.port }?.kind == .authentication)
  }

  @Test("a man in the middle who ends TLS himself is refused, by his certificate or by the binding of SCRAM")
  func endedTLS() async throws {
    let server = try PrivatePostgres.shared()
    let certificate = "\(server.directory)/foreign.pem", key = "\(server.directory)/foreign-key.pem"
    for trick in [
      ManInTheMiddle.Trick.endTLS(certificate: certificate, key: key), .endTLSTwice(certificate: certificate, key: key),
    ] {
      let man = try await ManInTheMiddle(before: server.port, trick)
      func error(_ parameters: String) async throws -> DatabaseError? {
        let url = server.url("u_scram", password: server.password, parameters: parameters)
        return try await failure(url) { $0.hosts[0].port = man.port }
      }
      for mode in ["verify-ca", "verify-full"] {
        #expect(try await error("sslmode=\(mode)&sslrootcert=\(server.directory)/ca.pem") != nil)
      }
      #expect(try await error("sslmode=require&channel_binding=require")?.kind == .authentication)
      #expect(try await error("sslmode=require&channel_binding=disable") == nil, "the trick itself works")
      // Offered binding by both, SCRAM finds two different certificates; offered it by none, the server was told so.
      if case .endTLSTwice = trick { #expect(try await error("sslmode=require") != nil) }
    }
  }

  @Test("a man in the middle who asks for weaker proofs gets no password", arguments: [3, 5, 10, 7, 9] as [UInt32])
  func weakerProofs(_ code: UInt32) async throws {
    let server = try PrivatePostgres.shared()
    func heard(_ parameters: String, isEncrypted: Bool) async throws -> (DatabaseError?, [UInt8]) {
      let certificate = isEncrypted ? "\(server.directory)/good.pem" : nil,
        key = isEncrypted ? "\(server.directory)/good-key.pem" : nil
      let man = try await ManInTheMiddle(before: server.port, .ask(code, certificate: certificate, key: key))
      let error = try await failure(server.url("u_scram", password: server.password, parameters: parameters)) {
        $0.hosts[0].port = man.port
        $0.connectTimeout = .milliseconds(300)
      }
      return (error, man.heard.withLock { $0 })
    }
    // A goodbye ('X') is allowed, an answer ('p') is not.
    func tells(_ bytes: [UInt8]) -> Bool { bytes.contains(UInt8(ascii: "p")) }
    for (parameters, isEncrypted) in [
      ("sslmode=require&channel_binding=require", true), ("sslmode=disable&channel_binding=require", false),
      ("sslmode=verify-full&sslrootcert=\(server.directory)/ca.pem&channel_binding=require", true),
    ] {
      let (error, bytes) = try await heard(parameters, isEncrypted: isEncrypted)
      #expect(error?.kind == .authentication && !tells(bytes), "\(parameters): \(String(describing: error)) \(bytes)")
    }
    if code == 3 || code == 5 {
      let (error, bytes) = try await heard("sslmode=disable&require_auth=scram-sha-256", isEncrypted: false)
      #expect(error?.kind == .authentication && !tells(bytes))
    }
    if code == 3 {
      let (error, bytes) = try await heard("sslmode=disable", isEncrypted: false)
      #expect(error?.kind == .authentication && !tells(bytes))
    }
  }
}
