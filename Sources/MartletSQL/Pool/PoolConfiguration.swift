/// How a pool of connections behaves; the same for every driver.
public struct PoolConfiguration: Sendable, Hashable {
  /// Connections at most.
  public var maximumConnections = 10
  /// How long a statement or a transaction waits for a connection before it fails with ``DatabaseError/Kind/poolTimeout``.
  public var acquireTimeout: Duration = .seconds(10)
  /// A connection older than this is replaced when it comes back, within a tenth of it at random, so that not all go at once.
  public var maximumAge: Duration = .seconds(1800)
  /// An idle connection is closed after this time.
  public var idleTimeout: Duration = .seconds(300)
  /// An idle connection is asked whether it lives before it is lent, where it has rested longer than this.
  public var pingAfter: Duration = .seconds(30)
  /// How many statements may share a connection, the later ones sent before the earlier ones are answered; 1 for none.
  ///
  /// Of look-ups by key, four times as many go together.
  public var pipelineDepth = 1
  /// How many look-ups by key count as one statement.
  static let lookupsForOne = 4
  /// The pause after a failed attempt to connect; doubles up to ``maximumBackoff`` and varies at random by a fifth.
  public var initialBackoff: Duration = .milliseconds(50)
  /// The longest pause between attempts to connect.
  public var maximumBackoff: Duration = .seconds(5)
  /// How long a connection may take to reset itself or to answer a ping before it is closed.
  public var checkTimeout: Duration = .seconds(5)
  /// Whether borrowers wait up to ``acquireTimeout`` for a server that cannot be reached, while the pool tries again and
  /// again. Where it is false, the first failure to connect ends their wait: right for files.
  public var waitsForServer = true

  /// Ten connections, ten seconds of patience.
  public init() {}
}

/// What a pool of connections is doing.
public struct PoolMetrics: Sendable, Hashable {
  /// Connections that are lent or run statements.
  public var inUse = 0
  /// Connections that rest.
  public var idle = 0
  /// Borrowers that wait.
  public var waiting = 0
  /// Connections at most.
  public var maximum = 0
  /// Borrowers served so far.
  public var served: UInt64 = 0
  /// Borrowers that waited in vain so far.
  public var timeouts: UInt64 = 0
  /// Connections opened so far.
  public var opened: UInt64 = 0
  /// The time that all borrowers have waited so far.
  public var totalWait: Duration = .zero
  /// The longest wait so far.
  public var longestWait: Duration = .zero

  /// Nothing.
  public init() {}
}

/// What happens in a pool, for logs and metrics.
public enum PoolEvent: Sendable {
  /// A connection was opened.
  case opened
  /// A connection was closed: old, idle for too long, broken, or shut down.
  case closed
  /// No connection could be opened; the pool pauses before it tries again.
  case connectFailed(any Error, retryAfter: Duration)
  /// A borrower had to wait this long for its connection.
  case waited(Duration)
  /// A borrower waited in vain.
  case timedOut(DatabaseError)
}

/// A connection that a pool can lend.
public protocol PoolableConnection: DatabaseConnection, AnyObject {
  /// Whether it may serve another borrower: false once the transport is closed or its state is not known any more.
  /// Read under the pool's lock, so it must be cheap and never wait.
  var isUsable: Bool { get }
  /// Whether ``reset()`` has to run before it serves another borrower. Cheap, as above.
  var needsReset: Bool { get }
  /// The event loop it lives on, compared by identity: a statement from that loop gets this connection where it can.
  var affinity: AnyObject? { get }
  /// Whether a statement handed over now would be sent with those that already wait to be sent, rather than after
  /// statements that run. Only then is a busy connection shared with a further statement. Cheap, as above.
  var isBatchOpen: Bool { get }
  /// Undoes what a borrower left behind: an open transaction, changed settings.
  /// - Throws: Where it cannot; the pool closes the connection then.
  func reset() async throws
  /// Asks the server for a sign of life.
  /// - Throws: Where there is none; the pool closes the connection then.
  func ping() async throws
  /// Closes it, whatever it is doing.
  func close() async
}

extension PoolableConnection {
  /// None.
  public var affinity: AnyObject? { nil }
  /// Always: statements are shared up to ``PoolConfiguration/pipelineDepth``.
  public var isBatchOpen: Bool { true }
}
