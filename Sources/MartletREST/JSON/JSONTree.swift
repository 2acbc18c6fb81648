package import MartletCore

/// A JSON value in memory. Numbers keep their text, so that 64-bit integers and decimals lose no digit.
package indirect enum JSONTree: Sendable, Hashable {
  case null
  case bool(Bool)
  /// The number's text, as RFC 8259 writes it.
  case number(String)
  case string(String)
  case array([JSONTree])
  case object([Member])

  /// A name and its value.
  package struct Member: Sendable, Hashable {
    package var name: String
    package var value: JSONTree
    package init(_ name: String, _ value: JSONTree) {
      self.name = name
      self.value = value
    }
  }

  /// The member of an object.
  package subscript(_ name: String) -> JSONTree? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }

  /// Writes the value; object members in their own order, or sorted by name.
  package func write(to json: inout JSONWriter, sorted: Bool = false) {
    switch self {
    case .null: json.null()
    case .bool(let value): json.bool(value)
    case .number(let text): json.raw(text.utf8)
    case .string(let text): json.string(text)
    case .array(let elements): json.array { for element in elements { element.write(to: &$0, sorted: sorted) } }
    case .object(let members):
      let ordered = sorted ? members.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) } : members
      json.object {
        for member in ordered {
          $0.key(member.name)
          member.value.write(to: &$0, sorted: sorted)
        }
      }
    }
  }

  /// The value as JSON text.
  package var text: String {
    var json = JSONWriter()
    write(to: &json)
    return json.text
  }

  /// The value as indented JSON text with sorted names: for documents that people read and compare. The `properties` of a
  /// schema keep their order, which is the declaration's.
  package func pretty(indent: String = "", isSorted: Bool = true) -> String {
    let inner = indent + "  "
    switch self {
    case .array(let elements) where !elements.isEmpty:
      return "[\n" + elements.map { inner + $0.pretty(indent: inner) }.joined(separator: ",\n") + "\n\(indent)]"
    case .object(let members) where !members.isEmpty:
      let lines = (isSorted ? members.sortedByName : members).map {
        inner + JSONTree.string($0.name).text + ": " + $0.value.pretty(indent: inner, isSorted: $0.name != "properties")
      }
      return "{\n" + lines.joined(separator: ",\n") + "\n\(indent)}"
    default: return text
    }
  }
}

extension JSONTree: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  package init(stringLiteral value: String) { self = .string(value) }
  package init(integerLiteral value: Int) { self = .number(String(value)) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(arrayLiteral elements: JSONTree...) { self = .array(elements) }
  package init(dictionaryLiteral elements: (String, JSONTree)...) { self = .object(elements.map { Member($0.0, $0.1) }) }
}

extension [JSONTree.Member] {
  var sortedByName: Self { sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) } }
}
