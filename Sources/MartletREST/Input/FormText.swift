import MartletHTTP
import MartletORM
import MartletSQL

/// Turns the texts of a query string or a form into what JSON would have held.
enum FormText {
  /// What was sent for a column: the last of several texts, or all of them for a list.
  static func tree(_ sent: JSONTree, for column: ColumnSchema) -> JSONTree {
    guard case .array(let texts) = sent else { return sent }
    if case .array(let element) = column.type {
      return .array(texts.map { value($0, element) })
    }
    return texts.last.map { value($0, column.type) } ?? sent
  }

  private static func value(_ sent: JSONTree, _ type: ColumnType) -> JSONTree {
    guard case .string(let text) = sent else { return sent }
    switch type {
    case .smallInt, .int, .bigInt, .unsignedBigInt, .double:
      if case .number(let number)? = try? JSONParser.parse(Array(text.utf8)), number == text { return .number(text) }
    case .bool:
      switch text.lowercased() {
      case "true", "1", "on", "yes": return .bool(true)
      case "false", "0", "off", "no": return .bool(false)
      default: break
      }
    case .json: if let tree = try? JSONParser.parse(Array(text.utf8)) { return tree }
    default: break
    }
    return sent
  }
}

extension JSONTree {
  /// Most dots in a parameter's name.
  private static let depthLimit = 16

  /// The parameters as an object: every value is a list of texts, `author.name` stands inside of `author`.
  static func form(_ parameters: QueryParameters) -> JSONTree {
    object(parameters.items.map { (path: $0.name.split(separator: ".", maxSplits: depthLimit)[...], $0.value) })
  }

  private static func object(_ items: [(path: ArraySlice<Substring>, value: String)]) -> JSONTree {
    var order: [Substring] = [], groups: [Substring: [(path: ArraySlice<Substring>, value: String)]] = [:]
    for item in items {
      let name = item.path.first ?? ""
      if groups[name] == nil { order.append(name) }
      groups[name, default: []].append((item.path.dropFirst(), item.value))
    }
    return .object(
      order.map { name in
        let inside = groups[name] ?? []
        let nested = inside.filter { !$0.path.isEmpty }
        let value: JSONTree = nested.isEmpty ? .array(inside.map { .string($0.value) }) : object(nested)
        return Member(String(name), value)
      })
  }
}
