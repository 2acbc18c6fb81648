import SwiftSyntax

/// The doc comment above a declaration, as Markdown for API documents.
///
/// Indentation and comment marks are gone, and so are DocC's callouts (`- Note:`, `- Parameter x:`): they speak to those who
/// read the code.
enum DocComment {
  /// The last comment of `///` lines or of `/** … */` in the trivia before a declaration; `nil` where it says nothing.
  static func text(of trivia: Trivia) -> String? {
    var lines: [String] = [], newlines = 0
    for piece in trivia {
      switch piece {
      case .docLineComment(let line):
        // An empty line in between makes it another comment.
        if newlines > 1 { lines = [] }
        lines.append(String(line.dropFirst(3)))
        newlines = 0
      case .docBlockComment(let block):
        lines = self.lines(ofBlock: block)
        newlines = 2
      case .newlines(let count), .carriageReturns(let count), .carriageReturnLineFeeds(let count): newlines += count
      case .lineComment, .blockComment: newlines = 2
      default: break
      }
    }
    let text = withoutCallouts(dedented(lines))
    return text.isEmpty ? nil : text.joined(separator: "\n")
  }

  /// The inside of `/** … */`, without a column of asterisks at the left.
  private static func lines(ofBlock block: String) -> [String] {
    var inside = block.dropFirst(3)
    if inside.hasSuffix("*/") { inside = inside.dropLast(2) }
    var lines = inside.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init)
    let rest = lines.dropFirst().filter { !isBlank($0) }
    if !rest.isEmpty, rest.allSatisfy({ $0.drop(while: isSpace).hasPrefix("*") }) {
      for index in lines.indices.dropFirst() { lines[index] = String(lines[index].drop(while: isSpace).dropFirst()) }
    }
    // The first line begins right after the mark: its indentation is not that of the others.
    if let first = lines.first { lines[0] = String(first.drop(while: isSpace)) }
    let others = dedented(Array(lines.dropFirst()))
    return lines.prefix(1) + others
  }

  /// The lines without the indentation that all of them share.
  private static func dedented(_ lines: [String]) -> [String] {
    let shared = lines.filter { !isBlank($0) }.map { $0.prefix(while: isSpace).count }.min() ?? 0
    return lines.map { isBlank($0) ? "" : trimmedEnd(String($0.dropFirst(shared))) }
  }

  /// Without list items such as `- Note: …` and the lines that belong to them, and without empty lines at the ends.
  private static func withoutCallouts(_ lines: [String]) -> [String] {
    var kept: [String] = [], calloutIndent: Int?, isInFence = false, isAfterBlank = false
    for line in lines {
      let indent = line.prefix(while: isSpace).count, words = line.dropFirst(indent)
      if let callout = calloutIndent {
        let isNewItem = indent <= callout && (isListItem(words) || words.hasPrefix("#"))
        // A paragraph goes on until an empty line, and an item holds what is indented.
        if line.isEmpty || indent > callout || (!isAfterBlank && !isNewItem) {
          isAfterBlank = line.isEmpty
          continue
        }
        calloutIndent = nil
      }
      if words.hasPrefix("```") { isInFence.toggle() }
      if !isInFence, isCallout(words) {
        calloutIndent = indent
        isAfterBlank = false
        continue
      }
      if !(line.isEmpty && (kept.last ?? "").isEmpty) { kept.append(line) }
    }
    while kept.last?.isEmpty == true { kept.removeLast() }
    return kept
  }

  private static let callouts: Set<String> = [
    "attention", "author", "authors", "bug", "complexity", "copyright", "date", "experiment", "important", "invariant", "keyword",
    "localizationkey", "mutatingvariant", "nonmutatingvariant", "note", "parameter", "parameters", "postcondition",
    "precondition",
    "recommended", "recommendedover", "remark", "remarks", "requires", "returns", "seealso", "since", "tag", "throws", "tip",
    "todo",
    "version", "warning",
  ]
  private static func isListItem(_ text: Substring) -> Bool {
    ["- ", "* ", "+ "].contains { text.hasPrefix($0) }
  }
  /// `- Note:`, `- Parameter name:`
  private static func isCallout(_ text: Substring) -> Bool {
    guard isListItem(text), let colon = text.firstIndex(of: ":") else { return false }
    let words = text[..<colon].dropFirst(2).split(separator: " ")
    guard let first = words.first?.lowercased(), callouts.contains(first) else { return false }
    return words.count == 1 || words.count == 2 && first == "parameter"
  }

  private static func isSpace(_ character: Character) -> Bool { character == " " || character == "\t" }
  private static func isBlank(_ line: String) -> Bool { line.allSatisfy(isSpace) }
  private static func trimmedEnd(_ line: String) -> String {
    var rest = line[...]
    while let last = rest.last, isSpace(last) || last == "\r" { rest.removeLast() }
    return String(rest)
  }
}
