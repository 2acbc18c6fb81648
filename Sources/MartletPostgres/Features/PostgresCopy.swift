public import MartletSQL
import NIOCore

extension PostgresDriver {
  /// Runs `COPY … TO STDOUT` and hands out its data as it comes: text, CSV or binary, as the statement says.
  ///
  /// ```swift
  /// for try await bytes in driver.copyOut("COPY posts TO STDOUT (FORMAT csv, HEADER)") { try file.write(bytes) }
  /// ```
  /// A piece holds whole rows, many at a time. Nothing more is read from the server while pieces wait. To end early, end the
  /// loop: the server is asked to stop.
  /// - Parameter sql: The statement. COPY binds no values: quote what comes from outside with the dialect's `literal`.
  public func copyOut(_ sql: String, source: SourcePlace? = nil) -> PostgresCopyOut {
    PostgresCopyOut(driver: self, sql: sql, source: source)
  }

  /// Runs `COPY … FROM STDIN` with the data of a sequence, in the format that the statement says.
  ///
  /// ```swift
  /// let rows = try await driver.copyIn("COPY posts (id, title) FROM STDIN (FORMAT csv)", from: pieces)
  /// ```
  /// The pieces need not end where rows end. The next is asked for when the connection has taken the last. Where the sequence
  /// throws, or the task is cancelled, no row is kept.
  /// - Returns: How many rows were copied.
  /// - Throws: ``DatabaseError``; what the sequence throws; `CancellationError`.
  @discardableResult
  public func copyIn<Pieces: AsyncSequence>(_ sql: String, from pieces: Pieces, source: SourcePlace? = nil) async throws -> Int
  where Pieces.Element == [UInt8] {
    let request = try StatementRequest(SQLStatement(sql))
    let connection = try await pool.borrow(source: source)
    do {
      let rows = try await connection.copyIn(request, from: pieces)
      await pool.giveBack(connection)
      return rows
    } catch {
      await pool.giveBack(connection)
      throw error
    }
  }
}

extension PostgresConnection {
  func copyIn<Pieces: AsyncSequence>(_ request: StatementRequest, from pieces: Pieces) async throws -> Int
  where Pieces.Element == [UInt8] {
    let work = CopyInWork(request)
    _ = try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        work.whenReady { continuation.resume(with: $0) }
        enqueue(work)
      }
    } onCancel: {
      cancel(work)
    }
    do {
      var pending: [UInt8] = []
      for try await piece in pieces {
        try Task.checkCancellation()
        pending += piece
        guard pending.count >= 1 << 16 else { continue }
        await add(pending, work)
        pending.removeAll(keepingCapacity: true)
      }
      try Task.checkCancellation()
      if !pending.isEmpty { await add(pending, work) }
    } catch {
      // In a task of its own: it must be waited for although this one may be cancelled.
      await Task { _ = try? await end(work, failing: "the client's data ended with an error") }.value
      throw error
    }
    return try await withTaskCancellationHandler {
      try await end(work, failing: nil)
    } onCancel: {
      cancel(work)
    }
  }

  private func add(_ bytes: [UInt8], _ work: CopyInWork) async {
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
      session.eventLoop.execute { [session] in work.add(bytes, session) { continuation.resume() } }
    }
  }

  private func end(_ work: CopyInWork, failing reason: String?) async throws -> Int {
    try await withCheckedThrowingContinuation { continuation in
      session.eventLoop.execute { [session] in
        work.end(failing: reason, session) { continuation.resume(with: $0) }
      }
    }
  }
}

/// The data of a `COPY … TO STDOUT`; see ``PostgresDriver/copyOut(_:source:)``. Each iteration runs the statement anew.
public struct PostgresCopyOut: AsyncSequence, Sendable {
  /// A piece of the data.
  public typealias Element = [UInt8]
  let driver: PostgresDriver
  let sql: String
  let source: SourcePlace?

  public func makeAsyncIterator() -> Iterator { Iterator(copy: self) }

  /// Hands out the data; one task may use it.
  public struct Iterator: AsyncIteratorProtocol {
    let copy: PostgresCopyOut
    private var run: CopyOutRun?
    private var isOver = false

    init(copy: PostgresCopyOut) { self.copy = copy }

    /// The next piece.
    /// - Throws: ``DatabaseError``; `CancellationError`.
    public mutating func next() async throws -> [UInt8]? {
      guard !isOver else { return nil }
      do {
        if run == nil { run = try await CopyOutRun(copy) }
        if let piece = try await run?.next() { return piece }
        isOver = true
        await run?.end()
        return nil
      } catch {
        isOver = true
        await run?.end()
        throw error
      }
    }
  }
}

/// One run of a copy, with the connection that it has to itself.
private final class CopyOutRun: Sendable {
  private let connection: PostgresConnection
  private let lease: ConnectionLease
  private let work: CopyOutWork

  init(_ copy: PostgresCopyOut) async throws {
    work = CopyOutWork(try StatementRequest(SQLStatement(copy.sql)))
    let pool = copy.driver.pool
    let connection = try await pool.borrow(source: copy.source)
    self.connection = connection
    lease = ConnectionLease(PostgresLease(connection)) { await pool.giveBack(connection) }
    connection.enqueue(work)
  }
  deinit {
    // The loop was left early. The connection goes back when the server has stopped, as the lease's statements come after.
    let work = work, lease = lease, connection = connection
    Task {
      await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
        connection.session.eventLoop.execute {
          work.abandon(connection.session)
          work.next(connection.session) { _ in continuation.resume() }
        }
      }
      await lease.end()
    }
  }

  func next() async throws -> [UInt8]? {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        connection.session.eventLoop.execute { [work, connection] in
          work.next(connection.session) { continuation.resume(with: $0) }
        }
      }
    } onCancel: {
      connection.cancel(work)
    }
  }

  func end() async { await lease.end() }
}
