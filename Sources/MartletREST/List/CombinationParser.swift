/// Reads what stands behind `or=`, `and=` and `not=`: `(status=draft,views[gte]=10,not(author.name="Bo, Jr."))`.
///
/// ```
/// parts = "(" part *("," part) ")"
/// part  = ("or" / "and" / "not") parts / name ["[" lookup "]"] "=" value
/// value = quoted / "(" [value *("," value)] ")" / text without "," and ")"
/// ```
struct CombinationParser {
  enum Part: Hashable {
    case group(Combination, [Part])
    /// The name with its brackets.
    case filter(String, FilterText)
  }
  private var rest: Substring.UnicodeScalarView
  private let length: Int
  private let limit: Int
  private var count = 0

  private init(_ text: String, limit: Int) {
    self.limit = limit
    rest = text.unicodeScalars[...]
    length = text.unicodeScalars.count
  }

  /// The parts between the parentheses.
  ///
  /// - Parameter limit: As many parts at most.
  /// - Throws: `invalid` with the place, `max_length` for too many, `max_depth` for too deep ones.
  static func parse(_ text: String, limit: Int) throws(InputFault) -> [Part] {
    var parser = CombinationParser(text, limit: limit)
    let parts = try parser.parts(depth: 1)
    if !parser.rest.isEmpty { throw parser.fault("the end") }
    return parts
  }

  private func fault(_ wanted: String) -> InputFault {
    InputFault(
      "invalid",
      "Expected \(wanted) at character \(length - rest.count + 1). Write (field=value,field[lookup]=value,or(…),not(…)).")
  }
  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard rest.first == scalar else { return false }
    rest.removeFirst()
    return true
  }

  private mutating func parts(depth: Int) throws(InputFault) -> [Part] {
    guard depth <= FilterLimits.depth else {
      throw InputFault("max_depth", "Conditions stand in each other more than \(FilterLimits.depth) deep.")
    }
    guard take("(") else { throw fault("“(”") }
    var parts: [Part] = []
    repeat {
      count += 1
      guard count <= limit else { throw .tooManyConditions(limit) }
      parts.append(try part(depth: depth))
    } while take(",")
    guard take(")") else { throw fault("“,” or “)”") }
    return parts
  }

  private mutating func part(depth: Int) throws(InputFault) -> Part {
    let end = rest.firstIndex { $0 == "=" || $0 == "(" || $0 == "," || $0 == ")" } ?? rest.endIndex
    let name = String(rest[..<end])
    guard !name.isEmpty else { throw fault("a name") }
    if let combination = Combination(rawValue: name), end < rest.endIndex, rest[end] == "(" {
      rest = rest[end...]
      return .group(combination, try parts(depth: depth + 1))
    }
    guard end < rest.endIndex, rest[end] == "=" else {
      rest = rest[end...]
      throw fault("“=”")
    }
    rest = rest[rest.index(after: end)...]
    return .filter(name, try value())
  }

  private mutating func value() throws(InputFault) -> FilterText {
    guard take("(") else {
      if rest.first == "\"" { return .quoted(try text()) }
      return .plain(try text())
    }
    if take(")") { return .list([]) }
    var values: [String] = []
    repeat { values.append(try text()) } while take(",")
    guard take(")") else { throw fault("“,” or “)”") }
    return .list(values)
  }
  private mutating func text() throws(InputFault) -> String {
    if rest.first == "\"" {
      guard let text = FilterText.quoted(&rest) else { throw fault("a closing quotation mark for the one") }
      return text
    }
    let end = rest.firstIndex { $0 == "," || $0 == ")" } ?? rest.endIndex
    defer { rest = rest[end...] }
    return String(rest[..<end])
  }
}

/// How conditions are combined, by the name of the parameter.
enum Combination: String, Sendable, CaseIterable {
  /// One of them holds.
  case or
  /// All of them hold.
  case and
  /// Not all of them hold.
  case not
}

extension InputFault {
  static func tooManyConditions(_ limit: Int) -> InputFault {
    InputFault("max_length", "Ensure there are no more than \(limit) filters.")
  }
}
