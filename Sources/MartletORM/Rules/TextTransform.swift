/// What is done to text from a client before it is checked: `@Field(transform: [.trim, .lowercase])`.
///
/// It is for input, of resources and of hand-written routes: the ORM writes what it is given.
public struct TextTransform: OptionSet, Sendable, Hashable {
  public let rawValue: UInt8
  /// The transformations of these bits.
  public init(rawValue: UInt8) { self.rawValue = rawValue }
  /// Without white space at both ends.
  public static let trim = TextTransform(rawValue: 1)
  /// In lower case.
  public static let lowercase = TextTransform(rawValue: 2)
  /// In upper case.
  public static let uppercase = TextTransform(rawValue: 4)
  /// With one space for each run of white space.
  public static let collapseSpaces = TextTransform(rawValue: 8)

  /// The text as it is kept.
  package func apply(to text: String) -> String {
    var result = text
    if contains(.trim) {
      var rest = result[...]
      while let first = rest.first, first.isWhitespace { rest.removeFirst() }
      while let last = rest.last, last.isWhitespace { rest.removeLast() }
      result = String(rest)
    }
    if contains(.collapseSpaces) {
      var collapsed = "", isAfterSpace = false
      for character in result {
        if !character.isWhitespace { collapsed.append(character) } else if !isAfterSpace { collapsed.append(" ") }
        isAfterSpace = character.isWhitespace
      }
      result = collapsed
    }
    if contains(.lowercase) { result = result.lowercased() }
    if contains(.uppercase) { result = result.uppercased() }
    return result
  }
}
