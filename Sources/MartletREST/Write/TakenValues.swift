import MartletCore
import MartletHTTP
import MartletORM
import MartletSQL

/// A unique constraint refused a row. Which values are taken is asked once the transaction is over: a write that succeeds
/// pays nothing for it, and who loses a race gets the same answer as who comes late.
struct TakenValues: Error {
  var violation: DatabaseError
  /// - Returns: The answer; `nil` where the values are free by now, or only the constraint knows.
  var answer: @Sendable (Database) async throws -> (any Error)?

  /// Runs a write of drafts.
  static func explaining<M: Model, R>(
    _ endpoints: ResourceEndpoints<M>, _ drafts: [RowDraft<M>], _ rows: [M], _ write: () async throws -> R
  ) async throws -> R {
    do { return try await write() } catch let error as ValidationError {
      // What a hook broke: the model names its properties.
      throw ValidationError(endpoints.named(error.errors, drafts.count == 1 ? drafts[0].prefix : ""))
    } catch let error as DatabaseError {
      guard case .uniqueViolation = error.kind else { throw error }
      throw TakenValues(violation: error) { db in
        // Hooks may have changed the rows: what counts is what was written.
        var refused = zip(drafts, rows).map { draft, row in
          var draft = draft
          draft.row = row
          return draft
        }
        try await endpoints.addTaken(&refused, db)
        return endpoints.failure(refused.flatMap(\.errors))
      }
    }
  }
}

extension ResourceEndpoints {
  /// Errors of properties as those of fields.
  fileprivate func named(_ errors: [FieldError], _ prefix: String) -> [FieldError] {
    let fields = errors.map { error in
      let property = error.field.prefix { $0 != "." }
      guard let index = shape.schema.columns.firstIndex(where: { $0.property == property }) else { return error }
      let name = shape.resolver.field(at: index)?.name
      return FieldError(name.map { $0 + error.field.dropFirst(property.count) } ?? "", code: error.code, error.message)
    }
    return Self.prefixed(fields, prefix)
  }

  /// Adds an error for every value that must be unique and that another row has, or an earlier draft. A unique constraint
  /// with a condition is the database's to judge.
  func addTaken(_ drafts: inout [RowDraft<M>], _ db: Database) async throws {
    for columns in writing.uniqueSets {
      let names = columns.compactMap { shape.resolver.field(at: $0)?.name }
      guard names.count == columns.count else { continue }
      let asked = drafts.indices.compactMap { place in Self.values(drafts[place], columns, names).map { (place, $0) } }
      guard !asked.isEmpty else { continue }
      var seen: Set<[SQLValue]> = []
      for part in asked.slices(of: 100) {
        let rows = try await Self.rows(with: part.map(\.1), in: columns, db)
        for (place, values) in part {
          let isAlone = asked.count == 1, original = drafts[place].original?.id
          // Where one row is asked for, whatever the database finds is equal in its eyes: its collation may be laxer.
          let isTaken = rows.contains { row in
            row.id != original && (isAlone || columns.map { row.columnValue(at: $0) } == values)
          }
          if !seen.insert(values).inserted || isTaken {
            drafts[place].errors += names.map {
              FieldError(drafts[place].prefix + $0, code: "unique", Self.uniqueMessage(names))
            }
          }
        }
      }
    }
  }

  static func uniqueMessage(_ names: [String]) -> String {
    names.count == 1
      ? "This field must be unique." : "The fields \(names.joined(separator: ", ")) must make a unique set."
  }

  /// What the draft will hold there; `nil` where it cannot clash: NULLs never do, and its own values are its own.
  private static func values(_ draft: RowDraft<M>, _ columns: [Int], _ names: [String]) -> [SQLValue]? {
    guard names.allSatisfy(draft.isSound) else { return nil }
    let values = columns.compactMap { draft.value(at: $0) }
    guard values.count == columns.count, !values.contains(where: \.isNull) else { return nil }
    if let original = draft.original, columns.map({ original.columnValue(at: $0) }) == values { return nil }
    return values
  }

  private static func rows(with values: [[SQLValue]], in columns: [Int], _ db: Database) async throws -> [M] {
    let query = M.query, nodes = columns.map { Node.column(ColumnReference(path: query.root, index: $0)) }
    if nodes.count == 1 { return try await query.filter(node: .inList(nodes[0], values.map { $0[0] })).all(db) }
    let condition = values.reduce(Node.alwaysFalse) { any, row in
      .or(any, zip(nodes, row).reduce(Node.alwaysTrue) { .and($0, .binary(.equal, $1.0, .value($1.1))) })
    }
    return try await query.filter(node: condition).all(db)
  }
}
