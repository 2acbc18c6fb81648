import Foundation

/// A MariaDB server that belongs to this test run alone: it may be killed and started again.
///
/// It goes with the process, however that ends: its shell waits for the end of a pipe that only this process holds.
public final class PrivateMariaDB: Sendable {
  /// Where data, socket and certificates are.
  public let directory: String
  /// A free port of the loopback interface.
  public let port: Int
  private let life = ServerLife()

  private let options: [String]

  /// The one instance of this process, running.
  public static func shared() throws -> PrivateMariaDB { try started.get() }
  private static let started = Result { try PrivateMariaDB("server", options: ["--skip-log-bin"]) }

  /// A primary and a replica that follows it, both running; they go with the last reference to them.
  public static func replication() throws -> (primary: PrivateMariaDB, replica: PrivateMariaDB) {
    let primary = try PrivateMariaDB("primary", options: ["--log-bin=bin", "--server-id=1"])
    let replica = try PrivateMariaDB("replica", options: ["--skip-log-bin", "--server-id=2"])
    // Both have made the same users and databases: the log begins after that.
    try primary.sql("RESET MASTER")
    try replica.sql(
      "CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = \(primary.port), MASTER_USER = 'martlet', "
        + "MASTER_PASSWORD = 'martlet', MASTER_CONNECT_RETRY = 1, MASTER_USE_GTID = slave_pos; START REPLICA")
    return (primary, replica)
  }

  private init(_ name: String, options: [String]) throws {
    self.options = options
    directory = NSTemporaryDirectory() + "my-\(name)-\(getpid())"
    port = try PrivateServer.freePort()
    let data = directory + "/data"
    try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
    try Self.makeCertificates(in: directory)
    if getuid() == 0 { try PrivateServer.run("/bin/chown", ["-R", "mysql", directory]) }
    try PrivateServer.run(
      "/usr/bin/env",
      [
        "mariadb-install-db", "--no-defaults", "--datadir=\(data)", "--auth-root-authentication-method=normal", "--skip-test-db",
      ] + (getuid() == 0 ? ["--user=mysql"] : []))
    try start()
    PrivateServer.removeAtExit(directory)
    try sql(
      "CREATE USER martlet@'%' IDENTIFIED BY 'martlet'; GRANT ALL ON *.* TO martlet@'%' WITH GRANT OPTION; CREATE DATABASE martlet"
    )
  }

  /// `mariadb://martlet:martlet@127.0.0.1:port/martlet`, with parameters from `?` on.
  public func url(_ parameters: String = "", user: String = "martlet", password: String = "martlet", database: String = "martlet")
    -> String
  {
    "mariadb://\(user):\(password)@127.0.0.1:\(port)/\(database)\(parameters)"
  }
  /// The Unix socket.
  public var socket: String { directory + "/socket" }
  /// The certificate of the authority that signed the server's.
  public var authority: String { directory + "/ca.pem" }
  /// The certificate of an authority that did not.
  public var otherAuthority: String { directory + "/other.pem" }

  /// Runs statements as root with the command line client.
  public func sql(_ text: String) throws {
    try PrivateServer.run("/usr/bin/env", ["mariadb", "--no-defaults", "-S", socket, "-u", "root", "-e", text])
  }

  /// Starts the server again after ``kill()``.
  public func start() throws {
    let options =
      [
        "--no-defaults", "--datadir=\(directory)/data", "--port=\(port)", "--bind-address=127.0.0.1", "--socket=\(socket)",
        "--pid-file=\(directory)/pid", "--innodb-flush-log-at-trx-commit=2", "--ssl-ca=\(directory)/ca.pem",
        "--ssl-cert=\(directory)/server.pem", "--ssl-key=\(directory)/server-key.pem", "--plugin-load-add=auth_ed25519",
        "--innodb-buffer-pool-size=32M", "--performance-schema=off",
      ] + self.options + (getuid() == 0 ? ["--user=mysql"] : [])
    let arguments =
      [
        "-c",
        "PATH=\"$PATH:/usr/sbin\"; mariadbd \"$@\" >\"\(directory)/log\" 2>&1 </dev/null & cat >/dev/null; kill -9 $!; wait",
        "sh",
      ] + options
    try life.begin(arguments)
    for _ in 0..<300 {
      if (try? PrivateServer.run("/usr/bin/env", ["mariadb-admin", "--no-defaults", "-S", socket, "-u", "root", "ping"])) != nil {
        return
      }
      Thread.sleep(forTimeInterval: 0.1)
    }
    throw PrivateServer.Failure(description: "mariadbd does not answer; see \(directory)/log")
  }

  /// Ends the server with SIGKILL, in the middle of whatever it does.
  public func kill() { life.end() }

  /// An authority, the server's certificate for 127.0.0.1, and another authority with the same name.
  private static func makeCertificates(in directory: String) throws {
    let script = """
      set -e; cd '\(directory)'
      for ca in ca other; do
        openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=Test Authority" -keyout $ca-key.pem -out $ca.pem
      done
      openssl req -newkey rsa:2048 -nodes -subj "/CN=test server" -keyout server-key.pem -out server.csr
      printf 'subjectAltName=IP:127.0.0.1' > extensions
      openssl x509 -req -in server.csr -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 2 -extfile extensions -out server.pem
      chmod 644 *.pem
      """
    try PrivateServer.run("/bin/sh", ["-c", script])
  }
}
