/// Reads the syntax of ECMA-262's regular expressions, section 22.2.1, without back references and look-around.
struct TextPatternParser {
  indirect enum Tree {
    case empty
    case set(ScalarSet)
    case assertion(TextPattern.Assertion)
    case sequence([Tree])
    case either([Tree])
    case repeated(Tree, least: Int, most: Int?)
  }
  private let scalars: [Unicode.Scalar]
  private var index = 0
  private static let depthLimit = 50
  private static let countLimit = 1000

  init(_ source: String) { scalars = Array(source.unicodeScalars) }

  mutating func parse() throws(TextPatternError) -> Tree {
    guard scalars.count <= TextPattern.stepLimit else { throw TextPatternError("it is too large") }
    let tree = try either(depth: 0)
    guard index == scalars.count else { throw TextPatternError("a “)” closes nothing") }
    return tree
  }

  private var current: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }
  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard current == scalar else { return false }
    index += 1
    return true
  }
  private mutating func take(_ text: String) -> Bool {
    let wanted = Array(text.unicodeScalars)
    guard index + wanted.count <= scalars.count, Array(scalars[index..<index + wanted.count]) == wanted else { return false }
    index += wanted.count
    return true
  }

  private mutating func either(depth: Int) throws(TextPatternError) -> Tree {
    guard depth < Self.depthLimit else { throw TextPatternError("its groups are nested too deep") }
    var branches: [Tree] = []
    repeat { branches.append(try sequence(depth)) } while take("|")
    return branches.count == 1 ? branches[0] : .either(branches)
  }
  private mutating func sequence(_ depth: Int) throws(TextPatternError) -> Tree {
    var parts: [Tree] = []
    while let scalar = current, scalar != "|", scalar != ")" { parts.append(try quantified(depth)) }
    return parts.isEmpty ? .empty : .sequence(parts)
  }

  private mutating func quantified(_ depth: Int) throws(TextPatternError) -> Tree {
    let part = try atom(depth)
    var least = 1, most: Int? = 1
    if take("*") {
      (least, most) = (0, nil)
    } else if take("+") {
      (least, most) = (1, nil)
    } else if take("?") {
      (least, most) = (0, 1)
    } else if take("{") {
      (least, most) = try counts()
    } else {
      return part
    }
    if case .assertion = part { throw TextPatternError("an anchor cannot be repeated") }
    _ = take("?")  // Lazy or greedy: whether there is a match is the same.
    if current == "*" || current == "+" || current == "?" || current == "{" {
      throw TextPatternError("a repetition stands right after another")
    }
    return .repeated(part, least: least, most: most)
  }
  private mutating func counts() throws(TextPatternError) -> (Int, Int?) {
    let least = try number()
    var most: Int? = least
    if take(",") { most = current == "}" ? nil : try number() }
    guard take("}"), most.map({ $0 >= least }) ?? true else { throw TextPatternError("a “{…}” holds no number of repetitions") }
    return (least, most)
  }
  private mutating func number() throws(TextPatternError) -> Int {
    let start = index
    while let scalar = current, ScalarSet.digit.contains(scalar) { index += 1 }
    let text = String(String.UnicodeScalarView(scalars[start..<index]))
    guard let value = Int(text), value <= Self.countLimit else {
      throw TextPatternError("a “{…}” holds no number of repetitions up to \(Self.countLimit); write \\{ for a brace")
    }
    return value
  }

  private mutating func atom(_ depth: Int) throws(TextPatternError) -> Tree {
    guard let scalar = current else { return .empty }
    index += 1
    switch scalar {
    case "^": return .assertion(.start)
    case "$": return .assertion(.end)
    case ".": return .set(.anything)
    case "[": return .set(try characterClass())
    case "(": return try group(depth)
    case "\\":
      if take("b") { return .assertion(.wordBoundary) }
      if take("B") { return .assertion(.noWordBoundary) }
      return .set(try escape())
    case "*", "+", "?": throw TextPatternError("a “\(scalar)” repeats nothing")
    case "{", "}", "]": throw TextPatternError("a “\(scalar)” stands alone; write \\\(scalar)")
    default: return .set(.one(scalar))
    }
  }

  private mutating func group(_ depth: Int) throws(TextPatternError) -> Tree {
    if take("?") {
      if take("=") || take("!") || take("<=") || take("<!") { throw TextPatternError("it looks ahead or behind") }
      if take("<") {
        while let scalar = current, scalar != ">" {
          guard ScalarSet.word.contains(scalar) else { throw TextPatternError("a group's name is no name") }
          index += 1
        }
        guard take(">") else { throw TextPatternError("a group's name does not end") }
      } else if !take(":") {
        throw TextPatternError("it has flags or another extension after “(?”")
      }
    }
    let inner = try either(depth: depth + 1)
    guard take(")") else { throw TextPatternError("a “(” is not closed") }
    return inner
  }

  private mutating func characterClass() throws(TextPatternError) -> ScalarSet {
    var set = ScalarSet()
    let isNegated = take("^")
    while !take("]") {
      guard let first = try classMember() else { throw TextPatternError("a “[” is not closed") }
      guard current == "-", index + 1 < scalars.count, scalars[index + 1] != "]" else {
        set.add(first)
        continue
      }
      index += 1
      guard let last = try classMember(), let low = first.single, let high = last.single, low <= high else {
        throw TextPatternError("a range in “[…]” has no beginning and end in order")
      }
      set.ranges.append(low...high)
    }
    set.isNegated = isNegated
    return set
  }
  private mutating func classMember() throws(TextPatternError) -> ScalarSet? {
    guard let scalar = current else { return nil }
    index += 1
    guard scalar == "\\" else { return .one(scalar) }
    return take("b") ? .one("\u{8}") : try escape()
  }

  /// What follows a backslash.
  private mutating func escape() throws(TextPatternError) -> ScalarSet {
    guard let scalar = current else { throw TextPatternError("it ends with a backslash") }
    index += 1
    switch scalar {
    case "d": return .digit
    case "D": return ScalarSet.digit.negated
    case "w": return .word
    case "W": return ScalarSet.word.negated
    case "s": return .space
    case "S": return ScalarSet.space.negated
    case "n": return .one("\n")
    case "r": return .one("\r")
    case "t": return .one("\t")
    case "f": return .one("\u{C}")
    case "v": return .one("\u{B}")
    case "0": return .one("\0")
    case "x": return .one(try hexadecimal(2))
    case "u": return .one(take("{") ? try braced() : try hexadecimal(4))
    case "p", "P":
      let set = try category()
      return scalar == "p" ? set : set.negated
    case "1"..."9", "k": throw TextPatternError("it refers back to a group")
    default:
      guard scalar.isASCII, !ScalarSet.word.contains(scalar) else {
        throw TextPatternError("“\\\(scalar)” means nothing")
      }
      return .one(scalar)
    }
  }
  private mutating func hexadecimal(_ count: Int) throws(TextPatternError) -> Unicode.Scalar {
    let digits = scalars[index..<min(index + count, scalars.count)]
    index += digits.count
    return try scalar(digits, count)
  }
  private mutating func braced() throws(TextPatternError) -> Unicode.Scalar {
    let start = index
    while let scalar = current, scalar != "}" { index += 1 }
    let digits = scalars[start..<index]
    guard take("}"), (1...6).contains(digits.count) else { throw TextPatternError("a “\\u{…}” holds no scalar") }
    return try scalar(digits, digits.count)
  }
  private func scalar(_ digits: ArraySlice<Unicode.Scalar>, _ count: Int) throws(TextPatternError) -> Unicode.Scalar {
    let text = String(String.UnicodeScalarView(digits))
    guard digits.count == count, !text.hasPrefix("+"), !text.hasPrefix("-"), let code = UInt32(text, radix: 16),
      let scalar = Unicode.Scalar(code)
    else { throw TextPatternError("an escape holds no scalar in hexadecimal") }
    return scalar
  }
  private mutating func category() throws(TextPatternError) -> ScalarSet {
    guard take("{") else { throw TextPatternError("“\\p” needs a category, such as \\p{L}") }
    let start = index
    while let scalar = current, scalar != "}" { index += 1 }
    let name = String(String.UnicodeScalarView(scalars[start..<index]))
    guard take("}"), ScalarSet.categories.contains(name) else {
      throw TextPatternError("“\\p{…}” takes general categories, such as \\p{L} or \\p{Nd}")
    }
    var set = ScalarSet()
    set.category = name
    return set
  }
}

extension ScalarSet {
  /// The only scalar of the set.
  fileprivate var single: Unicode.Scalar? {
    guard !isNegated, parts.isEmpty, category == nil, ranges.count == 1, ranges[0].lowerBound == ranges[0].upperBound else {
      return nil
    }
    return ranges[0].lowerBound
  }
}
