import Foundation

/// A PostgreSQL server that belongs to this test run alone: it may be killed, started again, and asked for any proof.
///
/// It goes with the process, however that ends: its shell waits for the end of a pipe that only this process holds.
///
/// The users, all with the password ``password``: `u_trust`, `u_password`, `u_md5`, `u_scram`, `u_cert` (a client
/// certificate), `u_ssl` and `u_nossl` (SCRAM, with TLS only and without it only), and the superuser `admin` (trust).
public final class PrivatePostgres: Sendable {
  /// Where data, socket and certificates are: `ca.pem`, `other.pem`, and `<name>.pem` with `<name>-key.pem` for `good`,
  /// `expired`, `elsewhere` and `foreign` servers, a `client` and a `stranger`.
  public let directory: String
  /// A free port of the loopback interface.
  public let port: Int
  /// The password of the users.
  public let password = "s3cret-é"
  private let life = ServerLife()

  /// One that the tests of a process share, running, with TLS and its good certificate.
  public static func shared() throws -> PrivatePostgres { try started.get() }
  private static let started = Result { try PrivatePostgres() }

  /// A server that the caller alone knows: others would suffer when it is killed.
  /// - Parameter name: Part of its folder's name; one for each server of a process.
  public init(name: String = "shared") throws {
    directory = NSTemporaryDirectory() + (NSTemporaryDirectory().hasSuffix("/") ? "" : "/") + "pg-server-\(name)-\(getpid())"
    port = try PrivateServer.freePort()
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    try PrivateServer.run("/bin/sh", ["-c", Self.certificates, "sh", directory])
    if getuid() == 0 { try PrivateServer.run("/bin/chown", ["-R", "postgres", directory]) }
    try asServer(
      "\(Self.binaries)/initdb -D '\(directory)/data' -U admin -A trust -E UTF8 --locale=C.UTF-8 --no-sync && cp '\(directory)'/good.pem "
        + "'\(directory)/data/server.crt' && cp '\(directory)'/good-key.pem '\(directory)/data/server.key' && chmod 600 "
        + "'\(directory)/data/server.key' && cp '\(directory)/hba' '\(directory)/data/pg_hba.conf'")
    try start()
    PrivateServer.removeAtExit(directory)
    try sql(
      "CREATE DATABASE shop; SET password_encryption = 'scram-sha-256'; "
        + ["u_trust", "u_password", "u_scram", "u_cert", "u_ssl", "u_nossl"].map {
          "CREATE ROLE \($0) LOGIN PASSWORD '\(password)'; "
        }
        .joined() + "SET password_encryption = 'md5'; CREATE ROLE u_md5 LOGIN PASSWORD '\(password)'")
  }

  /// A running standby of the server, which goes with the last reference to it.
  public func standby() throws -> PrivatePostgres { try PrivatePostgres(copying: self) }

  private init(copying primary: PrivatePostgres) throws {
    directory = primary.directory + "-standby"
    port = try PrivateServer.freePort()
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    try PrivateServer.run("/bin/sh", ["-c", "cp '\(primary.directory)'/*.pem '\(directory)'"])
    if getuid() == 0 { try PrivateServer.run("/bin/chown", ["-R", "postgres", directory]) }
    try asServer(
      "\(Self.binaries)/pg_basebackup -h '\(primary.directory)' -p \(primary.port) -U admin -D '\(directory)/data' -R -X stream "
        + "--checkpoint=fast --no-sync")
    PrivateServer.removeAtExit(directory)
    try start()
  }

  /// A URL of the server; the password is escaped as URLs want it.
  public func url(_ user: String = "admin", password: String? = nil, host: String = "127.0.0.1", parameters: String = "")
    -> String
  {
    let secret = password.flatMap { $0.addingPercentEncoding(withAllowedCharacters: .alphanumerics) }
    return "postgres://\(user)\(secret.map { ":" + $0 } ?? "")@\(host):\(port)/shop\(parameters.isEmpty ? "" : "?" + parameters)"
  }

  /// Runs statements as the superuser, over the Unix socket.
  public func sql(_ text: String) throws {
    // psql's -c runs many statements as one transaction, which databases and settings of the system refuse.
    let statements = text.split(separator: ";").flatMap { ["-c", String($0)] }
    try PrivateServer.run(
      "\(Self.binaries)/psql", ["-X", "-q", "-h", directory, "-p", String(port), "-U", "admin", "-d", "postgres"] + statements)
  }

  /// Presents another certificate, or none, from the next connection on.
  public func serve(certificate: String?) throws {
    if let certificate {
      try sql(
        "ALTER SYSTEM SET ssl_cert_file = '\(directory)/\(certificate).pem'; ALTER SYSTEM SET ssl_key_file = '\(directory)/\(certificate)-key.pem'"
      )
    }
    try sql("ALTER SYSTEM SET ssl = \(certificate == nil ? "off" : "on"); SELECT pg_reload_conf()")
    // A new process takes the settings as the postmaster has them; which reloads them when the signal has come.
    for _ in 0..<100 {
      let shown = try PrivateServer.run(
        "\(Self.binaries)/psql",
        [
          "-X", "-A", "-t", "-h", directory, "-p", String(port), "-U", "admin", "-d", "postgres", "-c",
          "SELECT current_setting('ssl') || current_setting('ssl_cert_file')",
        ])
      if certificate.map({ shown.contains("on\(directory)/\($0).pem") }) ?? shown.hasPrefix("off") { return }
      Thread.sleep(forTimeInterval: 0.02)
    }
    throw PrivateServer.Failure(description: "the server did not take the new TLS settings")
  }

  /// Starts the server again after ``kill()``.
  public func start() throws {
    let command =
      "exec \(Self.binaries)/postgres -D '\(directory)/data' -k '\(directory)' -p \(port) -h 127.0.0.1 -F "
      + "-c ssl_ca_file='\(directory)/ca.pem' -c max_connections=200 -c log_min_messages=warning"
    // TLS is no option of the command line: it would win over what ALTER SYSTEM says later.
    try asServer(
      "grep -q '^ssl = ' '\(directory)/data/postgresql.auto.conf' || echo \"ssl = on\" >> '\(directory)/data/postgresql.auto.conf'; "
        + "rm -f '\(directory)/data/postmaster.pid'")
    let arguments = [
      "-c",
      "\(Self.shell(command)) >\"$0/log\" 2>&1 </dev/null & cat >/dev/null; kill -QUIT $(head -n 1 \"$0/data/postmaster.pid\"); wait",
      directory,
    ]
    try life.begin(arguments)
    for _ in 0..<300 {
      if (try? sql("SELECT 1")) != nil { return }
      Thread.sleep(forTimeInterval: 0.05)
    }
    let log = (try? String(contentsOfFile: directory + "/log", encoding: .utf8)) ?? ""
    throw PrivateServer.Failure(description: "postgres does not answer: \(log.suffix(800))")
  }

  /// Ends the server at once (`pg_ctl -m immediate`), in the middle of whatever it does.
  public func kill() { life.end() }

  // MARK: Commands

  private static let binaries: String = {
    let root = "/usr/lib/postgresql"
    let versions = ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []).compactMap(Int.init).sorted()
    return versions.last.map { "\(root)/\($0)/bin" } ?? "/usr/bin"
  }()

  /// A server refuses to run as root.
  private static func shell(_ command: String) -> String {
    let quoted = "'" + command.replacing("'", with: "'\\''") + "'"
    return getuid() == 0 ? "su postgres -s /bin/sh -c \(quoted)" : "sh -c \(quoted)"
  }
  private func asServer(_ command: String) throws { try PrivateServer.run("/bin/sh", ["-c", Self.shell(command)]) }

  private static let certificates = """
    set -e; umask 022; cd "$1"
    key="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
    for ca in ca other; do openssl req -x509 $key -days 2 -subj "/CN=$ca" -keyout $ca-key.pem -out $ca.pem; done
    certificate() {
      openssl req $key -subj "/CN=$3" -keyout $1-key.pem -out $1.csr
      echo "$5" > $1.ext
      openssl x509 -req -in $1.csr -CA $2.pem -CAkey $2-key.pem -CAcreateserial -days $4 -extfile $1.ext -out $1.pem
      chmod 600 $1-key.pem
    }
    certificate good ca localhost 2 subjectAltName=IP:127.0.0.1,DNS:localhost
    certificate expired ca localhost -1 subjectAltName=IP:127.0.0.1,DNS:localhost
    certificate elsewhere ca elsewhere 2 subjectAltName=DNS:elsewhere.example
    certificate foreign other localhost 2 subjectAltName=IP:127.0.0.1,DNS:localhost
    certificate client ca u_cert 2 extendedKeyUsage=clientAuth
    certificate stranger other u_cert 2 extendedKeyUsage=clientAuth
    cat > hba <<'END'
    local all all trust
    local replication admin trust
    hostssl all u_cert 127.0.0.1/32 cert
    host all admin,u_trust 127.0.0.1/32 trust
    host all u_password 127.0.0.1/32 password
    host all u_md5 127.0.0.1/32 md5
    host all u_scram 127.0.0.1/32 scram-sha-256
    hostssl all u_ssl 127.0.0.1/32 scram-sha-256
    hostnossl all u_nossl 127.0.0.1/32 scram-sha-256
    END
    """
}
