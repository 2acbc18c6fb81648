import MartletCore
import MartletORM
public import MartletSQL

/// The fields of an object on their way into an ``Input``: read one after the other by the code that
/// ``Input(naming:unknownFields:)`` writes. What is wrong is collected; the reading goes on.
public struct InputFields {
  private let schema: InputSchema
  private let node: InputNode
  /// What was sent for each field.
  private var sent: [JSONTree?]
  package private(set) var errors: FieldErrors

  init(_ schema: InputSchema, _ node: InputNode, _ members: [JSONTree.Member], _ errors: FieldErrors) {
    self.schema = schema
    self.node = node
    self.errors = errors
    sent = Array(repeating: nil, count: schema.fields.count)
    for member in members {
      if let index = schema.fields.firstIndex(where: { $0.name == member.name }) {
        sent[index] = member.value
      } else if schema.unknownFields == .refused {
        note(
          String(member.name.prefix(80)), "unknown_field",
          "There is no such field. Allowed: \(schema.fields.map(\.name).joined(separator: ", ")).")
      }
      if self.errors.isFull { break }
    }
  }

  /// A value of a column type.
  public mutating func read<V: ColumnValue>(_ index: Int, _ type: V.Type, default initial: (() -> V)? = nil) -> V? {
    let field = schema.fields[index]
    guard let tree = value(index) else {
      if let initial { return initial() }
      if V.isNullable { return decode(.null, field) }
      note(field.name, "required", "This field is required.")
      return nil
    }
    return present(tree, field)
  }
  /// A value of a column type that may be left out.
  public mutating func read<V: ColumnValue>(_ index: Int, _ type: Given<V>.Type) -> Given<V>? {
    guard let tree = value(index) else { return .missing }
    let value: V? = present(tree, schema.fields[index])
    return value.map { .value($0) }
  }
  /// Another input, or a list of them.
  public mutating func read<V: InputReadable>(_ index: Int, _ type: V.Type, default initial: (() -> V)? = nil) -> V? {
    let field = schema.fields[index]
    guard let tree = sent[index] else {
      if let value = initial?() ?? V.missingValue { return value }
      note(field.name, "required", "This field is required.")
      return nil
    }
    if case .null = tree, !(V.self is any OptionalInput.Type) {
      note(field.name, "null", "This field may not be null.")
      return nil
    }
    guard keepsRules(tree, field) else { return nil }
    return V.read(node.inside(field.name, tree), &errors)
  }

  // MARK: Values

  /// What was sent for a field. In a form, an empty text is nothing for what may be left out and is no text.
  private func value(_ index: Int) -> JSONTree? {
    guard let tree = sent[index], node.isText else { return sent[index] }
    let field = schema.fields[index], read = FormText.tree(tree, for: field.column)
    if case .string("") = read, !field.column.isText { return nil }
    return read
  }

  private mutating func present<V: ColumnValue>(_ tree: JSONTree, _ field: InputField) -> V? {
    let column = field.column
    if case .null = tree, column.type != .json || column.isNullable {
      if column.isNullable { return decode(.null, field) }
      note(field.name, "null", "This field may not be null.")
      return nil
    }
    switch InputValue.readAll(tree.transformed(by: column.options.transform), for: column) {
    case .failure(let faults): add(faults, field)
    case .success(let value):
      if column.isBlankRefused, case .text(let text) = value, text.allSatisfy(\.isWhitespace) {
        note(field.name, "blank", "This field may not be blank.")
        return nil
      }
      let broken = column.brokenRules(by: value)
      if broken.isEmpty { return decode(value, field) }
      add(broken, field)
    }
    return nil
  }

  /// The value as its Swift type.
  private mutating func decode<V: ColumnValue>(_ value: SQLValue, _ field: InputField) -> V? {
    if let decoded = try? RowCells.withRow([value], { try V.read(&$0) }) { return decoded }
    note(field.name, "invalid", "The value does not have the form that this field needs.")
    return nil
  }

  /// The rules of a list of inputs: of them only its length can be judged.
  private mutating func keepsRules(_ tree: JSONTree, _ field: InputField) -> Bool {
    guard !field.column.rules.isEmpty else { return true }
    let value: SQLValue =
      if case .array(let elements) = tree {
        .array(Array(repeating: .json("{}"), count: elements.count), of: .json)
      } else {
        .json("{}")
      }
    let broken = field.column.brokenRules(by: value)
    add(broken, field)
    return broken.isEmpty
  }

  private mutating func add(_ faults: InputFaults, _ field: InputField) {
    let found = faults.errors(of: field.name)
    errors.at(node.path) { $0.add(found) }
  }
  private mutating func note(_ name: String, _ code: String, _ message: String) {
    errors.at(node.path) { $0.add(name, code: code, message) }
  }
}

/// What takes `null`.
private protocol OptionalInput {}
extension Optional: OptionalInput {}
extension Given: OptionalInput where Value: OptionalInput {}

extension ColumnSchema {
  /// Whether an empty text is a value of the column.
  fileprivate var isText: Bool {
    switch type {
    case .varchar, .text: choices.isEmpty || !isNullable
    case .array: true
    default: false
    }
  }
}
