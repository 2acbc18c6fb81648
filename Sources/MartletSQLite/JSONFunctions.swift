import CSQLite3
import Foundation

/// Containment of JSON in JSON, as PostgreSQL's `@>` and MySQL's `JSON_CONTAINS`.
enum JSONFunctions {
  static func register(_ database: OpaquePointer) {
    QueryFunctions.text("martlet_json_contains", 2, database) { context, values in
      guard let whole = values.text(0), let part = values.text(1) else { return sqlite3_result_null(context) }
      func parse(_ text: String) -> Any? { try? JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed) }
      guard let outer = parse(whole), let inner = parse(part) else { return sqlite3_result_error(context, "malformed JSON", -1) }
      sqlite3_result_int(context, contains(outer, inner, depth: 0) ? 1 : 0)
    }
    registerNumbers(database)
  }

  /// `martlet_json_double(json)`: the nearest double to a JSON number, bit for bit as Swift reads it, and infinities of
  /// ``ArrayText``; NULL for everything else.
  private static func registerNumbers(_ database: OpaquePointer) {
    QueryFunctions.text("martlet_json_double", 1, database) { context, values in
      switch values.text(0) {
      case "\"Infinity\"": sqlite3_result_double(context, .infinity)
      case "\"-Infinity\"": sqlite3_result_double(context, -.infinity)
      case let text?:
        guard let number = Double(text) else { return sqlite3_result_null(context) }
        sqlite3_result_double(context, number)
      case nil: sqlite3_result_null(context)
      }
    }
  }

  private static func contains(_ whole: Any, _ part: Any, depth: Int) -> Bool {
    if depth > 500 { return false }
    switch (whole, part) {
    case (let whole as [String: Any], let part as [String: Any]):
      return part.allSatisfy { key, value in whole[key].map { contains($0, value, depth: depth + 1) } ?? false }
    case (let whole as [Any], let part as [Any]):
      return part.allSatisfy { element in whole.contains { contains($0, element, depth: depth + 1) } }
    case (_ as [String: Any], _), (_, _ as [String: Any]), (_, _ as [Any]): return false
    // A list holds its elements.
    case (let whole as [Any], _): return whole.contains { contains($0, part, depth: depth + 1) }
    case (let whole as NSNumber, let part as NSNumber):
      let areTruths = (isTruthValue(whole), isTruthValue(part))
      return areTruths.0 == areTruths.1 && whole == part
    case (let whole as String, let part as String): return whole.utf8.elementsEqual(part.utf8)
    case (_ as NSNull, _ as NSNull): return true
    default: return false
    }
  }

  /// Whether a number is a truth value.
  private static func isTruthValue(_ number: NSNumber) -> Bool { String(cString: number.objCType) == "c" }
}
