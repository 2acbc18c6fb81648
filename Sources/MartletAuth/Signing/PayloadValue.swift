import Foundation

/// JSON as Django's signed payloads hold it: the order of keys and the digits of numbers survive a round trip, so that
/// writing back a session that Django wrote changes nothing but what was set.
enum PayloadValue: Sendable, Hashable {
  case null
  case bool(Bool)
  /// A number's own text.
  case number(String)
  case string(String)
  case array([PayloadValue])
  case object([Member])

  struct Member: Sendable, Hashable {
    var key: String
    var value: PayloadValue
  }

  /// What a Codable value encodes to; keys sorted.
  /// - Throws: ``AuthError`` of kind `malformedPayload`.
  init(encoding value: some Encodable) throws {
    switch value {
    case let value as String: self = .string(value)
    case let value as Bool: self = .bool(value)
    case let value as Int: self = .number(String(value))
    case let value as Int64: self = .number(String(value))
    default:
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      encoder.dateEncodingStrategy = .iso8601
      do {
        guard let parsed = PayloadValue(json: Array(try encoder.encode(value))) else {
          throw AuthError(.malformedPayload, "a \(type(of: value)) did not encode to JSON")
        }
        self = parsed
      } catch let error as EncodingError {
        throw AuthError(.malformedPayload, "a \(type(of: value)) cannot be written as JSON: \(error)")
      }
    }
  }

  /// The value as a Codable type.
  /// - Throws: ``AuthError`` of kind `malformedPayload`.
  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    switch self {
    case .string(let text): if let value = text as? Value { return value }
    case .bool(let flag): if let value = flag as? Value { return value }
    case .number(let digits): if type == Int.self, let value = Int(digits) as? Value { return value }
    default: break
    }
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    do { return try decoder.decode(type, from: Data(text.utf8)) } catch {
      throw AuthError(.malformedPayload, "the payload is not a \(type): \(error)")
    }
  }

  /// Compact ASCII JSON, as Python's `json.dumps(value, separators=(",", ":"))`.
  var text: String {
    var out: [UInt8] = []
    write(to: &out)
    return String(decoding: out, as: UTF8.self)
  }

  private func write(to out: inout [UInt8]) {
    switch self {
    case .null: out += "null".utf8
    case .bool(let value): out += (value ? "true" : "false").utf8
    case .number(let digits): out += digits.utf8
    case .string(let value): Self.write(value, to: &out)
    case .array(let items):
      out.append(UInt8(ascii: "["))
      for (i, item) in items.enumerated() {
        if i > 0 { out.append(UInt8(ascii: ",")) }
        item.write(to: &out)
      }
      out.append(UInt8(ascii: "]"))
    case .object(let members):
      out.append(UInt8(ascii: "{"))
      for (i, member) in members.enumerated() {
        if i > 0 { out.append(UInt8(ascii: ",")) }
        Self.write(member.key, to: &out)
        out.append(UInt8(ascii: ":"))
        member.value.write(to: &out)
      }
      out.append(UInt8(ascii: "}"))
    }
  }

  private static func write(_ text: String, to out: inout [UInt8]) {
    out.append(UInt8(ascii: "\""))
    for unit in text.utf16 {
      switch unit {
      case 0x22: out += #"\""#.utf8
      case 0x5C: out += #"\\"#.utf8
      case 0x0A: out += #"\n"#.utf8
      case 0x0D: out += #"\r"#.utf8
      case 0x09: out += #"\t"#.utf8
      case 0x08: out += #"\b"#.utf8
      case 0x0C: out += #"\f"#.utf8
      case 0x20...0x7E: out.append(UInt8(unit))
      // Python leaves DEL as it is.
      case 0x7F: out.append(0x7F)
      default:
        let digits = String(unit, radix: 16)
        out += ("\\u" + String(repeating: "0", count: 4 - digits.count) + digits).utf8
      }
    }
    out.append(UInt8(ascii: "\""))
  }
}
