import MartletCore
import MartletHTTP
import MartletORM
import MartletSQL

/// One row in a nested list: a key, an object, or an object with a key.
struct NestedItem: Sendable {
  /// `comments.0.`
  var prefix: String
  var key: SQLValue?
  /// What the client gave, with the key; `nil` where it gave the key alone.
  var object: JSONTree?

  /// What a row that is there is to hold: its key has named it.
  func fields(without keyName: String) -> JSONTree? { key == nil ? object : object?.without(keyName) }
}

/// The items of one parent's list.
struct NestedItems: Sendable {
  /// Most rows of one nested list: each may take a statement of its own.
  static let limit = 100

  var items: [NestedItem] = []
  var errors: [FieldError] = []

  /// Reads a list of keys and objects.
  init(list value: JSONTree, _ prefix: String, _ child: ResourceShape) {
    let name = String(prefix.dropLast())
    guard case .array(let elements) = value else {
      errors.append(FieldError(name, code: "not_a_list", "Expected a list of items."))
      return
    }
    guard elements.count <= Self.limit else {
      errors.append(FieldError(name, code: "max_length", "Ensure this field has no more than \(Self.limit) elements."))
      return
    }
    var seen: Set<SQLValue> = []
    for (index, element) in elements.enumerated() {
      guard let item = read(element, "\(prefix)\(index).", child) else { continue }
      if let key = item.key, !seen.insert(key).inserted {
        errors.append(FieldError(String(item.prefix.dropLast()), code: "duplicate", "This row stands in the list already."))
      } else {
        items.append(item)
      }
    }
  }

  /// Reads the one row of a to-one relation; `null` is none.
  init(single value: JSONTree, _ prefix: String, _ child: ResourceShape) {
    switch value {
    case .null: break
    case .object: if let item = read(value, prefix, child) { items.append(item) }
    default: errors.append(FieldError(String(prefix.dropLast()), code: "invalid", "Invalid data. Expected an object."))
    }
  }

  private mutating func read(_ element: JSONTree, _ prefix: String, _ child: ResourceShape) -> NestedItem? {
    let key = child.schema.primaryKey, keyName = child.keyName
    guard case .object = element else {
      return parse(element, String(prefix.dropLast()), key).map { NestedItem(prefix: prefix, key: $0) }
    }
    guard let given = element[keyName], given != .null else { return NestedItem(prefix: prefix, object: element) }
    return parse(given, prefix + keyName, key).map { NestedItem(prefix: prefix, key: $0, object: element) }
  }

  private mutating func parse(_ value: JSONTree, _ field: String, _ key: ColumnSchema) -> SQLValue? {
    switch InputValue.read(value, for: key) {
    case .success(let key): return key
    case .failure:
      errors.append(FieldError(field, code: "incorrect_type", "Incorrect type. Expected a key or an object."))
      return nil
    }
  }
}

/// The rows of one nested relation, for all parents of the request.
struct NestedDrafts<T: Model>: Sendable {
  /// Rows to insert, each with the place of its parent.
  var created: [RowDraft<T>] = []
  var createdOwners: [Int] = []
  /// Rows to change.
  var changed: [RowDraft<T>] = []
  var changedOwners: [Int] = []
  /// The rows that were there and stay, for each parent.
  var kept: [[T]]
  var errors: [[FieldError]]

  init(_ items: [NestedItems]) {
    kept = items.map { _ in [] }
    errors = items.map(\.errors)
  }

  /// Takes all items; rows that are there go by their keys, whoever refers to them.
  init(
    _ items: [NestedItems], _ known: [SQLValue: T], _ endpoints: ResourceEndpoints<T>, _ context: ResourceContext
  ) async throws {
    self.init(items)
    for (place, items) in items.enumerated() {
      for item in items.items {
        try await add(item, of: place, existing: item.key.flatMap { known[$0] }, endpoints, fixed: [:], context)
      }
    }
  }

  /// Takes one item: a row that is there, or a new one.
  mutating func add(
    _ item: NestedItem, of owner: Int, existing: T?, _ endpoints: ResourceEndpoints<T>, fixed: [Int: SQLValue],
    _ context: ResourceContext
  ) async throws {
    if let existing {
      kept[owner].append(existing)
      guard let fields = item.fields(without: endpoints.shape.keyName) else { return }
      let draft = try endpoints.changedDraft(existing, by: fields, isPartial: true, prefix: item.prefix)
      // A row that is sent back as it was read needs no right to change it.
      if draft.errors.isEmpty, draft.nested.isEmpty, draft.row?.columnValues == existing.columnValues { return }
      changed.append(draft)
      changedOwners.append(owner)
      return
    }
    guard let object = item.object, item.key == nil || endpoints.shape.schema.primaryKey.keyGeneration == .none else {
      if let key = item.key {
        errors[owner].append(ResourceEndpoints<T>.missing(String(item.prefix.dropLast()), key))
      }
      return
    }
    created.append(try await endpoints.newDraft(object, context, prefix: item.prefix, fixed: fixed))
    createdOwners.append(owner)
  }

  /// Checks all rows, and hands their errors to their parents. What the viewer may not do at all is refused before anything
  /// is told of the values.
  mutating func check(
    _ endpoints: ResourceEndpoints<T>, _ context: ResourceContext
  ) async throws -> (created: [NestedPart<T>], changed: [NestedPart<T>]) {
    if !created.isEmpty, endpoints.isNever(.create, context.viewer) {
      throw RefusedRows(places: created.map { String($0.prefix.dropLast()) })
    }
    try await endpoints.authorize(changed.compactMap(\.original), .update, at: changed.map(\.prefix), context)
    let parts = (try await endpoints.check(&created, context), try await endpoints.check(&changed, context))
    let failed = (created + changed).contains { !$0.errors.isEmpty } || errors.contains { !$0.isEmpty }
    if failed {
      try await endpoints.addTaken(&created, context.db)
      try await endpoints.addTaken(&changed, context.db)
    }
    for (owner, draft) in zip(createdOwners, created) { errors[owner] += draft.errors }
    for (owner, draft) in zip(changedOwners, changed) { errors[owner] += draft.errors }
    return parts
  }
}
