import Foundation
import MartletCore
import MartletORM
import MartletSQL

/// How much of what a client did wrong is told.
enum InputLimits {
  /// Most errors of one answer: a small body must not make a large answer.
  static let errors = 100
}

/// Reads a JSON object into the columns of a model, and collects everything that is wrong with it.
///
/// Strict: a name that the resource does not have is an error (`unknown_field`), and so is a read-only field
/// (`read_only`), unless it repeats what the row shows, so that what was read can be sent back. Computed fields are ignored where
/// a row is changed: what they were is not known any more.
struct InputReader<M: Model> {
  let shape: ResourceShape
  private(set) var errors: [FieldError] = []
  /// The columns that the input gave, by place.
  private(set) var given: [Int: SQLValue] = [:]
  /// Whether JSON columns are changed as by a merge patch (RFC 7396), not replaced.
  private var isMerging = false

  init(_ shape: ResourceShape) { self.shape = shape }

  /// A new row of the input; fields that it leaves out take their defaults.
  ///
  /// - Parameter filled: Values that the server gives, by the place of their columns.
  /// - Throws: ``ValidationError`` with all errors; ``RESTError`` where a column cannot be filled at all.
  mutating func newRow(_ input: JSONTree, filled: [Int: SQLValue] = [:]) throws -> M {
    try collect(input, original: nil)
    for field in shape.fields
    where field.isRequired && given[field.index] == nil && filled[field.index] == nil && !isReported(field.name) {
      errors.append(FieldError(field.name, code: "required", "This field is required."))
    }
    try fail()
    let schema = shape.schema
    var values: [SQLValue] = []
    for (index, column) in schema.columns.enumerated() {
      values.append(try filled[index] ?? given[index] ?? column.defaultValue?() ?? placeholder(column))
    }
    var row = try decode(values)
    let key = schema.primaryKeyIndex
    if given[key] == nil, filled[key] == nil, let unsaved = M.ID.unsaved { row.id = unsaved }
    return row
  }

  /// The row with the input's changes. `isPartial`: fields that are left out stay (PATCH), else they take their
  /// defaults, and those without one are required (PUT).
  ///
  /// - Parameter filled: Values that the server gives, by the place of their columns.
  /// - Throws: ``ValidationError`` with all errors.
  mutating func changed(_ original: M, by input: JSONTree, isPartial: Bool, filled: [Int: SQLValue] = [:]) throws -> M {
    isMerging = isPartial
    try collect(input, original: original)
    var values = original.columnValues
    for (index, value) in filled { values[index] = value }
    for field in shape.fields where field.isWritable && filled[field.index] == nil {
      if let value = given[field.index] {
        values[field.index] = value
      } else if !isPartial, !isReported(field.name) {
        if let value = field.column.defaultValue?() ?? (field.column.isNullable ? .null : nil) {
          values[field.index] = value
        } else {
          errors.append(FieldError(field.name, code: "required", "This field is required."))
        }
      }
    }
    try fail()
    return try decode(values)
  }

  // MARK: One field after the other

  private mutating func collect(_ input: JSONTree, original: M?) throws {
    guard case .object(let members) = input else {
      throw ValidationError("", code: "invalid", "Invalid data. Expected an object.")
    }
    for member in members where errors.count < InputLimits.errors {
      guard let field = shape.field(named: member.name) else {
        if shape.computed.contains(where: { $0.name == member.name }) {
          if original == nil { errors.append(.readOnly(member.name)) }
          continue
        }
        let known =
          shape.fields.filter { original == nil ? $0.isWritableOnCreate : $0.isWritable }.map(\.name) + shape.writing.nestedNames
        errors.append(
          FieldError(
            String(member.name.prefix(80)), code: "unknown_field",
            "There is no such field. Allowed: \(known.joined(separator: ", "))."))
        continue
      }
      read(member.value, field, original: original)
    }
  }

  private mutating func read(_ input: JSONTree, _ field: ResourceField, original: M?) {
    guard !field.column.isFile else {
      if original.map({ FileLinks(shape, under: "/").shows(input, of: $0, field.index) }) != true {
        errors.append(.readOnly(field.name))
      }
      return
    }
    let column = field.column, input = input.transformed(by: column.options.transform)
    let value: SQLValue
    if case .null = input, column.type != .json || column.isNullable {
      value = .null
    } else {
      switch InputValue.readAll(isMerging && column.type == .json ? merged(input, field, original) : input, for: column) {
      case .success(let found): value = found
      case .failure(let faults):
        errors += faults.errors(of: field.name)
        return
      }
    }
    guard original == nil ? field.isWritableOnCreate : field.isWritable else {
      if original?.columnValue(at: field.index) != value {
        errors.append(.readOnly(field.name))
      }
      return
    }
    if value.isNull, !column.isNullable {
      errors.append(FieldError(field.name, code: "null", "This field may not be null."))
    } else if column.isBlankRefused, case .text(let text) = value, text.allSatisfy(\.isWhitespace) {
      errors.append(FieldError(field.name, code: "blank", "This field may not be blank."))
    } else if column.isPrimaryKey, case .text(let key) = value, !key.isPathSegment {
      errors.append(
        FieldError(
          field.name, code: "invalid",
          "A key holds no backslashes, control characters, “.” or “..” between slashes: no path could name it."))
    } else {
      let broken = column.brokenRules(by: value)
      if broken.isEmpty { given[field.index] = value } else { errors += broken.errors(of: field.name) }
    }
  }

  /// What a JSON column holds once it is patched.
  private func merged(_ patch: JSONTree, _ field: ResourceField, _ original: M?) -> JSONTree {
    guard case .json(let text)? = original?.columnValue(at: field.index) else { return MergePatch.apply(patch, to: nil) }
    return MergePatch.apply(patch, to: try? JSONParser.parse(Array(text.utf8)))
  }

  private func isReported(_ name: String) -> Bool { errors.contains { $0.isAbout(name) } }
  private func fail() throws { if !errors.isEmpty { throw ValidationError(errors) } }

  // MARK: The row

  /// A row in which fields at fault hold anything, for rules that look at the others; `nil` where none can be made up.
  func provisionalRow(original: M?, filled: [Int: SQLValue]) -> M? {
    var values: [SQLValue] = []
    for (index, column) in shape.schema.columns.enumerated() {
      guard
        let value = filled[index] ?? given[index] ?? original?.columnValue(at: index) ?? column.defaultValue?()
          ?? (column.isNullable ? .null : column.anyValue)
      else { return nil }
      values.append(value)
    }
    return try? decode(values)
  }

  private func decode(_ values: [SQLValue]) throws -> M {
    do {
      return try RowCells.withRow(values) { try M(row: &$0) }
    } catch let error as RowError {
      // JSON of another form than the property's type: the one thing that only decoding can tell.
      guard let field = shape.fields.first(where: { $0.index == error.index }) else { throw error }
      throw ValidationError(field.name, code: "invalid", "The value does not have the form that this field needs.")
    }
  }

  /// What stands in a column that the insert fills in.
  private func placeholder(_ column: ColumnSchema) throws -> SQLValue {
    if column.isNullable { return .null }
    if column.options.autoNow || column.options.autoNowAdd {
      return column.type == .date ? .date(CalendarDate(daysSince1970: 0)) : .timestamp(0)
    }
    if column.isPrimaryKey, column.keyGeneration != .none {
      switch column.type {
      case .uuid: return .uuid(UUID())
      case .varchar, .text: return .text("")
      default: return .int(0)
      }
    }
    throw RESTError(
      .unfillableColumn, "\(M.self).\(column.property) is not writable at the resource “\(shape.path)” and has no default",
      hint: "give the property a default value, or leave .create out of .actions(…)")
  }
}

extension FieldError {
  fileprivate static func readOnly(_ name: String) -> FieldError {
    FieldError(name, code: "read_only", "This field is read-only.")
  }
}

extension ColumnSchema {
  /// Some value of the column's type; `nil` where only the model's own type knows one.
  var anyValue: SQLValue? {
    if let choice = choices.first { return choice.value }
    switch type {
    case .smallInt, .int, .bigInt: return .int(0)
    case .unsignedBigInt: return .uint(0)
    case .bool: return .bool(false)
    case .double: return .double(0)
    case .decimal: return .decimal(0)
    case .varchar, .text: return .text("")
    case .blob: return .blob([])
    case .uuid: return .uuid(UUID())
    case .timestamp: return .timestamp(0)
    case .date: return .date(CalendarDate(daysSince1970: 0))
    case .time: return TimeOfDay(microseconds: 0).map { .time($0) }
    case .interval: return .interval(0)
    case .array(let element): return .array([], of: element)
    case .json, .native: return nil
    }
  }
  /// Text without a default must say something, as in Django unless `blank=True`. Text of white space alone says nothing.
  var isBlankRefused: Bool {
    guard defaultValue == nil, choices.isEmpty, foreignKey == nil, !allowsBlank else { return false }
    switch type {
    case .varchar, .text: return true
    default: return false
    }
  }
}

extension String {
  /// Whether a path can name it.
  fileprivate var isPathSegment: Bool {
    !unicodeScalars.contains { $0.value < 32 || $0 == "\\" }
      && !split(separator: "/", omittingEmptySubsequences: false).contains { $0 == "." || $0 == ".." }
  }
}
