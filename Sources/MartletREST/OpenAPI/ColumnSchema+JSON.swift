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
    if column.isBlankRefused, schema["minLength"] == nil { schema = schema.adding("minLength", 1) }
    if !isShown { schema = schema.adding("writeOnly", true).adding("format", column.options.secret ? "password" : nil) }
    return schema.adding("default", column.options.secret ? nil : column.constantDefault)
  }
}

extension ColumnSchema {
  /// The column as JSON that is read.
  var readSchema: JSONTree { described(typeSchema(isInput: false)) }
  /// The column as JSON that is written: what has two forms allows both.
  var writeSchema: JSONTree { described(typeSchema(isInput: true)) }

  private func described(_ schema: JSONTree) -> JSONTree {
    var schema = withRules(schema)
    if !choices.isEmpty { schema = schema.adding("enum", .array(choices.map { $0.value.tree })) }
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
    case .decimal(let precision, let scale):
      [
        "type": isInput ? ["string", "number"] : "string", "format": "decimal",
        "pattern": .string("^-?\\d{0,\(max(1, precision - scale))}(\\.\\d{0,\(scale)})?$"),
      ]
    case .varchar(let limit): choices.isEmpty ? ["type": "string", "maxLength": .number(String(limit))] : ["type": "string"]
    case .text: ["type": "string"]
    case .blob: ["type": "string", "contentEncoding": "base64"]
    case .uuid: ["type": "string", "format": "uuid"]
    case .timestamp: ["type": "string", "format": "date-time"]
    case .date: ["type": "string", "format": "date"]
    case .time: ["type": "string", "pattern": "^\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,6})?)?$"]
    case .interval:
      [
        "type": isInput ? ["string", "number"] : "string",
        "pattern": "^-?P(\\d+W|(\\d+D)?(T(\\d+H)?(\\d+M)?(\\d+(\\.\\d{1,6})?S)?)?)$",
      ]
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
