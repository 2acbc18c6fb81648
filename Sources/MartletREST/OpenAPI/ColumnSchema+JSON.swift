import Foundation
import MartletCore
import MartletORM
import MartletSQL

extension ResourceField {
  /// The field as it is read.
  var readSchema: JSONTree {
    var schema = column.readSchema
    if column.isFile {
      let text = column.options.help ?? "The path of the file, where there is one."
      schema = ["type": ["string", "null"], "format": "uri-reference", "description": .string(text)]
    }
    if !isWritable, !isWritableOnCreate { schema = schema.adding("readOnly", true) }
    return schema
  }
  /// The field as it is written.
  var writeSchema: JSONTree {
    var schema = column.writeSchema
    if column.isBlankRefused {
      if schema["minLength"] == nil { schema = schema.adding("minLength", 1) }
      if schema["pattern"] == nil { schema = schema.adding("pattern", .string(ColumnSchema.notBlank)) }
    }
    if column.isPrimaryKey, column.type.isText {
      // A segment of a path, in which a slash is escaped.
      let plain = "[^\\u0000-\\u001F\\\\]"
      let rule = "^(?!(.*/)?\\.{1,2}(/|$))\(plain)*[^\\s\\u0085\\u0000-\\u001F\\\\]\(plain)*$"
      schema = schema.adding("pattern", .string(rule))
    }
    if !isShown { schema = schema.adding("writeOnly", true).adding("format", column.options.secret ? "password" : nil) }
    return schema.adding("default", column.options.secret ? nil : column.constantDefault)
  }
}

extension ColumnSchema {
  /// Something else than white space, as a pattern; U+0085 is none to regular expressions.
  static let notBlank = "[^\\s\\u0085]"
  /// A time of day, as a pattern.
  static let timeOfDay = "^([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d(\\.\\d{1,6})?)?$"

  /// The column as JSON that is read.
  var readSchema: JSONTree { described(typeSchema(isInput: false)) }
  /// The column as JSON that is written: what has two forms allows both.
  var writeSchema: JSONTree { described(typeSchema(isInput: true)) }

  private func described(_ schema: JSONTree) -> JSONTree {
    var schema = withRules(schema)
    if !choices.isEmpty, schema["items"] == nil { schema = schema.adding("enum", .array(choices.map { $0.value.tree })) }
    if isNullable { schema = schema.nullable }
    var text = description
    if text == nil, let foreignKey { text = "The key of a \(foreignKey.target().label)." }
    return schema.adding("title", options.label.map { .string($0) }).adding("description", text.map { .string($0) })
  }

  private func typeSchema(isInput: Bool) -> JSONTree {
    switch type {
    case .smallInt: ["type": "integer", "minimum": -32768, "maximum": 32767]
    case .int: ["type": "integer", "format": "int32"]
    case .bigInt: ["type": "integer", "format": "int64"]
    case .bool: ["type": "boolean"]
    case .double: ["type": "number", "format": "double"]
    case .decimal(let precision, let scale): Self.decimal(precision: precision, scale: scale, isInput: isInput)
    case .varchar(let limit): choices.isEmpty ? ["type": "string", "maxLength": .number(String(limit))] : ["type": "string"]
    case .text: ["type": "string"]
    case .blob:
      [
        "type": "string", "contentEncoding": "base64",
        "pattern": "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$",
      ]
    case .uuid: ["type": "string", "format": "uuid"]
    case .timestamp: ["type": "string", "format": "date-time"]
    case .date: ["type": "string", "format": "date"]
    case .time: ["type": "string", "pattern": .string(Self.timeOfDay)]
    case .interval: isInput ? Self.writtenInterval : Self.interval(digits: 9)
    case .json: .object([])
    case .unsignedBigInt: ["type": "integer", "minimum": .number("0"), "maximum": .number("18446744073709551615")]
    case .array(let type): ["type": "array", "items": elementSchema(type, isInput: isInput)]
    case .native: ["type": "string"]
    }
  }

  /// One element of a list.
  private func elementSchema(_ type: ColumnType, isInput: Bool) -> JSONTree {
    var part = self
    part.type = type
    let schema = part.typeSchema(isInput: isInput)
    let chosen = element.choices.isEmpty ? schema : schema.adding("enum", .array(element.choices.map { $0.value.tree }))
    return element.isNullable ? chosen.nullable : chosen
  }
  /// A decimal is read as a text, and written as a text or a number.
  private static func decimal(precision: Int, scale: Int, isInput: Bool) -> JSONTree {
    let whole = max(0, precision - scale)
    let fraction = scale > 0 ? "(\\.\\d{1,\(scale)})?" : ""
    let schema: JSONTree = [
      "type": "string", "format": "decimal", "pattern": .string("^-?\\d{1,\(max(1, whole))}\(fraction)$"),
    ]
    guard isInput else { return schema }
    let bound = "1" + String(repeating: "0", count: whole)
    let step = scale > 0 ? "0." + String(repeating: "0", count: scale - 1) + "1" : "1"
    return schema.adding("type", ["string", "number"]).adding("multipleOf", .number(step))
      .adding("exclusiveMinimum", .number("-" + bound)).adding("exclusiveMaximum", .number(bound))
  }
  /// A length of time: ISO 8601 with so many digits for each unit.
  private static func interval(digits: Int) -> JSONTree {
    let n = "\\d{1,\(digits)}"
    let time = "(T(?=\\d)(\(n)H)?(\(n)M)?(\(n)(\\.\\d{1,6})?S)?)?"
    return ["type": "string", "pattern": .string("^-?P(?=\\d|T)(\\d{1,6}W|(\(n)D)?\(time))$")]
  }
  /// The same, or a number of seconds.
  private static var writtenInterval: JSONTree {
    interval(digits: 7).adding("type", ["string", "number"]).adding("minimum", -9_000_000_000_000).adding(
      "maximum", 9_000_000_000_000)
  }

  /// The default, where it is the same every time.
  var constantDefault: JSONTree? {
    guard let value = defaultValue?(), !value.isNull, value == defaultValue?() else { return nil }
    switch value {
    case .bool, .int, .double, .text: return value.tree
    default: return nil
    }
  }
}

extension SQLValue {
  /// The value in the API's form.
  var tree: JSONTree {
    var json = JSONWriter()
    json.value(self)
    return (try? JSONParser.parse(json.bytes)) ?? .null
  }
}
