import MartletCore
import MartletHTTP
import MartletORM
import MartletSQL

extension ResourceEndpoints {
  /// Adds what is wrong with the drafts beyond their single fields: references, rules, nested rows.
  func check(_ drafts: inout [RowDraft<M>], _ context: ResourceContext) async throws -> [NestedPart<M>] {
    try await checkReferences(&drafts, context)
    try await checkRules(&drafts, context)
    return try await nestedParts(&drafts, context)
  }

  private func checkRules(_ drafts: inout [RowDraft<M>], _ context: ResourceContext) async throws {
    for (columns, rule) in writing.rules {
      for index in drafts.indices {
        let draft = drafts[index]
        let isSound =
          columns.map { $0.allSatisfy { column in shape.resolver.field(at: column).map { draft.isSound($0.name) } ?? true } }
          ?? (draft.row != nil)
        guard isSound, let row = draft.row ?? draft.provisional else { continue }
        var errors = RowErrors<M>(shape.resolver)
        try await Self.located(draft.prefix) { try await rule.body(row, &errors, context) }
        drafts[index].errors += Self.prefixed(errors.errors, draft.prefix)
      }
    }
  }

  /// Runs what may say that a row is not valid, and names the row's place in the input.
  static func located<R>(_ prefix: String, _ body: () async throws -> R) async throws -> R {
    do { return try await body() } catch let error as ValidationError where !prefix.isEmpty {
      throw ValidationError(prefixed(error.errors, prefix))
    }
  }

  /// The answer for drafts with errors, those of values that are taken included; `nil` where there is none.
  func failure(_ drafts: [RowDraft<M>], _ db: Database) async throws -> (any Error)? {
    guard drafts.contains(where: { !$0.errors.isEmpty }) else { return nil }
    var drafts = drafts
    try await addTaken(&drafts, db)
    return failure(drafts.flatMap(\.errors))
  }

  /// 409 where values are taken and nothing else is wrong, else 422.
  func failure(_ errors: [FieldError]) -> (any Error)? {
    let errors = Array(errors.prefix(InputLimits.errors))
    guard !errors.isEmpty else { return nil }
    guard errors.allSatisfy({ $0.code == "unique" }) else { return ValidationError(errors) }
    let names = errors.map(\.field).joined(separator: ", ")
    return HTTPError(.conflict, "Another \(shape.schema.label) has this \(names) already.", errors: errors)
  }
}
