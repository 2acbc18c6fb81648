import MartletSQL

extension SQLBuilder {
  /// What stands for the binding at `index` until the statement is whole. No SQL holds a NUL.
  static func mark(_ index: Int) -> String { "\0\(index)\0" }

  /// The statement with the dialect's placeholders in the place of the marks, and the values in the order of the marks.
  func numbered(_ text: String, _ effect: SQLStatement.Effect) -> SQLStatement {
    guard !bindings.isEmpty else { return SQLStatement(text, effect: effect) }
    let isNumbered = dialect.placeholder(1) != dialect.placeholder(2)
    var result = "", values: [SQLValue] = [], secrets: Set<Int> = [], places: [Int: Int] = [:]
    result.reserveCapacity(text.utf8.count)
    for (index, piece) in text.split(separator: "\0", omittingEmptySubsequences: false).enumerated() {
      guard index % 2 == 1, let binding = Int(piece), bindings.indices.contains(binding) else {
        result += piece
        continue
      }
      if isNumbered, let place = places[binding] {
        result += dialect.placeholder(place)
        continue
      }
      values.append(bindings[binding])
      if secretBindings.contains(binding) { secrets.insert(values.count - 1) }
      places[binding] = values.count
      result += dialect.placeholder(values.count)
    }
    return SQLStatement(result, values, secretBindings: secrets, effect: effect)
  }

  /// - Throws: ``DatabaseError`` of kind `unsupported` where the database lacks the capability.
  func require(_ capability: SQLCapabilities, _ what: String) throws {
    if !dialect.capabilities.contains(capability) { throw capability.missing(on: dialect, what) }
  }
}
