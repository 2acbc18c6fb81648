import Foundation
import MartletCore
import MartletORM

/// Examples for a document: by a field's format, its limits and its name; the same each time.
enum ExampleValues {
  /// The schema of an object with an example at every property that has none and needs one.
  static func adding(to schema: JSONTree) -> JSONTree {
    guard case .object(let properties)? = schema["properties"] else { return schema }
    let filled = properties.map { property in
      JSONTree.Member(property.name, adding(to: property.value, named: property.name))
    }
    return schema.replacing("properties", .object(filled))
  }

  private static func adding(to schema: JSONTree, named name: String) -> JSONTree {
    if schema["properties"] != nil { return adding(to: schema) }
    if let items = schema["items"] { return schema.replacing("items", adding(to: items, named: name)) }
    let spoken = ["examples", "example", "enum", "const", "$ref", "anyOf", "oneOf", "allOf", "properties"]
    guard spoken.allSatisfy({ schema[$0] == nil }), let value = value(schema, name) else { return schema }
    return schema.adding("examples", [value])
  }

  private static func value(_ schema: JSONTree, _ name: String) -> JSONTree? {
    let types = schema["type"]?.elements?.compactMap(\.textValue) ?? [schema["type"]?.textValue].compactMap { $0 }
    switch types.first {
    case "string": return text(schema, Naming.snakeCase(name))
    case "integer": return number(schema, Naming.snakeCase(name))
    case "number": return .number("12.5")
    // Booleans, lists and objects say enough by their types.
    default: return nil
    }
  }

  private static func number(_ schema: JSONTree, _ name: String) -> JSONTree {
    // A reference.
    if schema["description"]?.textValue?.hasPrefix("The key of ") == true { return 1 }
    let words = Set(name.split(separator: "_").map(String.init))
    var value =
      words.contains("id") ? 1 : words.contains("year") ? 2026 : words.contains("age") ? 34 : words.contains("port") ? 8080 : 42
    if case .number(let text)? = schema["minimum"], let least = Int(text) { value = max(value, least) }
    if case .number(let text)? = schema["maximum"], let most = Int(text) { value = min(value, most) }
    return .number(String(value))
  }

  private static func text(_ schema: JSONTree, _ name: String) -> JSONTree? {
    switch schema["format"]?.textValue {
    case "date-time"?: return "2026-01-31T12:00:00Z"
    case "date"?: return "2026-01-31"
    case "uuid"?: return "0198f2d4-5c1a-7e63-b0a1-2f6d4c8e9a10"
    case "decimal"?: return decimal(schema["pattern"]?.textValue)
    case "uri"?: return "https://example.com/"
    case "uri-reference"?: return "/"
    case "email"?: return "ann@example.com"
    case nil: break
    default: return nil
    }
    if schema["contentEncoding"] != nil { return "TWFydGxldA==" }
    if let pattern = schema["pattern"]?.textValue, pattern != ColumnSchema.notBlank {
      return pattern.hasPrefix("^-?P(") ? "PT1H30M" : pattern == ColumnSchema.timeOfDay ? "12:30:00" : nil
    }
    let text = words(name)
    guard case .number(let limit)? = schema["maxLength"], let limit = Int(limit) else { return .string(text) }
    return text.unicodeScalars.count <= limit
      ? .string(text) : .string(String(text.prefix(limit)).trimmingCharacters(in: .whitespaces))
  }
  /// With as many digits after the point as the column has, as far as digits before it fit.
  private static func decimal(_ pattern: String?) -> JSONTree {
    guard let numbers = pattern?.matches(of: /,(\d+)/).compactMap({ Int($0.1) }), numbers.count == 2 else { return "12.50" }
    let digits = String("1250000000".prefix(min(9, numbers[1])))
    return .string("9" + (numbers[1] == 0 ? "" : "." + digits.padding(toLength: numbers[1], withPad: "0", startingAt: 0)))
  }

  /// What a text of that name reads like.
  private static let known: KeyValuePairs = [
    "email": "ann@example.com", "url": "https://example.com/", "link": "https://example.com/",
    "image": "https://example.com/ann.png",
    "avatar": "https://example.com/ann.png", "username": "ann", "first_name": "Ann", "last_name": "Lee",
    "password": "correct horse battery",
    "token": "eyJhbGciOiJIUzI1NiJ9.e30.c2ln", "slug": "how-to-ride-the-wind", "tag": "birds", "tags": "birds",
    "title": "How to ride the wind",
    "name": "Ann Lee", "description": "In a sentence or two", "summary": "In a sentence or two", "bio": "Writes about birds",
    "body": "It begins with a good wing.", "text": "It begins with a good wing.", "content": "It begins with a good wing.",
    "phone": "+41 44 668 18 00", "country": "CH", "currency": "CHF", "language": "en", "city": "Zurich",
    "street": "Bahnhofstrasse 1",
    "colour": "red", "color": "red", "code": "A1", "ip": "192.0.2.1", "kind": "plain",
  ]
  private static func words(_ name: String) -> String {
    if let whole = known.first(where: { $0.key == name }) { return whole.value }
    let parts = name.split(separator: "_").map(String.init)
    return known.first { parts.contains($0.key) }?.value ?? name.replacing("_", with: " ")
  }
}

extension JSONTree {
  /// With a member's value replaced in its place; an object only.
  func replacing(_ name: String, _ value: JSONTree) -> JSONTree {
    guard case .object(let members) = self else { return self }
    return .object(members.map { $0.name == name ? Member(name, value) : $0 })
  }
}
