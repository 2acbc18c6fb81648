import Foundation
import MartletCore
import MartletSQL

/// What a value must obey before it goes to the database: no write loses a digit or a character without a word.
enum ValueRules {
  /// - Throws: ``ValidationError`` with Django's codes and messages.
  static func check(_ value: SQLValue, of column: ColumnSchema, _ dialect: any SQLDialect) throws {
    let errors = violations(value, of: column, dialect)
    if !errors.isEmpty { throw ValidationError(errors) }
  }

  /// All rules that a row breaks.
  ///
  /// - Parameter changed: The columns whose `@Field(validate:)` rules are asked, all if `nil`: a row that was there before
  ///   its rule can still be changed elsewhere.
  static func check<M: Model>(_ model: M, changed: [Int]? = nil, _ dialect: any SQLDialect) throws {
    var errors: [FieldError] = []
    for (index, column) in M.schema.columns.enumerated() {
      let value = model.columnValue(at: index)
      if changed?.contains(index) ?? true {
        errors += violations(value, of: column, dialect)
      } else if let error = misfit(value, of: column, dialect) {
        errors.append(error)
      }
    }
    if !errors.isEmpty { throw ValidationError(errors) }
  }

  /// The rules that a value breaks: the column's own, or else those of `@Field(validate:)`.
  static func violations(_ value: SQLValue, of column: ColumnSchema, _ dialect: any SQLDialect) -> [FieldError] {
    if let error = misfit(value, of: column, dialect) { return [error] }
    return column.rules.flatMap { $0.faults(in: value) }.map { error in
      var error = error
      error.field = error.field.isEmpty ? column.property : "\(column.property).\(error.field)"
      return error
    }
  }

  /// Why a column cannot hold the value.
  private static func misfit(_ value: SQLValue, of column: ColumnSchema, _ dialect: any SQLDialect) -> FieldError? {
    switch (value, column.type) {
    case (.text(let text), .varchar(let limit)) where text.unicodeScalars.count > limit:
      return FieldError(
        column.property, code: "max_length",
        "Ensure this value has at most \(limit) characters (it has \(text.unicodeScalars.count)).")
    case (.text(let text), _) where text.utf8.contains(0):
      return FieldError(column.property, code: "null_characters_not_allowed", "Null characters are not allowed.")
    case (.json(""), _):
      return FieldError(column.property, code: "invalid", "The value cannot be written as JSON.")
    case (.decimal(let number), .decimal(let precision, let scale)) where !number.isNaN:
      if let error = violation(NumberText.digits(of: number), precision, scale, column.property) { return error }
    default: break
    }
    guard let refusal = dialect.refusal(of: value) else { return nil }
    if case .double = value { return FieldError(column.property, code: "invalid", "Enter a finite number: \(refusal.reason).") }
    return FieldError(column.property, code: "invalid", "Enter another number: \(refusal.reason).")
  }

  private static func violation(
    _ digits: (significant: Int, whole: Int, fraction: Int), _ precision: Int, _ scale: Int, _ property: String
  ) -> FieldError? {
    if digits.fraction > scale {
      return FieldError(
        property, code: "max_decimal_places",
        "Ensure that there are no more than \(scale) decimal places (it has \(digits.fraction)).")
    }
    if digits.whole > precision - scale {
      return FieldError(
        property, code: "max_whole_digits",
        "Ensure that there are no more than \(precision - scale) digits before the decimal point (it has \(digits.whole)).")
    }
    return nil
  }
}
