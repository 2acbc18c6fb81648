/// A regular expression that is matched without backtracking: in time proportional to the pattern times the text, whatever
/// the two are.
///
/// Swift's `Regex` and `NSRegularExpression` both backtrack: `(a+)+$` takes them a time exponential in the text, which a
/// client chooses. This is Thompson's construction (1968) run in lock step, as RE2 and Go's `regexp` do it.
package struct TextPattern: Sendable {
  /// One step of the program.
  enum Step: Sendable {
    /// Takes one scalar of the set.
    case scalar(ScalarSet)
    /// Goes on at both places.
    case fork(Int, Int)
    case jump(Int)
    case assertion(Assertion)
    case found
  }
  enum Assertion: Sendable {
    case start, end, wordBoundary, noWordBoundary
  }
  /// The pattern as it was written.
  package let source: String
  private let program: [Step]

  /// Most steps of a program, and most scalars of a text: together a bound on the time of one match.
  static let stepLimit = 2000
  package static let textLimit = 65_536

  /// - Throws: ``TextPatternError`` where the pattern cannot be read, needs backtracking, or is too large.
  package init(_ source: String) throws(TextPatternError) {
    self.source = source
    var parser = TextPatternParser(source)
    let tree = try parser.parse()
    var program: [Step] = []
    try TextPattern.compile(tree, &program)
    program.append(.found)
    self.program = program
  }

  // MARK: Compiling

  private static func compile(_ tree: TextPatternParser.Tree, _ program: inout [Step]) throws(TextPatternError) {
    guard program.count < stepLimit else { throw TextPatternError("it is too large") }
    switch tree {
    case .empty: break
    case .set(let set): program.append(.scalar(set))
    case .assertion(let assertion): program.append(.assertion(assertion))
    case .sequence(let parts): for part in parts { try compile(part, &program) }
    case .either(let branches):
      var ends: [Int] = []
      for (index, branch) in branches.enumerated() {
        guard index < branches.count - 1 else {
          try compile(branch, &program)
          break
        }
        let fork = program.count
        program.append(.fork(fork + 1, 0))
        try compile(branch, &program)
        ends.append(program.count)
        program.append(.jump(0))
        program[fork] = .fork(fork + 1, program.count)
      }
      for end in ends { program[end] = .jump(program.count) }
    case .repeated(let part, let least, let most):
      for _ in 0..<least {
        let before = program.count
        try compile(part, &program)
        if program.count == before { break }  // Nothing, however often.
      }
      if let most {
        var forks: [Int] = []
        for _ in least..<max(least, most) {
          forks.append(program.count)
          program.append(.fork(program.count + 1, 0))
          try compile(part, &program)
        }
        for fork in forks { program[fork] = .fork(fork + 1, program.count) }
      } else {
        let fork = program.count
        program.append(.fork(fork + 1, 0))
        try compile(part, &program)
        program.append(.jump(fork))
        program[fork] = .fork(fork + 1, program.count)
      }
    }
  }

  // MARK: Matching

  /// Whether the pattern matches anywhere in the text.
  package func isFound(in text: String) -> Bool {
    guard text.utf8.count <= TextPattern.textLimit * 4, text.unicodeScalars.count <= TextPattern.textLimit else { return false }
    var scalars = text.unicodeScalars.makeIterator()
    var previous: Unicode.Scalar?, current = scalars.next()
    // The places that take a scalar next; and in which round each place was last visited.
    var waiting: [Int] = [], visited = [Int](repeating: -1, count: program.count), stack: [Int] = [], round = 0
    while true {
      var arrived: [Int] = []
      stack.append(0)
      stack.append(contentsOf: waiting)
      while let place = stack.popLast() {
        guard visited[place] != round else { continue }
        visited[place] = round
        switch program[place] {
        case .found: return true
        case .jump(let next): stack.append(next)
        case .fork(let first, let second):
          stack.append(second)
          stack.append(first)
        case .assertion(let assertion):
          if TextPattern.holds(assertion, between: previous, and: current) { stack.append(place + 1) }
        case .scalar: arrived.append(place)
        }
      }
      guard let scalar = current else { return false }
      waiting = arrived.compactMap { place in
        if case .scalar(let set) = program[place], set.contains(scalar) { place + 1 } else { nil }
      }
      previous = scalar
      current = scalars.next()
      round += 1
    }
  }

  private static func holds(
    _ assertion: Assertion, between previous: Unicode.Scalar?, and next: Unicode.Scalar?
  ) -> Bool {
    switch assertion {
    case .start: previous == nil
    case .end: next == nil
    case .wordBoundary: isWord(previous) != isWord(next)
    case .noWordBoundary: isWord(previous) == isWord(next)
    }
  }
  private static func isWord(_ scalar: Unicode.Scalar?) -> Bool { scalar.map(ScalarSet.word.contains) ?? false }
}

/// Why a pattern cannot be used.
package struct TextPatternError: Error, Hashable {
  package var reason: String
  init(_ reason: String) { self.reason = reason }
}
