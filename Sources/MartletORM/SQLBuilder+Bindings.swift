import MartletSQL

extension SQLBuilder {
  /// What stands for the binding at `index` until the statement is whole. No SQL holds a NUL.
  static func mark(_ index: Int) -> String { "\0\(index)\0" }

  /// The statement with the dialect's placeholders in the place of the marks, and the values in the order of the marks.
  func numbered(_ effect: SQLStatement.Effect) -> SQLStatement {
    guard !bindings.isEmpty else { return SQLStatement(text, effect: effect) }
    let placeholders = Placeholders(self)
    var result: [UInt8] = [], values: [SQLValue] = [], secrets: Set<Int> = []
    // Where each binding stands in `values`, from 1; 0 where it does not yet.
    var places = [Int](repeating: 0, count: bindings.count)
    result.reserveCapacity(bytes.count + 8)
    values.reserveCapacity(bindings.count)
    func append(_ piece: Slice<UnsafeBufferPointer<UInt8>>, isMark: Bool) {
      guard isMark, let binding = SQLBuilder.number(piece), bindings.indices.contains(binding) else {
        return result.append(contentsOf: UnsafeBufferPointer(rebasing: piece))
      }
      if placeholders.areNumbered, places[binding] > 0 { return placeholders.write(places[binding], to: &result) }
      values.append(bindings[binding])
      if !secretBindings.isEmpty, secretBindings.contains(binding) { secrets.insert(values.count - 1) }
      places[binding] = values.count
      placeholders.write(values.count, to: &result)
    }
    bytes.withUnsafeBufferPointer { bytes in
      var start = 0, isMark = false
      while let end = bytes[start...].firstIndex(of: 0) {
        append(bytes[start..<end], isMark: isMark)
        isMark.toggle()
        start = end + 1
      }
      append(bytes[start...], isMark: isMark)
    }
    return SQLStatement(String(decoding: result, as: UTF8.self), values, secretBindings: secrets, effect: effect)
  }

  private static func number(_ digits: Slice<UnsafeBufferPointer<UInt8>>) -> Int? {
    guard (1...6).contains(digits.count) else { return nil }
    var number = 0
    for digit in digits {
      guard (0x30...0x39).contains(digit) else { return nil }
      number = number * 10 + Int(digit - 0x30)
    }
    return number
  }

  /// - Throws: ``DatabaseError`` of kind `unsupported` where the database lacks the capability.
  func require(_ capability: SQLCapabilities, _ what: String) throws {
    if !dialect.capabilities.contains(capability) { throw capability.missing(on: dialect, what) }
  }
}

/// The placeholders of a dialect.
private struct Placeholders {
  let areNumbered: Bool
  private let dialect: any SQLDialect
  private let isOwn: Bool

  init(_ builder: SQLBuilder) {
    dialect = builder.dialect
    isOwn = builder.nameMark != nil
    areNumbered = isOwn ? dialect.family == .postgres : dialect.placeholder(1) != dialect.placeholder(2)
  }

  func write(_ place: Int, to bytes: inout [UInt8]) {
    guard isOwn else { return bytes.append(contentsOf: dialect.placeholder(place).utf8) }
    guard areNumbered else { return bytes.append(UInt8(ascii: "?")) }
    bytes.append(UInt8(ascii: "$"))
    bytes.append(number: place)
  }
}

extension [UInt8] {
  /// A number that is not negative, in digits.
  mutating func append(number: Int) {
    if number < 10 { return append(0x30 + UInt8(truncatingIfNeeded: number)) }
    append(contentsOf: String(number).utf8)
  }
}
