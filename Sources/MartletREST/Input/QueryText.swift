import MartletCore
import MartletORM
import MartletSQL

/// Turns the text of a query parameter into the value of a column, by the same rules as JSON input.
enum QueryText {
  static func read(_ text: String, for column: ColumnSchema) -> Result<SQLValue, InputFault> {
    switch column.type {
    case .smallInt, .int, .bigInt, .unsignedBigInt, .double, .interval:
      return InputValue.read(isNumber(text) ? .number(text) : .string(text), for: column)
    case .bool:
      switch text {
      case "true", "True", "1": return .success(.bool(true))
      case "false", "False", "0": return .success(.bool(false))
      default: return InputValue.read(.string(text), for: column)
      }
    case .timestamp:
      // A day stands for its first moment in UTC: `published_at[gte]=2026-01-01`.
      if let day = CalendarDate(text) { return .success(.timestamp(Int64(day.daysSince1970) * 86_400_000_000)) }
      return InputValue.read(.string(text), for: column)
    default:
      var column = column
      // A text of any length can be looked for.
      if case .varchar = column.type, column.choices.isEmpty { column.type = .text }
      return InputValue.read(.string(text), for: column)
    }
  }

  private static func isNumber(_ text: String) -> Bool {
    if case .number(let number)? = try? JSONParser.parse(Array(text.utf8)) { return number == text }
    return false
  }
}
