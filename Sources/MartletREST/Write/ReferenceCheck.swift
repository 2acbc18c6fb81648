import MartletCore
import MartletHTTP
import MartletORM
import MartletSQL
import Foundation

extension ResourceEndpoints {
  /// Refuses keys of rows that do not exist, or that the viewer may not read: which of the two is not told. One statement
  /// for each reference, however many rows give it.
  ///
  /// A key that the row has already, and the viewer's own, may always be written: a policy may hide the table of users
  /// and still let a viewer own what they create. Which table the viewer's key is of, the policy says by its comparisons.
  func checkReferences(_ drafts: inout [RowDraft<M>], _ context: ResourceContext) async throws {
    let viewer = context.viewer, ownKey = viewer.id.map { SQLValue($0) }
    var ownTables: Set<String>?
    for field in shape.fields {
      guard let reference = field.column.foreignKey else { continue }
      var asked: [(draft: Int, key: SQLValue, isOwn: Bool)] = []
      for (place, draft) in drafts.enumerated() {
        guard let key = draft.given[field.index], !key.isNull, draft.original?.columnValue(at: field.index) != key else {
          continue
        }
        var isOwn = false
        if key == ownKey {
          ownTables = ownTables ?? ViewerTables<M>.compared(with: viewer)
          isOwn = ownTables?.contains(reference.target().table) == true
        }
        asked.append((place, key, isOwn))
      }
      for isOwn in [false, true] {
        let some = asked.filter { $0.isOwn == isOwn }
        if some.isEmpty { continue }
        let there = try await ReferenceProbe.present(
          reference.model(), Array(Set(some.map(\.key))), viewer: isOwn ? nil : viewer, context.db)
        for (place, key, _) in some where !there.contains(key) {
          drafts[place].errors.append(Self.missing(drafts[place].prefix + field.name, key))
        }
      }
    }
  }

  /// There is no row with this key, or none to see.
  static func missing(_ field: String, _ key: SQLValue) -> FieldError {
    let text =
      switch key {
      case .int(let value): String(value)
      case .uuid(let value): value.uuidString.lowercased()
      case .text(let value): String(value.prefix(80))
      default: ""
      }
    return FieldError(field, code: "does_not_exist", "Invalid pk \"\(text)\" - object does not exist.")
  }
}

/// Asks which rows exist of whose model only the schema is known.
private enum ReferenceProbe {
  /// - Parameter viewer: Only rows that they may read; `nil` for all.
  static func present(_ model: any Model.Type, _ keys: [SQLValue], viewer: Viewer?, _ db: Database) async throws -> Set<SQLValue>
  {
    try await find(model, keys, viewer, db)
  }
  private static func find<M: Model>(
    _ model: M.Type, _ keys: [SQLValue], _ viewer: Viewer?, _ db: Database
  ) async throws -> Set<SQLValue> {
    let query = viewer.map { M.query.permitted(.read, to: $0) } ?? M.query
    if keys.count == 1 {
      return try await query.filter(node: .binary(.equal, query.keyNode, .value(keys[0]))).exists(db) ? [keys[0]] : []
    }
    var found: Set<SQLValue> = []
    for chunk in keys.slices(of: 500) {
      found.formUnion(try await query.filter(node: .inList(query.keyNode, chunk)).keys(db).map(\.sqlValue))
    }
    return found
  }
}

/// The tables whose keys a policy compares with the viewer's: `article.author.id == viewer.id` says that viewers are authors.
/// Without it a viewer 7 could tell, and refer to, row 7 of any table.
private enum ViewerTables<M: Model> {
  static func compared(with viewer: Viewer) -> Set<String> {
    guard let id = viewer.id else { return [] }
    var tables: Set<String> = []
    // Also as somebody without rights: with them a policy may not need to compare.
    for viewer in [viewer, Viewer(id: id, name: viewer.name)] {
      for action in PolicyAction.allCases {
        collect(M.policy.condition(action, M.query.fields, viewer), SQLValue(id), &tables)
      }
    }
    return tables
  }

  private static func collect(_ node: Node, _ key: SQLValue, _ tables: inout Set<String>) {
    switch node {
    case .binary(.equal, .column(let column), .value(let value)), .binary(.notEqual, .column(let column), .value(let value)):
      if value == key, column.schema.isPrimaryKey { tables.insert(column.path.schema.table) }
    case .binary(_, let l, let r):
      collect(l, key, &tables)
      collect(r, key, &tables)
    case .not(let inner): collect(inner, key, &tables)
    case .cases(let branches, _): for branch in branches { collect(branch.when, key, &tables) }
    default: break
    }
  }
}

extension SQLValue {
  /// The viewer's key as a column holds it.
  init(_ id: ViewerID) {
    switch id {
    case .int(let value): self = .int(value)
    case .uuid(let value): self = .uuid(value)
    case .text(let value): self = .text(value)
    }
  }
}

extension Query {
  /// The keys of the query's rows.
  func keys(_ db: Database) async throws -> [M.ID] {
    try await db.query(plan([keyNode]).statement(db.dialect)) { try M.ID.read(&$0) }
  }
}

extension Array {
  /// The elements in lists of at most so many.
  func slices(of size: Int) -> [[Element]] {
    stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
  }
}
