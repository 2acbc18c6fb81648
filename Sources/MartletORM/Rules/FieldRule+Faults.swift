import Foundation
package import MartletCore
package import MartletSQL

extension FieldRule {
  /// What is wrong with a value; nothing for NULL. The errors' field is empty, or an element's place in a list.
  package func faults(in value: SQLValue) -> [FieldError] {
    value.isNull ? [] : parts.flatMap { $0.faults(in: value, at: "") }
  }
}

extension FieldRule.Part {
  fileprivate func faults(in value: SQLValue, at field: String) -> [FieldError] {
    if case .each(let parts) = test {
      guard case .array(let elements, _) = value else { return [error(field)] }
      return elements.enumerated().flatMap { index, element in
        element.isNull ? [] : parts.flatMap { $0.faults(in: element, at: field.isEmpty ? "\(index)" : "\(field).\(index)") }
      }
    }
    return test.holds(for: value) ? [] : [error(field)]
  }
  private func error(_ field: String) -> FieldError { FieldError(field, code: code, message) }
}

extension FieldRule.Test {
  /// Whether the value obeys. What a rule cannot judge breaks it: a rule on the wrong column lets nothing through.
  fileprivate func holds(for value: SQLValue) -> Bool {
    switch self {
    case .allowBlank: return true
    case .min(let bound, let isExcluded): return value.order(to: bound).map { isExcluded ? $0 > 0 : $0 >= 0 } ?? false
    case .max(let bound, let isExcluded): return value.order(to: bound).map { isExcluded ? $0 < 0 : $0 <= 0 } ?? false
    case .multipleOf(let step): return value.isMultiple(of: step)
    case .oneOf(let values): return values.contains { $0 == value || value.order(to: $0) == 0 }
    case .custom(let test): return test(value) ?? false
    case .each: return true
    case .minItems(let least): return value.count.map { $0 >= least } ?? false
    case .maxItems(let most): return value.count.map { $0 <= most } ?? false
    default:
      switch value {
      case .text(let text), .native(_, let text): return holds(for: text)
      default: return false
      }
    }
  }

  private func holds(for text: String) -> Bool {
    switch self {
    case .minLength(let least): text.unicodeScalars.count >= least
    case .maxLength(let most): text.unicodeScalars.count <= most
    case .pattern(let pattern): pattern.isFound(in: text)
    case .email: AddressRules.isEmail(text)
    case .url(let schemes): AddressRules.isURL(text, schemes: schemes)
    case .slug(let allowsUnicode): AddressRules.isSlug(text, allowsUnicode: allowsUnicode)
    case .ipAddress(let version): AddressRules.isIPAddress(text, version)
    case .notBlank: !text.allSatisfy(\.isWhitespace)
    default: false
    }
  }
}

extension SQLValue {
  fileprivate var count: Int? { if case .array(let elements, _) = self { elements.count } else { nil } }

  /// A number without passing through a binary one: 0.1 of a Double means one tenth here.
  fileprivate var exact: Decimal? {
    switch self {
    case .int(let value): Decimal(value)
    case .uint(let value): Decimal(value)
    case .decimal(let value): value.isNaN ? nil : value
    case .double(let value): value.isFinite && abs(value) < 1e100 ? Decimal(string: value.description) : nil
    default: nil
    }
  }
  private var binary: Double? {
    switch self {
    case .int(let value): Double(value)
    case .uint(let value): Double(value)
    case .decimal(let value): value.isNaN ? nil : NSDecimalNumber(decimal: value).doubleValue
    case .double(let value): value.isNaN ? nil : value
    default: nil
    }
  }

  /// Negative, 0 or positive; `nil` where the two cannot be compared. Numbers of all kinds can.
  package func order(to other: SQLValue) -> Int? {
    if let order = SQLValue.compare(self, other) { return order }
    if let l = exact, let r = other.exact { return l < r ? -1 : l > r ? 1 : 0 }
    if let l = binary, let r = other.binary { return l < r ? -1 : l > r ? 1 : 0 }
    return nil
  }

  fileprivate func isMultiple(of step: SQLValue) -> Bool {
    guard let value = exact, let step = step.exact, step != 0 else { return false }
    var quotient = value / step, whole = Decimal()
    NSDecimalRound(&whole, &quotient, 0, .plain)
    return whole * step == value
  }
}
