package import MartletCore
import Foundation

extension JSONWriter {
  /// A column's value in the form that APIs use, and that they take back as input.
  package mutating func value(_ value: SQLValue) {
    switch value {
    case .null: null()
    case .bool(let value): bool(value)
    case .int(let value): number(value)
    case .double(let value): number(value)
    // As Django REST framework: exact for readers that keep numbers as doubles.
    case .decimal(let value): string(value)
    case .text(let value): string(value)
    case .blob(let bytes): string(Data(bytes).base64EncodedString())
    case .uuid(let value): string(value)
    case .timestamp(let microseconds): timestamp(microseconds: microseconds)
    case .date(let value): date(value)
    case .time(let value): time(value)
    case .interval(let microseconds): string(ISODuration.text(microseconds: microseconds))
    case .json(let text): raw(text.utf8)
    // As bigint's: a number; a reader that keeps doubles loses digits above 2^53.
    case .uint(let value): number(value)
    case .array(let values, _): array { json in for value in values { json.value(value) } }
    case .native(_, let text): string(text)
    }
  }
}
