import Foundation
import MartletCore
package import MartletORM
package import MartletSQL

/// Why a value was refused: Django REST framework's code and message.
package struct InputFault: Error, Hashable {
  package var code: String
  package var message: String
  init(_ code: String, _ message: String) {
    self.code = code
    self.message = message
  }
}

/// Turns JSON into the value of a column: types are exact, a number is no text and a text no number.
///
/// Forms: moments RFC 3339 (UTC where no offset stands), dates `YYYY-MM-DD`, times `hh:mm[:ss[.ffffff]]`, durations ISO 8601
/// (`P1DT2H30M`) or a number of seconds, bytes base64, decimals as texts or numbers, any JSON for JSON columns.
package enum InputValue {
  /// The value; never null, which is the caller's question.
  package static func read(_ input: JSONTree, for column: ColumnSchema) -> Result<SQLValue, InputFault> {
    Result { () throws(InputFault) in
      if column.foreignKey != nil { return try key(input, column) }
      let value = try value(input, column)
      if !column.choices.isEmpty, !column.choices.contains(where: { $0.value == value }) { throw invalidChoice(input) }
      return value
    }
  }

  private static func value(_ input: JSONTree, _ column: ColumnSchema) throws(InputFault) -> SQLValue {
    let type = column.type
    switch (type, input) {
    case (.smallInt, .number(let text)): return try integer(text, Int64(Int16.min)...Int64(Int16.max))
    case (.int, .number(let text)): return try integer(text, Int64(Int32.min)...Int64(Int32.max))
    case (.bigInt, .number(let text)): return try integer(text, Int64.min...Int64.max)
    case (.bool, .bool(let value)): return .bool(value)
    case (.double, .number(let text)):
      if let value = Double(text), value.isFinite { return .double(value) }
    case (.decimal(let precision, let scale), .number(let text)), (.decimal(let precision, let scale), .string(let text)):
      return .decimal(try DecimalText.read(text, precision: precision, scale: scale))
    case (.varchar(let limit), .string(let text)): return .text(try characters(text, limit: limit))
    case (.text, .string(let text)): return .text(try characters(text, limit: nil))
    case (.blob, .string(let text)):
      if let data = Data(base64Encoded: text) { return .blob(Array(data)) }
    case (.uuid, .string(let text)):
      if let value = UUID(hex: text) { return .uuid(value) }
    case (.timestamp, .string(let text)):
      if let value = TimestampText.parse(text) { return .timestamp(value) }
    case (.date, .string(let text)):
      if let value = CalendarDate(text) { return .date(value) }
    case (.time, .string(let text)):
      if let value = TimeOfDay(text) { return .time(value) }
    case (.interval, .string(let text)):
      if let value = ISODuration.microseconds(text) { return .interval(value) }
    case (.interval, .number(let text)):
      if let value = ISODuration.microseconds(seconds: text) { return .interval(value) }
    case (.json, _): return .json(input.text)
    case (.unsignedBigInt, .number(let text)): return try unsigned(text)
    case (.native(let name), .string(let text)): return .native(type: name, text: try characters(text, limit: nil))
    case (.array(let element), .array(let elements)):
      var items: [SQLValue] = []
      for item in elements {
        var part = column
        part.type = element
        items.append(item == .null ? .null : try value(item, part))
      }
      return .array(items, of: element)
    default: break
    }
    throw column.choices.isEmpty ? InputFault("invalid", wanted(type)) : invalidChoice(input)
  }

  /// A foreign key: the other row's key.
  private static func key(_ input: JSONTree, _ column: ColumnSchema) throws(InputFault) -> SQLValue {
    do { return try value(input, column) } catch  where error.code == "invalid" {
      let found =
        switch input {
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "a text"
        case .array: "a list"
        case .object: "an object"
        }
      throw InputFault("incorrect_type", "Incorrect type. Expected pk value, received \(found).")
    }
  }

  private static func unsigned(_ text: String) throws(InputFault) -> SQLValue {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard !text.contains(where: { $0 == "e" || $0 == "E" }), parts.count == 1 || parts[1].allSatisfy({ $0 == "0" }) else {
      throw InputFault("invalid", "A valid integer is required.")
    }
    if let value = UInt64(parts[0] == "-0" ? "0" : parts[0]) { return .uint(value) }
    throw text.hasPrefix("-")
      ? InputFault("min_value", "Ensure this value is greater than or equal to 0.")
      : InputFault("max_value", "Ensure this value is less than or equal to \(UInt64.max).")
  }

  private static func integer(_ text: String, _ range: ClosedRange<Int64>) throws(InputFault) -> SQLValue {
    // Django REST framework takes `1.0` for 1 as well.
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard !text.contains(where: { $0 == "e" || $0 == "E" }), parts.count == 1 || parts[1].allSatisfy({ $0 == "0" }) else {
      throw InputFault("invalid", "A valid integer is required.")
    }
    let value = Int64(parts[0])
    if let value, range.contains(value) { return .int(value) }
    if value.map({ $0 < range.lowerBound }) ?? text.hasPrefix("-") {
      throw InputFault("min_value", "Ensure this value is greater than or equal to \(range.lowerBound).")
    }
    throw InputFault("max_value", "Ensure this value is less than or equal to \(range.upperBound).")
  }

  private static func characters(_ text: String, limit: Int?) throws(InputFault) -> String {
    if text.utf8.contains(0) { throw InputFault("null_characters_not_allowed", "Null characters are not allowed.") }
    if let limit, text.unicodeScalars.count > limit {
      throw InputFault("max_length", "Ensure this field has no more than \(limit) characters.")
    }
    return text
  }

  private static func invalidChoice(_ input: JSONTree) -> InputFault {
    let text = if case .string(let text) = input { text } else { input.text }
    return InputFault("invalid_choice", "\"\(text.prefix(80))\" is not a valid choice.")
  }

  private static func wanted(_ type: ColumnType) -> String {
    switch type {
    case .smallInt, .int, .bigInt, .unsignedBigInt: "A valid integer is required."
    case .bool: "Must be a valid boolean."
    case .double, .decimal: "A valid number is required."
    case .varchar, .text: "Not a valid string."
    case .blob: "Must be valid base64."
    case .uuid: "Must be a valid UUID."
    case .timestamp:
      "Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z]."
    case .date: "Date has wrong format. Use one of these formats instead: YYYY-MM-DD."
    case .time: "Time has wrong format. Use one of these formats instead: hh:mm[:ss[.uuuuuu]]."
    case .interval: "Duration has wrong format. Use one of these formats instead: P[n]DT[n]H[n]M[n]S, seconds."
    case .json: "Value must be valid JSON."
    case .array: "Expected a list of items."
    case .native: "Not a valid string."
    }
  }
}
