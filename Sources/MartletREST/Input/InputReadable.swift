import MartletCore

/// What may stand in an ``Input`` besides the values of columns: inputs, lists of them, optional ones, ``Given``.
public protocol InputReadable: Sendable {
  /// The value of what was sent; `nil` where something is wrong, which is noted.
  static func read(_ node: InputNode, _ errors: inout FieldErrors) -> Self?
  /// The value where nothing was sent; `nil` where something must be.
  static var missingValue: Self? { get }
}

extension InputReadable {
  /// Something must be sent.
  public static var missingValue: Self? { nil }
}

/// A value that was sent, and where it stood.
public struct InputNode: Sendable {
  package let tree: JSONTree
  package let path: String
  /// Whether it comes from a query string or a form, where everything is text.
  package let isText: Bool

  package init(tree: JSONTree, path: String, isText: Bool) {
    self.tree = tree
    self.path = path
    self.isText = isText
  }

  /// The whole input.
  /// - Throws: ``ValidationError`` with everything that is wrong.
  package func input<T: Input>(_ type: T.Type) throws -> T {
    var errors = FieldErrors()
    let value = T.read(self, &errors)
    guard let value, errors.errors.isEmpty else { throw ValidationError(errors.errors) }
    return value
  }
  /// What stands inside, under a name or at a place.
  func inside(_ name: String, _ tree: JSONTree) -> InputNode {
    InputNode(tree: tree, path: path.isEmpty ? name : path + "." + name, isText: isText)
  }
}

extension Input {
  /// Reads an object: every field, then the rules over several of them.
  public static func read(_ node: InputNode, _ errors: inout FieldErrors) -> Self? {
    guard case .object(let members) = node.tree else {
      errors.at(node.path) { $0.add("", "Invalid data. Expected an object.") }
      return nil
    }
    var fields = InputFields(inputSchema, node, members, errors)
    let value = Self(reading: &fields)
    let isFine = fields.errors.errors.count == errors.errors.count
    errors = fields.errors
    guard isFine, let value else { return nil }
    let count = errors.errors.count
    errors.at(node.path) { value.validate(&$0) }
    return errors.errors.count == count ? value : nil
  }
}

extension Optional: InputReadable where Wrapped: InputReadable {
  /// `null` is nothing.
  public static func read(_ node: InputNode, _ errors: inout FieldErrors) -> Wrapped?? {
    if case .null = node.tree { return .some(nil) }
    return Wrapped.read(node, &errors).map { .some($0) }
  }
  /// Nothing.
  public static var missingValue: Wrapped?? { .some(nil) }
}

extension Array: InputReadable where Element: InputReadable {
  /// Every element, whatever is wrong with those before it.
  public static func read(_ node: InputNode, _ errors: inout FieldErrors) -> [Element]? {
    guard case .array(let elements) = node.tree else {
      errors.at(node.path) { $0.add("", code: "not_a_list", "Expected a list of items.") }
      return nil
    }
    var values: [Element] = [], isFine = true
    for (index, element) in elements.enumerated() where !errors.isFull {
      if let value = Element.read(node.inside(String(index), element), &errors) {
        values.append(value)
      } else {
        isFine = false
      }
    }
    return isFine && values.count == elements.count ? values : nil
  }
}

extension Given: InputReadable where Value: InputReadable {
  /// The value that was sent.
  public static func read(_ node: InputNode, _ errors: inout FieldErrors) -> Given? {
    Value.read(node, &errors).map { .value($0) }
  }
  /// `.missing`
  public static var missingValue: Given? { .missing }
}
