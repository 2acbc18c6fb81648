import Foundation
import Synchronization

/// A MariaDB server that belongs to this test run alone: it may be killed and started again.
///
/// It goes with the process, however that ends: its shell waits for the end of a pipe that only this process holds.
public final class PrivateMariaDB: Sendable {
  public struct Failure: Error, CustomStringConvertible {
    public var description: String
  }
  private struct Running {
    var process: Process
    var life: Pipe
  }

  /// Where data, socket and certificates are.
  public let directory: String
  /// A free port of the loopback interface.
  public let port: Int
  private let running = Mutex<Running?>(nil)

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
    port = try Self.freePort()
    let data = directory + "/data"
    try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
    try Self.makeCertificates(in: directory)
    if getuid() == 0 { try Self.run("/bin/chown", ["-R", "mysql", directory]) }
    try Self.run(
      "/usr/bin/env",
      [
        "mariadb-install-db", "--no-defaults", "--datadir=\(data)", "--auth-root-authentication-method=normal", "--skip-test-db",
      ] + (getuid() == 0 ? ["--user=mysql"] : []))
    try start()
    let directory = directory
    atexitDirectories.withLock { $0.append(directory) }
    atexit { for directory in atexitDirectories.withLock({ $0 }) { try? FileManager.default.removeItem(atPath: directory) } }
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
    try Self.run("/usr/bin/env", ["mariadb", "--no-defaults", "-S", socket, "-u", "root", "-e", text])
  }

  /// Starts the server again after ``kill()``.
  public func start() throws {
    let process = Process(), life = Pipe()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    let options =
      [
        "--no-defaults", "--datadir=\(directory)/data", "--port=\(port)", "--bind-address=127.0.0.1", "--socket=\(socket)",
        "--pid-file=\(directory)/pid", "--innodb-flush-log-at-trx-commit=2", "--ssl-ca=\(directory)/ca.pem",
        "--ssl-cert=\(directory)/server.pem", "--ssl-key=\(directory)/server-key.pem", "--plugin-load-add=auth_ed25519",
        "--innodb-buffer-pool-size=32M", "--performance-schema=off",
      ] + self.options + (getuid() == 0 ? ["--user=mysql"] : [])
    process.arguments =
      [
        "-c",
        "PATH=\"$PATH:/usr/sbin\"; mariadbd \"$@\" >\"\(directory)/log\" 2>&1 </dev/null & cat >/dev/null; kill -9 $!; wait",
        "sh",
      ] + options
    process.standardInput = life
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    running.withLock { $0 = Running(process: process, life: life) }
    for _ in 0..<300 {
      if (try? Self.run("/usr/bin/env", ["mariadb-admin", "--no-defaults", "-S", socket, "-u", "root", "ping"])) != nil {
        return
      }
      Thread.sleep(forTimeInterval: 0.1)
    }
    throw Failure(description: "mariadbd does not answer; see \(directory)/log")
  }

  /// Ends the server with SIGKILL, in the middle of whatever it does.
  public func kill() {
    let running = running.withLock { running in
      defer { running = nil }
      return running
    }
    try? running?.life.fileHandleForWriting.close()
    running?.process.waitUntilExit()
  }

  private static func freePort() throws -> Int {
    let descriptor = socket_(AF_INET)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(descriptor, address, length) == 0 ? getsockname(descriptor, address, &length) : -1
      }
    }
    guard code == 0 else { throw Failure(description: "no free port: errno \(errno)") }
    return Int(UInt16(bigEndian: address.sin_port))
  }

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
    try run("/bin/sh", ["-c", script])
  }

  private static func run(_ path: String, _ arguments: [String]) throws {
    let process = Process(), output = Pipe()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure(description: "\(arguments.first ?? path) failed: \(String(decoding: text, as: UTF8.self).suffix(500))")
    }
  }
}

private let atexitDirectories = Mutex<[String]>([])

private func socket_(_ family: Int32) -> Int32 {
  #if canImport(Glibc)
    socket(family, Int32(SOCK_STREAM.rawValue), 0)
  #else
    socket(family, SOCK_STREAM, 0)
  #endif
}
