import MartletORM
import MartletSQL

extension ColumnSchema {
  /// The rules as keywords of JSON Schema, added to the column's schema. What has no keyword is checked and not described.
  func withRules(_ schema: JSONTree) -> JSONTree {
    rules.flatMap(\.parts).reduce(schema) { $1.test.added(to: $0) }
  }
}

extension FieldRule.Test {
  fileprivate func added(to schema: JSONTree) -> JSONTree {
    switch self {
    case .minLength(let least): return schema.tightening("minLength", .number(String(least)), isLeast: true)
    case .maxLength(let most): return schema.tightening("maxLength", .number(String(most)), isLeast: false)
    case .min(let bound, let isExcluded):
      return schema.bounding(isExcluded ? "exclusiveMinimum" : "minimum", bound, isLeast: true)
    case .max(let bound, let isExcluded):
      return schema.bounding(isExcluded ? "exclusiveMaximum" : "maximum", bound, isLeast: false)
    case .multipleOf(let step): return schema.bounding("multipleOf", step, isLeast: nil)
    case .pattern(let pattern): return schema.matching(pattern.source)
    case .email: return schema.adding("format", "email")
    case .url(let schemes):
      return schema.adding("format", "uri").tightening("maxLength", "2048", isLeast: false)
        .matching("^(\(schemes.map(FieldRule.Test.anyCase).joined(separator: "|")))://")
    case .slug(let allowsUnicode): return schema.matching(allowsUnicode ? #"^[\p{L}\p{N}_-]+$"# : "^[a-zA-Z0-9_-]+$")
    case .ipAddress(let version?): return schema.adding("format", version == .v4 ? "ipv4" : "ipv6")
    case .ipAddress(nil): return schema.adding("anyOf", [["format": "ipv4"], ["format": "ipv6"]])
    case .oneOf(let values): return schema.adding("enum", .array(values.map(\.tree)))
    case .notBlank: return schema.matching(#"\S"#).tightening("minLength", "1", isLeast: true)
    case .minItems(let least): return schema.adding("minItems", .number(String(least)))
    case .maxItems(let most): return schema.adding("maxItems", .number(String(most)))
    case .each(let parts):
      return schema.adding("items", parts.reduce(schema["items"] ?? .object([])) { $1.test.added(to: $0) })
    case .allowBlank, .custom, .unreadable: return schema
    }
  }

  /// `[Hh][Tt][Tt][Pp]`: schemes have no case, and JSON Schema's patterns no flags.
  private static func anyCase(_ scheme: String) -> String {
    scheme.map { $0.isLetter ? "[\($0.uppercased())\($0.lowercased())]" : $0 == "+" || $0 == "." ? "\\\($0)" : String($0) }
      .joined()
  }
}

extension JSONTree {
  /// Whether the schema's value may be a number.
  private var isNumber: Bool {
    switch self["type"] {
    case .string(let type)?: type == "integer" || type == "number"
    case .array(let types)?: types.contains("number") || types.contains("integer")
    default: false
    }
  }
  /// A bound of a number; dates and texts have no keyword for theirs.
  fileprivate func bounding(_ name: String, _ value: SQLValue, isLeast: Bool?) -> JSONTree {
    guard isNumber, value.order(to: .int(0)) != nil else { return self }
    let number = JSONTree.number(value.ruleText)
    return isLeast.map { tightening(name, number, isLeast: $0) } ?? adding(name, number)
  }
  /// The stricter of the bound that is there and this one.
  fileprivate func tightening(_ name: String, _ value: JSONTree, isLeast: Bool) -> JSONTree {
    guard let present = self[name], let old = Double(present.text), let new = Double(value.number) else {
      return adding(name, .number(value.number))
    }
    return (isLeast ? new > old : new < old) ? adding(name, .number(value.number)) : self
  }
  private var number: String { if case .string(let text) = self { text } else { text } }
  /// With a pattern; one more of them, where there is one.
  fileprivate func matching(_ pattern: String) -> JSONTree {
    guard self["pattern"] != nil else { return adding("pattern", .string(pattern)) }
    let others: [JSONTree] = if case .array(let all)? = self["allOf"] { all } else { [] }
    return adding("allOf", .array(others + [["pattern": .string(pattern)]]))
  }
}
