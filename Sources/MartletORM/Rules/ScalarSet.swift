/// Which Unicode scalars a pattern takes at one place: `[a-z_]`, `\d`, `.`, `\p{L}`.
struct ScalarSet: Sendable {
  var ranges: [ClosedRange<Unicode.Scalar>] = []
  /// Sets in the set: `\D` in `[\D5]`, each with whether it stands for what it does not hold.
  var parts: [(set: ScalarSet, isNegated: Bool)] = []
  /// General categories by their first letters: `L`, `Lu`.
  var category: String?
  var isNegated = false

  init(_ ranges: ClosedRange<Unicode.Scalar>...) { self.ranges = ranges }

  func contains(_ scalar: Unicode.Scalar) -> Bool {
    let isIn =
      ranges.contains { $0.contains(scalar) } || parts.contains { $0.set.contains(scalar) != $0.isNegated }
      || category.map { ScalarSet.abbreviation(scalar.properties.generalCategory).hasPrefix($0) } == true
    return isIn != isNegated
  }
  var negated: ScalarSet {
    var copy = self
    copy.isNegated.toggle()
    return copy
  }
  mutating func add(_ other: ScalarSet) { parts.append((other, false)) }

  static func one(_ scalar: Unicode.Scalar) -> ScalarSet { ScalarSet(scalar...scalar) }
  /// `.`: all but the ends of lines (ECMA-262, section 12.3).
  static let anything = ScalarSet("\n"..."\n", "\r"..."\r", "\u{2028}"..."\u{2029}").negated
  static let digit = ScalarSet("0"..."9")
  static let word = ScalarSet("a"..."z", "A"..."Z", "0"..."9", "_"..."_")
  static let space = ScalarSet(
    "\t"..."\r", " "..." ", "\u{A0}"..."\u{A0}", "\u{1680}"..."\u{1680}", "\u{2000}"..."\u{200A}", "\u{2028}"..."\u{2029}",
    "\u{202F}"..."\u{202F}", "\u{205F}"..."\u{205F}", "\u{3000}"..."\u{3000}", "\u{FEFF}"..."\u{FEFF}")

  /// The categories that `\p{…}` takes.
  static let categories: Set<String> = [
    "L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf",
    "Po",
    "S", "Sm", "Sc", "Sk", "So", "Z", "Zs", "Zl", "Zp",
  ]

  private static func abbreviation(_ category: Unicode.GeneralCategory) -> String {
    switch category {
    case .uppercaseLetter: "Lu"
    case .lowercaseLetter: "Ll"
    case .titlecaseLetter: "Lt"
    case .modifierLetter: "Lm"
    case .otherLetter: "Lo"
    case .nonspacingMark: "Mn"
    case .spacingMark: "Mc"
    case .enclosingMark: "Me"
    case .decimalNumber: "Nd"
    case .letterNumber: "Nl"
    case .otherNumber: "No"
    case .connectorPunctuation: "Pc"
    case .dashPunctuation: "Pd"
    case .openPunctuation: "Ps"
    case .closePunctuation: "Pe"
    case .initialPunctuation: "Pi"
    case .finalPunctuation: "Pf"
    case .otherPunctuation: "Po"
    case .mathSymbol: "Sm"
    case .currencySymbol: "Sc"
    case .modifierSymbol: "Sk"
    case .otherSymbol: "So"
    case .spaceSeparator: "Zs"
    case .lineSeparator: "Zl"
    case .paragraphSeparator: "Zp"
    default: "C"
    }
  }
}
