package import MartletCore
package import MartletORM
package import MartletSQL

/// All that is wrong with one value. The errors' field is empty, or an element's place in a list.
package struct InputFaults: Error, Hashable {
  package var list: [FieldError]
  package init(_ list: [FieldError]) { self.list = list }

  package var isEmpty: Bool { list.isEmpty }
  /// The errors, with the field's name: `tags`, or `tags.0`.
  package func errors(of name: String) -> [FieldError] {
    list.map { FieldError($0.field.isEmpty ? name : "\(name).\($0.field)", code: $0.code, $0.message) }
  }
}

extension InputValue {
  /// The value as ``read(_:for:)`` gives it, with all that is wrong in a list, element by element.
  package static func readAll(_ input: JSONTree, for column: ColumnSchema) -> Result<SQLValue, InputFaults> {
    guard case .array(let type) = column.type, case .array(let elements) = input else {
      return read(input, for: column).mapError { InputFaults([FieldError("", code: $0.code, $0.message)]) }
    }
    var part = column, items: [SQLValue] = [], faults: [FieldError] = []
    part.type = type
    part.choices = column.element.choices
    for (index, element) in elements.enumerated() where faults.count < InputLimits.errors {
      if case .null = element, type != .json {
        items.append(.null)
        if !column.element.isNullable { faults.append(FieldError(String(index), code: "null", "This field may not be null.")) }
        continue
      }
      switch read(element, for: part) {
      case .success(let value): items.append(value)
      case .failure(let fault): faults.append(FieldError(String(index), code: fault.code, fault.message))
      }
    }
    return faults.isEmpty ? .success(.array(items, of: type)) : .failure(InputFaults(faults))
  }
}

extension ColumnSchema {
  /// Which rules of `@Field(validate:)` a value breaks.
  func brokenRules(by value: SQLValue) -> InputFaults {
    InputFaults(Array(rules.lazy.flatMap { $0.faults(in: value) }.prefix(InputLimits.errors)))
  }
}

extension JSONTree {
  /// Text, and the texts of a list, as `@Field(transform:)` says.
  func transformed(by transform: TextTransform) -> JSONTree {
    switch self {
    case _ where transform.isEmpty: self
    case .string(let text): .string(transform.apply(to: text))
    case .array(let elements): .array(elements.map { $0.transformed(by: transform) })
    default: self
    }
  }
}
