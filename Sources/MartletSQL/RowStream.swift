/// The rows of a statement, fetched and decoded a batch at a time as a loop asks for them.
///
/// ```swift
/// for try await post in Post.filter { $0.views > 10 }.stream(db) { … }
/// ```
/// Nothing runs before the loop starts, and each loop runs the statement anew. The database sends the next batch when the
/// last one has been used up, so that memory stays the same however many rows there are. The connection goes back when the
/// rows are used up, an error is thrown, the loop is left, or its task is cancelled.
///
/// Outside of a transaction a stream holds a connection of its own. Inside of one it holds the transaction's: until the
/// loop ends, the transaction runs no other statement.
public struct RowStream<Element: Sendable>: AsyncSequence, Sendable {
  /// Whatever the database or a decoder reports.
  public typealias Failure = any Error

  let database: Database
  let statement: @Sendable () throws -> SQLStatement
  let batchSize: Int
  let decode: @Sendable (inout Row) throws -> Element
  /// What is done to each batch before it is handed over.
  let complete: (@Sendable ([Element]) async throws -> [Element])?

  /// A stream of the rows of a statement that is written when a loop starts.
  package init(
    _ database: Database, batchSize: Int, decode: @escaping @Sendable (inout Row) throws -> Element,
    complete: (@Sendable ([Element]) async throws -> [Element])? = nil, statement: @escaping @Sendable () throws -> SQLStatement
  ) {
    self.database = database
    self.batchSize = Swift.max(1, batchSize)
    self.decode = decode
    self.complete = complete
    self.statement = statement
  }

  /// Starts at the first row; the statement runs at the first `next()`.
  public func makeAsyncIterator() -> Iterator { Iterator(reader: StreamReader(self)) }

  /// The rows that a loop has still to see.
  public struct Iterator: AsyncIteratorProtocol {
    let reader: StreamReader<Element>
    private var batch: [Element] = []
    private var place = 0

    init(reader: StreamReader<Element>) { self.reader = reader }

    /// The next row; `nil` after the last.
    /// - Throws: ``DatabaseError``, of kind `decoding` where a row does not fit; `CancellationError`.
    public mutating func next() async throws -> Element? { try await next(isolation: nil) }

    /// As ``next()``, without leaving the caller's actor for rows that are there already.
    public mutating func next(isolation actor: isolated (any Actor)?) async throws -> Element? {
      while place == batch.count {
        place = 0
        batch = []
        guard let fetched = try await reader.fetch() else { return nil }
        batch = fetched
      }
      defer { place += 1 }
      return batch[place]
    }
  }
}

extension Database {
  /// The rows of a statement as a loop asks for them, in constant memory.
  ///
  /// - Parameter batchSize: How many rows are fetched and decoded at once.
  public func stream<T: Sendable>(
    _ statement: SQLStatement, batchSize: Int = 500, source: SourcePlace? = nil,
    decode: @escaping @Sendable (inout Row) throws -> T
  ) -> RowStream<T> {
    RowStream(self, batchSize: batchSize, decode: decode) {
      var statement = statement
      if let source { statement.source = source }
      return statement
    }
  }

  func open(_ statement: SQLStatement) async throws -> OpenStream {
    var statement = statement
    statement.source = statement.source ?? defaultSource
    try count(statement)
    if let session { return try await session.open(statement, observers) }
    let lease = try await driver.lease(statement.effect == .read ? .read : .write, source: statement.source)
    do {
      let cursor = try await lease.connection.openCursor(statement)
      return OpenStream(cursor, statement, observers) { await lease.end() }
    } catch {
      await lease.end()
      throw error
    }
  }
}

extension RowStream {
  /// Hands over whole batches; the next one is fetched when the closure returns.
  /// - Throws: Whatever the database or a decoder reports; what the closure throws.
  package func forEachBatch(_ body: ([Element]) async throws -> Void) async throws {
    let reader = StreamReader(self)
    while let batch = try await reader.fetch() { try await body(batch) }
  }
}

/// Fetches batches for one iterator; an actor, because iterators can be copied.
actor StreamReader<Element: Sendable> {
  private let stream: RowStream<Element>
  private var open: OpenStream?
  private var isOver = false
  private var isFetching = false

  init(_ stream: RowStream<Element>) { self.stream = stream }
  deinit { open?.abandon() }

  /// The next rows; `nil` after the last.
  func fetch() async throws -> [Element]? {
    guard !isOver else { return nil }
    guard !isFetching else {
      throw DatabaseError(.other, "two tasks read from one iterator of a stream", hint: "give each loop its own stream(db)")
    }
    isFetching = true
    defer { isFetching = false }
    do {
      try Task.checkCancellation()
      let rows = try await read()
      guard !rows.isEmpty else { return nil }
      return try await stream.complete?(rows) ?? rows
    } catch {
      isOver = true
      await open?.close(error)
      throw error
    }
  }

  private func read() async throws -> [Element] {
    let open: OpenStream
    if let opened = self.open {
      open = opened
    } else {
      open = try await stream.database.open(stream.statement())
      self.open = open
    }
    let rows = Confined<[Element]>([]), decode = stream.decode, sql = open.statement.text
    let mayHaveMore = try await open.cursor.fetch(stream.batchSize) { row in
      do { rows.value.append(try decode(&row)) } catch let error as RowError {
        throw DatabaseError(.decoding, "column \(error.index): \(error.message)", sql: sql)
      }
    }
    open.countRows(rows.value.count)
    if !mayHaveMore || rows.value.isEmpty {
      isOver = true
      await open.close(nil)
    }
    return rows.value
  }
}
