import Foundation
import MartletCore
import MartletHTTP
import MartletORM
import MartletSQL

/// A place in the order of a list: the sort keys of the row that it stands at. Clients get it as a signed text, and cannot
/// make up one of their own.
struct Cursor: Sendable, Hashable {
  /// The order it belongs to, as the client asks for it.
  var ordering: String
  /// Whether the page lies before the row and not behind it.
  var isBackward: Bool
  var values: [SQLValue]

  /// The text: payload and signature in base64url (RFC 4648, section 5).
  func text(signedWith secret: RequestSecret) -> String {
    var json = JSONWriter(capacity: 96)
    json.array { json in
      json.string(ordering)
      json.bool(isBackward)
      for value in values { json.value(value) }
    }
    return Self.base64URL(Self.signature(of: json.bytes, secret) + json.bytes)
  }

  /// The cursor of a text for these sort keys; `nil` where it is none of ours, or was made for another order.
  init?(_ text: String, ordering: String, keys: [ColumnSchema], secret: RequestSecret) {
    guard text.utf8.count <= 4096, let bytes = Self.bytes(base64URL: text), bytes.count > Self.signatureLength else { return nil }
    let payload = Array(bytes.dropFirst(Self.signatureLength)), signature = bytes.prefix(Self.signatureLength)
    guard Self.isEqual(Self.signature(of: payload, secret), signature),
      case .array(let parts)? = try? JSONParser.parse(payload), parts.count == keys.count + 2,
      parts[0] == .string(ordering), case .bool(let isBackward) = parts[1]
    else { return nil }
    var values: [SQLValue] = []
    for (part, column) in zip(parts.dropFirst(2), keys) {
      if part == .null {
        values.append(.null)
      } else if case .success(let value) = InputValue.read(part, for: column) {
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

  /// Hexadecimal digits of 16 bytes.
  private static let signatureLength = 32

  private static func signature(of payload: [UInt8], _ secret: RequestSecret) -> [UInt8] {
    Array(secret.digest(payload, purpose: "rest.cursor", length: 16).utf8)
  }
  private static func isEqual(_ l: [UInt8], _ r: ArraySlice<UInt8>) -> Bool {
    l.count == r.count && zip(l, r).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
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
