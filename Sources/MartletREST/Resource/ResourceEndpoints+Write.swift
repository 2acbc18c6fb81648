import Foundation
import MartletCore
import MartletHTTP
import MartletORM
import MartletSQL

extension ResourceEndpoints {
  /// `POST`: 201 with `Location`; without a body where the viewer may not read what they created.
  func create(_ request: Request, _ db: Database) async throws -> Response {
    let input = try JSONParser.parse(try await request.jsonBytes())
    var reader = InputReader<M>(shape)
    let row = try reader.newRow(input)
    let given = reader.given, viewer = request.viewer
    let (created, isReadable) = try await db.transaction { tx in
      try await checkReferences(given, unchangedFrom: nil, viewer, tx)
      let created = try await stored(row.insert(tx, as: viewer), tx)
      return (created, try await created.permits(.read, to: viewer, in: tx))
    }
    var response = try await self.created(created, isReadable: isReadable, for: request, in: db)
    let path = request.target.prefix { $0 != "?" }
    response.headers["Location"] = (path.hasSuffix("/") ? path.dropLast() : path) + "/" + escaped(created.id.description)
    return response
  }

  /// `PUT` and `PATCH`: 200 with the row as it is now; without a body where the viewer may not read it any more.
  func change(_ request: Request, _ db: Database, isPartial: Bool) async throws -> Response {
    let viewer = request.viewer
    let visible = try await visibleRow(request, db)
    if isNever(.update, viewer) { throw refusal(viewer) }
    try requireCondition(request)
    let input = try JSONParser.parse(try await isPartial ? request.patchBytes() : request.jsonBytes())
    let (changed, isReadable) = try await db.transaction { tx in
      // Read again inside of the transaction: the row may have changed while the body came in.
      let original = try await lockedRow(visible.id, tx)
      try await original.authorize(.update, to: viewer, in: tx)
      try checkConditions(request, original)
      var reader = InputReader<M>(shape)
      var row = try reader.changed(original, by: input, isPartial: isPartial)
      try await checkReferences(reader.given, unchangedFrom: original, viewer, tx)
      try await row.save(tx, changedFrom: original, as: viewer)
      row = try await stored(row, tx)
      return (row, try await row.permits(.read, to: viewer, in: tx))
    }
    return try await self.changed(changed, isReadable: isReadable, for: request, in: db)
  }

  /// `DELETE`: 204; 409 where other rows still refer to it and forbid it.
  func delete(_ request: Request, _ db: Database) async throws -> Response {
    let visible = try await visibleRow(request, db), viewer = request.viewer
    if isNever(.delete, viewer) { throw refusal(viewer) }
    try requireCondition(request)
    do {
      try await db.transaction { tx in
        let row = try await lockedRow(visible.id, isDeleted: true, tx)
        try await row.authorize(.delete, to: viewer, in: tx)
        try checkConditions(request, row)
        try await row.delete(tx)
      }
    } catch let error as DatabaseError {
      guard case .foreignKeyViolation = error.kind else { throw error }
      throw HTTPError.conflict("Other rows still refer to this \(shape.schema.label), so it cannot be deleted.")
    }
    return Response(status: .noContent)
  }

  /// Refuses keys of rows that do not exist, or that the viewer may not read: which of the two is not told.
  ///
  /// A key that the row has already, and the viewer's own, may always be written: a policy may hide the table of users
  /// and still let a viewer own what they create. Which table the viewer's key is of, the policy says by its comparisons.
  private func checkReferences(
    _ given: [Int: SQLValue], unchangedFrom original: M?, _ viewer: Viewer, _ db: Database
  ) async throws {
    var errors: [FieldError] = []
    for field in shape.fields {
      guard let reference = field.column.foreignKey, let key = given[field.index], !key.isNull,
        original?.columnValue(at: field.index) != key
      else { continue }
      let isOwn =
        viewer.id.map { key == SQLValue($0) } ?? false
        && ViewerTables<M>.compared(with: viewer).contains(reference.target().table)
      if try await !ReferenceProbe.exists(reference.model(), key, viewer: isOwn ? nil : viewer, db) {
        let text =
          switch key {
          case .int(let value): String(value)
          case .uuid(let value): value.uuidString.lowercased()
          case .text(let value): String(value.prefix(80))
          default: ""
          }
        errors.append(FieldError(field.name, code: "does_not_exist", "Invalid pk \"\(text)\" - object does not exist."))
      }
    }
    if !errors.isEmpty { throw ValidationError(errors) }
  }

  /// A key as a segment of a path.
  private func escaped(_ text: String) -> String {
    let hex = Array("0123456789ABCDEF".utf8)
    let bytes = text.utf8.flatMap { byte -> [UInt8] in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
        UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "~"):
        [byte]
      default: [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// Asks whether a row exists of whose model only the schema is known.
private enum ReferenceProbe {
  /// - Parameter viewer: Only rows that they may read; `nil` for all.
  static func exists(_ model: any Model.Type, _ key: SQLValue, viewer: Viewer?, _ db: Database) async throws -> Bool {
    try await find(model, key, viewer, db)
  }
  private static func find<M: Model>(_ model: M.Type, _ key: SQLValue, _ viewer: Viewer?, _ db: Database) async throws -> Bool {
    let query = viewer.map { M.query.permitted(.read, to: $0) } ?? M.query
    return try await query.filter(node: .binary(.equal, query.keyNode, .value(key))).exists(db)
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
  fileprivate init(_ id: ViewerID) {
    switch id {
    case .int(let value): self = .int(value)
    case .uuid(let value): self = .uuid(value)
    case .text(let value): self = .text(value)
    }
  }
}
