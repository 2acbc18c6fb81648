/// Identifiers and literals of Swift.
enum SwiftNames {
  /// The name, in backticks where it is a word of the language.
  static func escaped(_ name: String) -> String { keywords.contains(name) ? "`\(name)`" : name }

  /// A text as a literal: nothing in it is interpolated or ends it.
  static func literal(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case "\"": result += "\\\""
      default:
        if scalar.value < 32 || scalar.value == 127 || (0x80..<0xA0).contains(scalar.value) || scalar.value == 0x2028
          || scalar.value == 0x2029
        {
          result += "\\u{\(String(scalar.value, radix: 16))}"
        } else {
          result.unicodeScalars.append(scalar)
        }
      }
    }
    return result + "\""
  }

  /// What the file declares itself, and what it means of Foundation's and the language's.
  static let reservedTypes: Set<String> = [
    "Client", "ClientRequest", "ClientResponse", "ClientTransport", "URLSessionTransport", "ClientCalls", "ClientCore",
    "APIError",
    "Answer", "Call", "PagedCall", "PageSequence", "ItemSequence", "CallOptions", "Credentials", "Secret", "JSONValue",
    "Nullable",
    "Indirect", "ParameterValue", "MultipartForm", "PreparedCall", "String", "Int", "Int64", "Double", "Bool", "Date", "UUID",
    "Data",
    "URL", "URLSession", "URLRequest", "Array", "Dictionary", "Optional", "Set", "Error", "Codable", "Decodable", "Encodable",
    "Sendable", "Hashable", "CodingKey", "CodingKeys", "Result", "Task", "Decoder", "Encoder", "AsyncSequence",
    "AsyncIteratorProtocol", "Any",
    "Self", "Type", "Protocol", "CaseIterable", "RawRepresentable", "JSONEncoder", "JSONDecoder", "Foundation", "Swift",
    "Character",
    "Substring", "Never", "Void", "HTTPURLResponse", "CharacterSet",
  ]
  static let reservedCases: Set<String> = [
    "unrecognized", "rawValue", "allCases", "init", "self", "hashValue", "parameterText", "encode", "hash", "none", "some",
  ]
  private static let keywords: Set<String> = [
    "associatedtype", "class", "deinit", "enum", "extension", "fileprivate", "func", "import", "init", "inout", "internal", "let",
    "open", "operator", "private", "precedencegroup", "protocol", "public", "rethrows", "static", "struct", "subscript",
    "typealias", "var", "break", "case", "catch", "continue", "default", "defer", "do", "else", "fallthrough", "for", "guard",
    "if", "in", "repeat", "return", "throw", "switch", "where", "while", "any", "as", "await", "false", "is", "nil", "self",
    "super", "throws", "true", "try", "async", "actor", "some", "each", "consume", "copy", "borrowing", "consuming", "_",
  ]
}
