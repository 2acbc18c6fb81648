public import MartletSQL

/// Where a PostgreSQL server is, who asks, and how its connections behave.
///
/// ```swift
/// var configuration = PostgresConfiguration(hosts: [.init("db.example.com")], user: "shop", database: "shop")
/// configuration.sslMode = .verifyFull
/// configuration.pool.maximumConnections = 20
/// let db = Database(PostgresDriver(configuration))
/// ```
public struct PostgresConfiguration: Sendable, Hashable {
  /// A server to try.
  public struct Host: Sendable, Hashable {
    /// A name or an address; a directory, beginning with `/`, for the Unix socket `.s.PGSQL.<port>` in it.
    public var name: String
    /// The address to connect to where the name is only to be checked against the certificate (libpq's `hostaddr`).
    public var address: String?
    /// The port.
    public var port: Int
    /// The password for this server where it has one of its own (a password file).
    public var password: String?

    /// A server.
    public init(_ name: String, port: Int = 5432, address: String? = nil, password: String? = nil) {
      self.name = name
      self.port = port
      self.address = address
      self.password = password
    }
    /// Whether this is the directory of a Unix socket.
    public var isSocket: Bool { name.hasPrefix("/") && address == nil }
    /// The path of the Unix socket.
    package var socketPath: String { name + (name.hasSuffix("/") ? "" : "/") + ".s.PGSQL.\(port)" }
  }
  /// How far a connection must be encrypted; libpq's `sslmode`. A Unix socket is never encrypted.
  public enum SSLMode: String, Sendable, Hashable, CaseIterable {
    case disable
    /// Without at first, and with TLS where the server refuses that.
    case allow
    /// With TLS where the server has it. Protects against nobody who can change what is sent.
    case prefer
    /// With TLS, whoever the server is (as libpq: where a root certificate is given, it is checked as by `verify-ca`).
    case require
    /// With TLS and a certificate from a known authority.
    case verifyCA = "verify-ca"
    /// With TLS and a certificate from a known authority for the very host: the only mode safe on a hostile network.
    case verifyFull = "verify-full"
  }
  /// Whether SCRAM is tied to the TLS connection that it runs over; libpq's `channel_binding`.
  public enum ChannelBinding: String, Sendable, Hashable, CaseIterable { case disable, prefer, require }
  /// What kind of server will do; libpq's `target_session_attrs`.
  public enum TargetSession: String, Sendable, Hashable, CaseIterable {
    case any
    case readWrite = "read-write"
    case readOnly = "read-only"
    case primary, standby
    /// A standby where one of the hosts is one, any server otherwise.
    case preferStandby = "prefer-standby"
  }
  /// A way to prove who one is, for ``requireAuthentication``.
  public enum AuthenticationMethod: String, Sendable, Hashable, CaseIterable {
    case password, md5
    case scramSHA256 = "scram-sha-256"
    /// No proof asked for: `trust`, `peer`, or the client certificate alone.
    case none
  }
  /// The oldest version of TLS to accept.
  public enum TLSVersion: String, Sendable, Hashable, CaseIterable {
    case v12 = "TLSv1.2"
    case v13 = "TLSv1.3"
  }

  /// The servers, tried in this order; the first that answers and fits ``targetSession`` is used.
  public var hosts: [Host]
  /// Tries the hosts in a random order.
  public var loadBalanceHosts = false
  /// The role to log in as.
  public var user: String
  /// The password; `nil` for none.
  public var password: String?
  /// The database; the user's name where empty, as in libpq.
  public var database: String
  /// What kind of server will do.
  public var targetSession: TargetSession = .any

  /// How far the connection must be encrypted.
  public var sslMode: SSLMode = .prefer
  /// The file with the certificates of the authorities to trust (PEM); `"system"` for the system's own, `nil` for
  /// `~/.postgresql/root.crt` where it exists.
  public var sslRootCertificate: String?
  /// The client's certificate chain (PEM); `nil` for `~/.postgresql/postgresql.crt` where it exists.
  public var sslCertificate: String?
  /// The client's key (PEM).
  public var sslKey: String?
  /// The password of the client's key.
  public var sslKeyPassword: String?
  /// Whether the host's name is sent in the TLS handshake (SNI).
  public var sslSNI = true
  /// The oldest version of TLS to accept.
  public var minimumTLSVersion: TLSVersion = .v12
  /// Whether SCRAM is tied to the TLS connection.
  public var channelBinding: ChannelBinding = .prefer
  /// The methods of authentication that may be used; `nil` for all that are safe where they are asked for.
  public var requireAuthentication: Set<AuthenticationMethod>?

  /// The name that `pg_stat_activity` and the server's log show.
  public var applicationName = "martlet"
  /// How long to try each host, from the first packet until the session is ready.
  public var connectTimeout: Duration = .seconds(10)
  /// How long a statement may run; `nil` for the server's own setting.
  public var statementTimeout: Duration?
  /// How long a statement may wait for a lock; `nil` for the server's own setting.
  public var lockTimeout: Duration?
  /// Command-line options for the session, as `-c geqo=off`; libpq's `options`.
  public var options: String?
  /// Settings for the session, as `["search_path": "shop,public"]`. The driver sets `client_encoding`, `TimeZone`,
  /// `DateStyle` and `IntervalStyle` itself.
  public var parameters: [String: String] = [:]

  /// Whether TCP tests a silent connection.
  public var keepAlive = true
  /// Seconds of silence before the first test; `nil` for the system's setting.
  public var keepAliveIdle: Int?
  /// Seconds between tests; `nil` for the system's setting.
  public var keepAliveInterval: Int?
  /// Tests unanswered before the connection counts as dead; `nil` for the system's setting.
  public var keepAliveCount: Int?

  /// Whether statements are prepared by name and kept. `false` behind pgbouncer in its transaction mode (before 1.21),
  /// where the next statement may reach another session.
  public var preparedStatements = true
  /// Prepared statements that each connection keeps, the least recently used closed first.
  public var statementCacheSize = 256
  /// How many connections, and how they are lent.
  public var pool: PoolConfiguration

  /// A configuration.
  public init(
    hosts: [Host] = [Host("127.0.0.1")], user: String = "postgres", password: String? = nil, database: String = "",
    sslMode: SSLMode = .prefer, pool: PoolConfiguration? = nil
  ) {
    self.hosts = hosts
    self.user = user
    self.password = password
    self.database = database
    self.sslMode = sslMode
    var shared = PoolConfiguration()
    // Statements of one tick of an event loop share a connection and its round trip.
    shared.pipelineDepth = 8
    self.pool = pool ?? shared
  }
}
