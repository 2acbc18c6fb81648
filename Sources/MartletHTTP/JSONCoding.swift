package import Foundation
import MartletCore

/// JSON in and out with the framework's forms: RFC 3339 dates in UTC to the microsecond, UUIDs in lower case.
package enum JSONCoding {
  /// The bytes of a value, properties in the order in which they are encoded.
  package static func encode(_ value: some Encodable) throws -> [UInt8] {
    let encoding = JSONValueEncoder(codingPath: [])
    try encoding.encodeAny(value)
    return encoding.bytes
  }

  /// A decoder that reads RFC 3339 dates, with or without a fraction and an offset.
  package static func decoder() -> JSONDecoder {
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .custom { decoder in
      let container = try decoder.singleValueContainer()
      let text = try container.decode(String.self)
      guard let microseconds = TimestampText.parse(text) else {
        throw DecodingError.dataCorruptedError(in: container, debugDescription: "“\(text.prefix(40))” is not a date and time.")
      }
      return Date(microsecondsSince1970: microseconds)
    }
    return decoder
  }
}
