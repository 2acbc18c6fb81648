public import MartletCore
public import MartletSQL

/// A reference to a row: always its key, and the row too where the query asked for it with `with { $0.author }`.
///
/// It holds no database, so it cannot load anything by itself: reading what was not loaded throws.
@dynamicMemberLookup
public struct Ref<T: Model>: Sendable, Hashable {
  /// The row's key.
  public let id: T.ID
  // Zero or one row: an inline T would make `Category { var parent: Ref<Category>? }` infinitely large.
  private let box: [T]

  /// A reference by key.
  public init(_ id: T.ID) {
    self.id = id
    box = []
  }
  /// A reference to a row in memory.
  public init(_ row: T) {
    id = row.id
    box = [row]
  }
  /// A reference by key: `author: .id(7)`.
  public static func id(_ id: T.ID) -> Ref { Ref(id) }

  /// The row, if it was loaded.
  public var loaded: T? { box.first }
  /// The row.
  /// - Throws: ``ORMError`` of kind `notLoaded`.
  public func get() throws -> T {
    if let row = box.first { return row }
    throw ORMError(.notLoaded, "the \(T.self) with id \(id) was not loaded", hint: "add .with { $0.<relation> } to the query")
  }
  /// A member of the row: `try post.author.name`.
  public subscript<V>(dynamicMember member: KeyPath<T, V>) -> V { get throws { try get()[keyPath: member] } }

  /// By key.
  public static func == (l: Ref, r: Ref) -> Bool { l.id == r.id }
  public func hash(into hasher: inout Hasher) { hasher.combine(id) }
}

extension Ref: ColumnValue {
  public static var columnType: ColumnType { T.ID.columnType }
  public var sqlValue: SQLValue { id.sqlValue }
  public var isUnsavedKey: Bool { id.isUnsavedKey }
  public static func read(_ row: inout Row) throws -> Ref { Ref(try T.ID.read(&row)) }
  public static func writeJSON(from row: inout Row, to json: inout JSONWriter) throws {
    try T.ID.writeJSON(from: &row, to: &json)
  }
  public static var plainForm: PlainForm? { T.ID.plainForm }
}

/// The rows on the other side of a to-many relation; there only where the query asked for them.
public struct Many<T: Model>: Sendable {
  /// The rows, if they were loaded.
  public let loaded: [T]?
  /// Nothing loaded.
  public init() { loaded = nil }
  /// These rows.
  public init(_ rows: [T]) { loaded = rows }
  /// The rows.
  /// - Throws: ``ORMError`` of kind `notLoaded`.
  public func get() throws -> [T] {
    if let loaded { return loaded }
    throw ORMError(.notLoaded, "the rows of \(T.self) were not loaded", hint: "add .with { $0.<relation> } to the query")
  }
}

/// The one row that points here, if there is one; there only where the query asked for it.
public struct One<T: Model>: Sendable {
  private let box: [T]?
  /// Nothing loaded.
  public init() { box = nil }
  /// This row, or that there is none.
  public init(_ row: T?) { box = row.map { [$0] } ?? [] }
  /// The row, or `nil` where there is none.
  /// - Throws: ``ORMError`` of kind `notLoaded`.
  public func get() throws -> T? {
    if let box { return box.first }
    throw ORMError(.notLoaded, "the row of \(T.self) was not loaded", hint: "add .with { $0.<relation> } to the query")
  }
  /// What was loaded.
  public var loadedRow: LoadedRow<T> {
    guard let box else { return .notLoaded }
    return box.first.map { .row($0) } ?? .absent
  }
}

/// What a query loaded of a to-one relation.
public enum LoadedRow<T: Sendable>: Sendable {
  /// The query did not ask for it.
  case notLoaded
  /// There is no row.
  case absent
  /// The row.
  case row(T)
}
