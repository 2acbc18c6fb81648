import MartletORM
import MartletSQL

/// What `?search=` looks in.
package struct ListSearch: Sendable {
  static let parameter = "search"
  var fields: [FilterField]
  /// The condition by a full-text index, where the resource searches by one.
  var fullText: (@Sendable (Path, String) -> Node)?

  /// The condition for what a person typed.
  func filter(_ text: FilterText) throws(InputFault) -> FilterExpression {
    guard let text = text.single else { throw InputFault("invalid", "Expected one value, not a list.") }
    if text.utf8.contains(0) { throw InputFault("null_characters_not_allowed", "Null characters are not allowed.") }
    if let fullText {
      // No text is no question: the list stays whole.
      return text.allSatisfy(\.isWhitespace) ? .all([]) : .fullText { fullText($0, text) }
    }
    let words = ListSearch.words(text)
    guard words.count <= FilterLimits.words else {
      throw InputFault("max_length", "Ensure there are no more than \(FilterLimits.words) words.")
    }
    return .words(words, in: fields)
  }

  /// Words apart by white space and commas, `"several words"` as one. A quotation mark that is not closed is white space.
  static func words(_ text: String) -> [String] {
    var words: [String] = [], word = "", rest = text.unicodeScalars[...]
    func isBetween(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isWhitespace || scalar == "," || scalar == "\"" }
    while let scalar = rest.first {
      if scalar == "\"", word.isEmpty, let phrase = FilterText.quoted(&rest) {
        if !phrase.isEmpty { words.append(phrase) }
        continue
      }
      rest.removeFirst()
      if !isBetween(scalar) {
        word.unicodeScalars.append(scalar)
      } else if !word.isEmpty {
        words.append(word)
        word = ""
      }
    }
    return word.isEmpty ? words : words + [word]
  }
}
