import Logging
public import MartletSQL
import NIOCore

extension PostgresDriver {
  /// Hears what other sessions NOTIFY on a channel, on a connection of its own beside the pool's.
  ///
  /// ```swift
  /// for try await event in try await driver.listen(to: "orders") {
  ///   switch event {
  ///   case .notification(let notification): handle(notification.payload)
  ///   case .reconnected: await lookForMissedOrders()
  ///   }
  /// }
  /// ```
  /// Once this has returned, everything that is committed later is heard. A connection that breaks is opened anew, with
  /// pauses that grow as the pool's do; what was said meanwhile is lost, as PostgreSQL keeps nothing for absent listeners:
  /// hence ``PostgresListenEvent/reconnected``.
  /// - Parameter channel: The channel's name, in its exact case.
  /// - Throws: ``DatabaseError`` where the server cannot be reached now; the sequence throws where the login is refused later,
  ///   or 10,000 events wait unread.
  public func listen(to channel: String) async throws -> AsyncThrowingStream<PostgresListenEvent, any Error> {
    let (stream, continuation) = AsyncThrowingStream<PostgresListenEvent, any Error>.makeStream(
      bufferingPolicy: .bufferingOldest(10_000))
    let listener = PostgresListener(connector, configuration.pool, logger, "LISTEN \(dialect.quote(channel))", continuation)
    let (connection, end) = try await listener.subscribe()
    let task = Task { await listener.run(connection, end) }
    continuation.onTermination = { _ in task.cancel() }
    return stream
  }
}

/// What a listener hears.
public enum PostgresListenEvent: Sendable, Hashable {
  /// Another session, or this application, said something.
  case notification(PostgresNotification)
  /// The connection had been lost and is back: notifications in between are lost.
  case reconnected
}

extension Database {
  /// Tells those who listen to a channel; inside a transaction when, and only if, it commits.
  ///
  /// - Parameter payload: Less than 8000 bytes.
  /// - Throws: ``DatabaseError``, of kind `unsupported` on other databases than PostgreSQL.
  public func notify(_ channel: String, _ payload: String = "") async throws {
    try requirePostgres("notify")
    try await run(SQLStatement("SELECT pg_notify($1, $2)", [.text(channel), .text(payload)]))
  }

  func requirePostgres(_ what: String) throws {
    guard dialect.family == .postgres else {
      throw DatabaseError(.unsupported(capability: what), "\(dialect.name) has no \(what)", hint: "PostgreSQL has")
    }
  }
}

/// Keeps one channel's subscription alive.
private final class PostgresListener: Sendable {
  typealias Continuation = AsyncThrowingStream<PostgresListenEvent, any Error>.Continuation
  private let connector: PostgresConnector
  private let pool: PoolConfiguration
  private let logger: Logger
  private let sql: String
  private let continuation: Continuation

  init(_ connector: PostgresConnector, _ pool: PoolConfiguration, _ logger: Logger, _ sql: String, _ continuation: Continuation) {
    self.connector = connector
    self.pool = pool
    self.logger = logger
    self.sql = sql
    self.continuation = continuation
  }

  /// A connection that listens, and a stream that ends with it.
  func subscribe() async throws -> (PostgresConnection, AsyncStream<Void>) {
    let connection = try await connector.connect()
    let (end, ended) = AsyncStream<Void>.makeStream()
    do {
      try await connection.session.eventLoop.submit { [session = connection.session, continuation] in
        session.onNotification = { notification in
          if case .dropped = continuation.yield(.notification(notification)) {
            continuation.finish(throwing: DatabaseError(.other, "10000 notifications wait unread", hint: "read them faster"))
          }
        }
        if session.isClosed { ended.finish() } else { session.onClose = { _ in ended.finish() } }
      }.get()
      try await connection.run(SQLStatement(sql)) { _ in }
    } catch {
      await connection.close()
      throw error
    }
    return (connection, end)
  }

  /// Waits for the end of the connection, opens the next, until the task is cancelled.
  func run(_ first: PostgresConnection, _ firstEnd: AsyncStream<Void>) async {
    var connection = first, end = firstEnd
    while !Task.isCancelled {
      let heart = Task { [connection] in await beat(connection) }
      for await _ in end {}
      heart.cancel()
      await connection.close()
      var pause = pool.initialBackoff
      while !Task.isCancelled {
        do {
          (connection, end) = try await subscribe()
          continuation.yield(.reconnected)
          break
        } catch let error as DatabaseError where error.kind == .authentication {
          return continuation.finish(throwing: error)
        } catch {
          logger.warning("a listener cannot reconnect", metadata: ["error": "\(error)", "retry": "\(pause)"])
          try? await Task.sleep(for: pause * Double.random(in: 0.8...1.2))
          pause = min(pause * 2, pool.maximumBackoff)
        }
      }
    }
    await connection.close()
    continuation.finish()
  }

  /// A listener says nothing by itself: only an answer shows that the other side is still there.
  private func beat(_ connection: PostgresConnection) async {
    while !Task.isCancelled {
      guard (try? await Task.sleep(for: pool.pingAfter)) != nil else { return }
      let watch = Task {
        guard (try? await Task.sleep(for: pool.checkTimeout)) != nil else { return }
        await connection.close()
      }
      try? await connection.ping()
      watch.cancel()
    }
  }
}
