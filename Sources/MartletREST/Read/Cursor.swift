import Foundation
import MartletCore
import MartletHTTP
import MartletORM
import MartletSQL

/// A place in the order of a list: the sort keys of the row that it stands at. Clients get it as a sealed text: they can neither
/// read the keys, which may be of columns that they do not see, nor make up one of their own.
struct Cursor: Sendable, Hashable {
  /// The order it belongs to, as the client asks for it.
  var ordering: String
  /// Whether the page lies before the row and not behind it.
  var isBackward: Bool
  var values: [SQLValue]

  private static let purpose = "rest.cursor"
  /// Longer texts are not looked at.
  private static let lengthLimit = 16_384

  /// The text, in base64url (RFC 4648, section 5).
  func text(sealedWith secret: RequestSecret) throws -> String {
    var json = JSONWriter(capacity: 96)
    json.array { json in
      json.string(ordering)
      json.bool(isBackward)
      for value in values { json.value(value) }
    }
    return Self.base64URL(try secret.sealed(json.bytes, purpose: Self.purpose))
  }

  /// The cursor of a text for these sort keys; `nil` where it is none of ours, or was made for another order.
  init?(_ text: String, ordering: String, keys: [ColumnSchema], secret: RequestSecret) {
    guard text.utf8.count <= Self.lengthLimit, let bytes = Self.bytes(base64URL: text), Self.base64URL(bytes) == text,
      let payload = secret.opened(bytes, purpose: Self.purpose),
      case .array(let parts)? = try? JSONParser.parse(payload), parts.count == keys.count + 2,
      parts[0] == .string(ordering), case .bool(let isBackward) = parts[1]
    else { return nil }
    var values: [SQLValue] = []
    for (part, column) in zip(parts.dropFirst(2), keys) {
      if part == .null {
        values.append(.null)
      } else if case .success(let value) = InputValue.read(part, for: Self.anyValue(of: column)) {
        values.append(value)
      } else {
        return nil
      }
    }
    self.ordering = ordering
    self.isBackward = isBackward
    self.values = values
  }

  init(ordering: String, isBackward: Bool, values: [SQLValue]) {
    self.ordering = ordering
    self.isBackward = isBackward
    self.values = values
  }

  /// The column without what new values have to obey: rows may be older than its choices and its length.
  private static func anyValue(of column: ColumnSchema) -> ColumnSchema {
    var column = column
    column.choices = []
    column.rules = []
    column.foreignKey = nil
    if case .varchar = column.type { column.type = .text }
    return column
  }

  private static func base64URL(_ bytes: [UInt8]) -> String {
    Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
  }
  private static func bytes(base64URL text: String) -> [UInt8]? {
    let padded =
      text.replacing("-", with: "+").replacing("_", with: "/") + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
    return Data(base64Encoded: padded).map { Array($0) }
  }
}
