import MartletCore
import MartletORM
import MartletSQL

/// One row of the input on its way into the database.
struct RowDraft<M: Model>: Sendable {
  /// Where in the input the row stands, for the names of its errors: empty, `3.`, `comments.0.`.
  var prefix = ""
  /// The row as it is, where it is changed.
  var original: M?
  /// The row as it is to be; `nil` where fields are at fault.
  var row: M?
  /// Where fields are at fault: the row with anything in their place, for rules that look at the others.
  var provisional: M?
  /// The columns that the input gave, by place.
  var given: [Int: SQLValue] = [:]
  /// What nested relations were given, by their place.
  var nested: [Int: JSONTree] = [:]
  var errors: [FieldError] = []

  /// What a column will hold, as far as that is known.
  func value(at index: Int) -> SQLValue? { row?.columnValue(at: index) ?? given[index] ?? provisional?.columnValue(at: index) }
  /// Whether nothing is wrong with a field so far.
  func isSound(_ name: String) -> Bool { !errors.contains { $0.isAbout(prefix + name) } }
}

extension ResourceEndpoints {
  /// Reads the input where that needs no transaction, so that wrong input takes no connection for one; `nil` otherwise.
  ///
  /// - Throws: What is wrong with the input.
  func earlyDraft(_ input: JSONTree, _ context: ResourceContext) async throws -> RowDraft<M>? {
    guard writing.fills.isEmpty else { return nil }
    let draft = try await newDraft(input, context)
    guard !draft.errors.isEmpty else { return draft }
    var drafts = [draft]
    _ = try await check(&drafts, context)
    if let failure = try await failure(drafts, context.db) { throw failure }
    return draft
  }

  /// A new row of the input.
  ///
  /// - Parameter fixed: Values that the caller gives, by the place of their columns.
  func newDraft(
    _ input: JSONTree, _ context: ResourceContext, prefix: String = "", fixed: [Int: SQLValue] = [:]
  ) async throws -> RowDraft<M> {
    var filled = fixed
    for fill in writing.fills where filled[fill.index] == nil { filled[fill.index] = try await fill.value(context) }
    var draft = RowDraft<M>(prefix: prefix), reader = InputReader<M>(shape)
    let fields = split(input, &draft)
    filled.merge(references(draft)) { given, _ in given }
    do { draft.row = try reader.newRow(fields, filled: filled) } catch let error as ValidationError {
      draft.errors = Self.prefixed(error.errors, prefix)
      draft.provisional = reader.provisionalRow(original: nil, filled: filled)
    }
    draft.given = reader.given
    return draft
  }

  /// A row with the input's changes.
  func changedDraft(_ original: M, by input: JSONTree, isPartial: Bool, prefix: String = "") throws -> RowDraft<M> {
    var draft = RowDraft<M>(prefix: prefix, original: original), reader = InputReader<M>(shape)
    let fields = split(input, &draft), filled = references(draft)
    do { draft.row = try reader.changed(original, by: fields, isPartial: isPartial, filled: filled) } catch let error
      as ValidationError
    {
      draft.errors = Self.prefixed(error.errors, prefix)
      draft.provisional = reader.provisionalRow(original: original, filled: filled)
    }
    draft.given = reader.given
    return draft
  }

  /// Takes the nested relations out of an object.
  private func split(_ input: JSONTree, _ draft: inout RowDraft<M>) -> JSONTree {
    guard !writing.nested.isEmpty, case .object(let members) = input else { return input }
    var rest: [JSONTree.Member] = []
    for member in members {
      let place = writing.nested.firstIndex { $0.name == member.name }
      if let place, takes(member.value, writing.nested[place], isNew: draft.original == nil) {
        draft.nested[place] = member.value
      } else {
        rest.append(member)
      }
    }
    return .object(rest)
  }

  /// A reference is a field like any other, unless it is given by value.
  private func takes(_ value: JSONTree, _ relation: BoundNested<M>, isNew: Bool) -> Bool {
    guard let reference = relation.reference else { return true }
    guard case .object = value, let field = shape.fields.first(where: { $0.index == reference }) else { return false }
    return isNew ? field.isWritableOnCreate : field.isWritable
  }

  /// What stands in references to rows that are yet to be written.
  private func references(_ draft: RowDraft<M>) -> [Int: SQLValue] {
    var filled: [Int: SQLValue] = [:]
    for place in draft.nested.keys {
      guard let reference = writing.nested[place].reference else { continue }
      filled[reference] = draft.original?.columnValue(at: reference) ?? shape.schema.columns[reference].anyValue
    }
    return filled
  }

  static func prefixed(_ errors: [FieldError], _ prefix: String) -> [FieldError] {
    prefix.isEmpty
      ? errors
      : errors.map { FieldError($0.field.isEmpty ? String(prefix.dropLast()) : prefix + $0.field, code: $0.code, $0.message) }
  }
}

extension FieldError {
  /// Whether the error is one of the field, or of a part of it.
  func isAbout(_ name: String) -> Bool { field == name || field.hasPrefix(name + ".") }
}
