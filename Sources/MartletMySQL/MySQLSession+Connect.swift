import CMariaDB
import Foundation
import MartletSQL

extension MySQLSession {
  /// The ways to prove who one is that never send the password itself in the clear.
  private static let authentication =
    "mysql_native_password,caching_sha2_password,sha256_password,client_ed25519,parsec"

  /// An open connection, with nothing set yet.
  static func connect(_ configuration: MySQLConfiguration) throws -> UnsafeMutablePointer<MYSQL> {
    guard let handle = mysql_init(nil) else { throw DatabaseError(.outOfSpace, "no memory for a connection") }
    var isOpen = false
    defer { if !isOpen { mysql_close(handle) } }
    setOptions(handle, configuration)
    try setTLS(handle, configuration)
    let isSocket = configuration.socket != nil
    let flags = UInt(CLIENT_FOUND_ROWS) | UInt(CLIENT_REMEMBER_OPTIONS_FLAG)
    let connected = mysql_real_connect(
      handle, isSocket ? "localhost" : configuration.host, configuration.user, configuration.password ?? "",
      configuration.database.isEmpty ? nil : configuration.database, UInt32(configuration.port), configuration.socket, flags)
    guard connected != nil else {
      var error = MySQLFailure(handle).error(sql: nil)
      error.message = "\(configuration.displayName) cannot be reached: \(error.message)"
      throw error
    }
    if !isSocket, configuration.sslMode != .disabled, configuration.sslMode != .preferred, mysql_get_ssl_cipher(handle) == nil {
      throw DatabaseError(
        .authentication, "\(configuration.displayName) offers no TLS, and ssl-mode is \(configuration.sslMode.rawValue)",
        hint: "turn TLS on in the server; ssl-mode=disabled is safe on this machine alone")
    }
    isOpen = true
    return handle
  }

  private static func setOptions(_ handle: UnsafeMutablePointer<MYSQL>, _ configuration: MySQLConfiguration) {
    func set(_ option: mysql_option, _ value: UInt32) { withUnsafePointer(to: value) { _ = mysql_options(handle, option, $0) } }
    set(MYSQL_OPT_CONNECT_TIMEOUT, SessionSettings.wholeSeconds(configuration.connectTimeout))
    if let timeout = configuration.readTimeout { set(MYSQL_OPT_READ_TIMEOUT, SessionSettings.wholeSeconds(timeout)) }
    if let timeout = configuration.writeTimeout { set(MYSQL_OPT_WRITE_TIMEOUT, SessionSettings.wholeSeconds(timeout)) }
    // "localhost" would mean a Unix socket to the C library.
    set(MYSQL_OPT_PROTOCOL, configuration.socket == nil ? MYSQL_PROTOCOL_TCP.rawValue : MYSQL_PROTOCOL_SOCKET.rawValue)
    // A server must not ask for files of this machine.
    set(MYSQL_OPT_LOCAL_INFILE, 0)
    mysql_options(handle, MYSQL_SET_CHARSET_NAME, "utf8mb4")
    mysql_options(handle, MARIADB_OPT_RESTRICTED_AUTH, authentication)
  }

  private static func setTLS(_ handle: UnsafeMutablePointer<MYSQL>, _ configuration: MySQLConfiguration) throws {
    func set(_ option: mysql_option, _ value: Bool) {
      let flag: my_bool = value ? 1 : 0
      withUnsafePointer(to: flag) { _ = mysql_options(handle, option, $0) }
    }
    guard configuration.socket == nil, configuration.sslMode != .disabled else { return set(MYSQL_OPT_SSL_ENFORCE, false) }
    for path in [configuration.sslCA, configuration.sslCertificate, configuration.sslKey].compactMap({ $0 })
    where !FileManager.default.isReadableFile(atPath: path) {
      throw DatabaseError(
        .authentication, "the file '\(path)' for TLS cannot be read", hint: "check ssl-ca, ssl-cert and ssl-key")
    }
    set(MYSQL_OPT_SSL_ENFORCE, true)
    if let key = configuration.sslKey { mysql_options(handle, MYSQL_OPT_SSL_KEY, key) }
    if let certificate = configuration.sslCertificate { mysql_options(handle, MYSQL_OPT_SSL_CERT, certificate) }
    if let authority = configuration.sslCA, configuration.sslMode != .preferred, configuration.sslMode != .required {
      mysql_options(handle, MYSQL_OPT_SSL_CA, authority)
    }
    set(MYSQL_OPT_SSL_VERIFY_SERVER_CERT, configuration.sslMode == .verifyIdentity)
  }
}

/// `CLIENT_REMEMBER_OPTIONS` is a computed macro, which Swift cannot import.
private let CLIENT_REMEMBER_OPTIONS_FLAG: UInt32 = 1 << 31
