extension SwiftClient {
  /// One of several types, as an enum; what fits first, decodes.
  func writeUnion(_ name: String, _ parts: [ClientType], _ source: inout SourceText) {
    var names = NameScope(reserved: SwiftNames.reservedCases)
    let cases = parts.map { (name: SwiftNames.escaped(names.claim(caseName($0))), type: types.type($0)) }
    source.block("public indirect enum \(name): Codable, Hashable, Sendable {", "}") { source in
      for item in cases { source.line("case \(item.name)(\(item.type))") }
      source.block("public init(from decoder: any Decoder) throws {", "}") { source in
        source.line("let container = try decoder.singleValueContainer()")
        for item in cases.dropLast() {
          source.line("if let value = try? container.decode(\(item.type).self) { self = .\(item.name)(value); return }")
        }
        if let last = cases.last { source.line("self = .\(last.name)(try container.decode(\(last.type).self))") }
      }
      source.block("public func encode(to encoder: any Encoder) throws {", "}") { source in
        source.line("var container = encoder.singleValueContainer()")
        source.block("switch self {", "}") { source in
          for item in cases { source.line("case .\(item.name)(let value): try container.encode(value)") }
        }
      }
    }
  }

  private func caseName(_ type: ClientType) -> String {
    switch type {
    case .reference(let component): ClientNames.member(types.name(component))
    case .array(let element): caseName(element) + "List"
    case .map: "object"
    case .boolean: "bool"
    case .integer: "integer"
    case .number: "number"
    case .string: "text"
    case .nullable(let wrapped): caseName(wrapped)
    case .any, .object, .choices, .oneOf: "json"
    }
  }
}
