public import MartletSQL

/// A read that has not been run yet: ``Database/batch(_:fileID:line:)`` runs several in one round trip.
///
/// ```swift
/// let (author, posts, unread) = try await db.batch(
///   .get(User.self, id), .all(Post.filter { $0.author == id }.limit(20)), .count(Message.filter { !$0.isRead }))
/// ```
public struct Read<Value: Sendable>: Sendable {
  /// One run of it.
  struct Run: Sendable {
    let statement: SQLStatement
    let onRow: @Sendable (inout Row) throws -> Void
    /// Reads what belongs to the rows, where there is such a thing.
    var load: (@Sendable (Database) async throws -> Void)?
    /// Makes the value of the rows.
    let make: @Sendable () throws -> Value

    // Inlined: twenty reads in a batch would be twenty asynchronous calls.
    @inline(__always) func value(_ db: Database) async throws -> Value {
      try await load?(db)
      return try make()
    }
  }
  let begin: @Sendable (Database) throws -> Run

  /// Rows that are decoded one by one into what the value is made of.
  private init<State: Sendable>(
    _ empty: State, _ prepare: @escaping @Sendable (Database) throws -> SQLStatement,
    onRow: @escaping @Sendable (inout Row, inout State) throws -> Void,
    value: @escaping @Sendable (State) throws -> Value
  ) {
    begin = { db in
      let state = Confined(empty)
      return Run(
        statement: try prepare(db), onRow: { try onRow(&$0, &state.value) }, make: { try value(state.value) })
    }
  }

  /// All rows of a query, with the relations that it loads.
  public static func all<M: Model>(_ query: Query<M>) -> Read<[M]> where Value == [M] {
    Read<[M]>(begin: { db in
      try query.checkLock(db)
      let statement = try query.statement(db.dialect), decode = try query.decoder(), rows = Confined<[M]>([])
      var run = Read<[M]>.Run(
        statement: statement, onRow: { rows.value.append(try decode(&$0)) }, make: { rows.value })
      if !query.prefetches.isEmpty { run.load = { rows.value = try await query.prefetched(rows.value, $0) } }
      return run
    })
  }
  /// The first row of a query, or `nil`. It adds no order.
  public static func first<M: Model>(_ query: Query<M>) -> Read<M?> where Value == M? {
    Read<[M]>.all(query.limit(1)).map { $0.first }
  }
  /// The one row of a query; ``ORMError`` of kind `notFound` or `multipleFound` where there is none, or more.
  public static func one(_ query: Query<Value>) -> Self where Value: Model {
    Read<[Value]>.all(query.limit(2)).map { try Query.only($0) }
  }
  /// The row with a key, or `nil`.
  public static func find<M: Model>(_ model: M.Type, _ id: M.ID) -> Read<M?> where Value == M? {
    Read<M?>(nil as M?, { try KeyLookup.statement(M.self, id, $0.dialect) }, onRow: { $1 = try M(row: &$0) }, value: { $0 })
  }
  /// The row with a key; ``ORMError`` of kind `notFound` where there is none.
  public static func get(_ model: Value.Type, _ id: Value.ID) -> Self where Value: Model {
    Read(
      nil as Value?, { try KeyLookup.statement(model, id, $0.dialect) }, onRow: { $1 = try Value(row: &$0) },
      value: { row in
        guard let row else { throw Value.notFound(id) }
        return row
      })
  }
  /// How many rows a query has.
  public static func count<M: Model>(_ query: Query<M>) -> Read<Int> where Value == Int {
    Read<Int>(0, { try query.countStatement($0.dialect) }, onRow: { $1 = try Int.read(&$0) }, value: { $0 })
  }
  /// Whether a query has a row.
  public static func exists<M: Model>(_ query: Query<M>) -> Read<Bool> where Value == Bool {
    Read<Bool>(false, { try query.existsStatement($0.dialect) }, onRow: { $1 = true }, value: { $0 })
  }

  private func map<Other>(_ change: @escaping @Sendable (Value) throws -> Other) -> Read<Other> {
    let begin = begin
    return Read<Other>(begin: { db in
      let run = try begin(db)
      return .init(statement: run.statement, onRow: run.onRow, load: run.load, make: { try change(run.make()) })
    })
  }
  private init(begin: @escaping @Sendable (Database) throws -> Run) { self.begin = begin }
}

extension Database {
  /// Runs reads of which none needs another's answer: in one round trip on PostgreSQL, in one go on the connection's thread on
  /// SQLite and MySQL.
  ///
  /// ```swift
  /// let (user, posts) = try await db.batch(.get(User.self, id), .all(Post.query.order { $0.id.desc }.limit(10)))
  /// ```
  /// Outside of a transaction nothing is said about writes between them: each sees what is committed when it runs. Relations
  /// that a query loads with `with` take further statements. With a statement log the reads run one after the other, so that
  /// it can say how long each took.
  /// - Returns: The values, in the order of the reads.
  /// - Throws: The error of the first that fails: ``DatabaseError``; ``ORMError``; `CancellationError`.
  public func batch<each Value>(
    _ reads: repeat Read<each Value>, fileID: String = #fileID, line: UInt = #line
  ) async throws -> (repeat each Value) {
    let source = SourcePlace(fileID: fileID, line: line), runs = (repeat try (each reads).begin(self))
    var statements: [SQLStatement] = [], sinks: [@Sendable (inout Row) throws -> Void] = []
    for run in repeat each runs {
      statements.append(run.statement)
      sinks.append(run.onRow)
    }
    let onRow = sinks
    try await run(reads: statements, source: source) { place, row in try onRow[place](&row) }
    let db = from(source)
    return (repeat try await (each runs).value(db))
  }

  /// The same for any number of reads of one type.
  ///
  /// ```swift
  /// let posts = try await db.batch(ids.map { .get(Post.self, $0) })
  /// ```
  public func batch<Value>(_ reads: [Read<Value>], fileID: String = #fileID, line: UInt = #line) async throws -> [Value] {
    let source = SourcePlace(fileID: fileID, line: line), runs = try reads.map { try $0.begin(self) }
    try await run(reads: runs.map(\.statement), source: source) { place, row in try runs[place].onRow(&row) }
    let db = from(source)
    var values: [Value] = []
    values.reserveCapacity(runs.count)
    for run in runs { values.append(try await run.value(db)) }
    return values
  }
}
