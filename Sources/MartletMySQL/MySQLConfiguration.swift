public import MartletSQL

/// Where a MySQL or MariaDB server is, who asks, and how its connections behave.
///
/// ```swift
/// var configuration = MySQLConfiguration(host: "db.example.com", user: "shop", database: "shop")
/// configuration.sslMode = .verifyIdentity
/// configuration.pool.maximumConnections = 20
/// let db = Database(MySQLDriver(configuration))
/// ```
public struct MySQLConfiguration: Sendable, Hashable {
  /// How far a connection must be encrypted. A Unix socket is never encrypted.
  public enum SSLMode: String, Sendable, Hashable, CaseIterable {
    case disabled
    /// With TLS where the server has it. Protects against nobody who can change what is sent.
    case preferred
    /// With TLS, whoever the server is.
    case required
    /// With TLS and a certificate from an authority in ``MySQLConfiguration/sslCA``.
    case verifyCA = "verify-ca"
    /// With TLS and a certificate from a known authority for the very host: the only mode safe on a hostile network.
    case verifyIdentity = "verify-identity"
  }

  /// A name or an address.
  public var host: String
  /// The port.
  public var port: Int
  /// The path of the server's Unix socket; used instead of ``host`` and ``port``.
  public var socket: String?
  /// The user to log in as.
  public var user: String
  /// The password; `nil` for none.
  public var password: String?
  /// The database; none where empty.
  public var database: String
  /// What the server is taken for until the first connection tells.
  public var expectedFlavor: MySQLDialect.Flavor

  /// How far the connection must be encrypted.
  public var sslMode: SSLMode = .preferred
  /// The file with the certificates of the authorities to trust (PEM); `nil` for the system's own.
  public var sslCA: String?
  /// The client's certificate chain (PEM).
  public var sslCertificate: String?
  /// The client's key (PEM).
  public var sslKey: String?

  /// How long to try to connect, in whole seconds.
  public var connectTimeout: Duration = .seconds(10)
  /// How long to wait for the server's next packet, in whole seconds; `nil` for ever. A statement that takes longer to give
  /// its first row loses its connection: set ``statementTimeout`` lower.
  public var readTimeout: Duration?
  /// How long to wait until the server takes a packet, in whole seconds; `nil` for ever.
  public var writeTimeout: Duration?
  /// How long a statement may run; `nil` for the server's own setting. MySQL stops SELECT statements alone.
  public var statementTimeout: Duration?
  /// How long a statement may wait for a lock, in whole seconds; `nil` for the server's own setting.
  public var lockWaitTimeout: Duration?
  /// The level of transactions that ask for none. Not the server's own REPEATABLE READ: a row that another transaction has
  /// just inserted would stay invisible there, although it conflicts (Django and PostgreSQL choose the same).
  public var isolation: IsolationLevel = .readCommitted
  /// Prepared statements that each connection keeps, the least recently used closed first.
  public var statementCacheSize = 256
  /// How many connections, and how they are lent.
  public var pool = PoolConfiguration()

  /// A configuration.
  public init(
    host: String = "127.0.0.1", port: Int = 3306, socket: String? = nil, user: String = "root", password: String? = nil,
    database: String = "", expectedFlavor: MySQLDialect.Flavor = .mariaDB, sslMode: SSLMode = .preferred
  ) {
    self.host = host
    self.port = port
    self.socket = socket
    self.user = user
    self.password = password
    self.database = database
    self.expectedFlavor = expectedFlavor
    self.sslMode = sslMode
  }

  /// `mariadb://shop@db.example.com:3306/shop`, never with the password.
  public var displayName: String {
    let scheme = expectedFlavor == .mariaDB ? "mariadb" : "mysql"
    let place = host.contains(":") ? "[\(host)]" : host
    guard let socket else { return "\(scheme)://\(user)@\(place):\(port)/\(database)" }
    return "\(scheme)://\(user)@localhost/\(database)?socket=\(socket)"
  }
}

extension MySQLConfiguration: CustomStringConvertible, CustomReflectable {
  /// As ``displayName``: no log shows the password.
  public var description: String { displayName }
  /// Shows the address alone, for the same reason.
  public var customMirror: Mirror { Mirror(self, children: ["address": displayName]) }
}
