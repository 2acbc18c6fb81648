import Foundation
import MartletCore
import MartletHTTP
import MartletORM
import MartletSQL

/// The state of a row as bytes: equal values give equal bytes, whatever text a database keeps them as.
struct RowState {
  private(set) var bytes: [UInt8] = []

  mutating func append(_ value: SQLValue) {
    switch value {
    case .null: append("n", "")
    case .bool(let value): append("b", value ? "1" : "0")
    case .int(let value): append("i", String(value))
    case .uint(let value): append("i", String(value))
    case .double(let value): append("f", String(value.bitPattern))
    case .decimal(let value): append("d", RowState.text(of: value))
    case .text(let value): append("t", value)
    case .blob(let value): append("x", value)
    case .uuid(let value): append("u", value.uuidString)
    case .timestamp(let value): append("m", String(value))
    case .date(let value): append("y", "\(value)")
    case .time(let value): append("c", String(value.microseconds))
    case .interval(let value): append("p", String(value))
    case .json(let text): append("j", text)
    case .native(_, let text): append("v", text)
    case .array(let values, _):
      append("a", String(values.count))
      for value in values { append(value) }
    }
  }

  /// 1.50 is 1.5: which of the two comes back depends on the database.
  private static func text(of value: Decimal) -> String {
    var text = "\(value)"[...]
    guard text.contains(".") else { return String(text) }
    while text.last == "0" { text = text.dropLast() }
    return String(text.last == "." ? text.dropLast() : text)
  }

  /// With its length, so that no two lists of values run together.
  private mutating func append(_ kind: Unicode.Scalar, _ text: String) { append(kind, Array(text.utf8)) }
  private mutating func append(_ kind: Unicode.Scalar, _ value: [UInt8]) {
    bytes.append(UInt8(ascii: kind))
    withUnsafeBytes(of: UInt64(value.count).bigEndian) { bytes.append(contentsOf: $0) }
    bytes.append(contentsOf: value)
  }
}

extension ResourceEndpoints {
  /// Names the state of a row: another one names another state.
  ///
  /// A keyed digest, because it covers columns that the viewer does not see: without the key nobody can try out which
  /// hidden values give it.
  func state(of row: M, for request: Request) -> String {
    var state = RowState()
    for index in shape.exchange.stateIndexes { state.append(row.columnValue(at: index)) }
    let secret = request[RequestSecretContext.self] ?? .ofProcess
    return secret.digest(state.bytes, purpose: "entity-tag:\(shape.schema.table)", length: 12)
  }

  /// The row as the database has it after a write, where it may keep a value as another text than it was sent.
  func stored(_ row: M, _ tx: Database) async throws -> M {
    let isKeptOtherwise = shape.exchange.stateIndexes.contains {
      if case .native = row.columnValue(at: $0) { true } else { false }
    }
    return isKeptOtherwise ? try await M.get(row.id, tx) : row
  }
}
