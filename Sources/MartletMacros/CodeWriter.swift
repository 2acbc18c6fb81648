import SwiftSyntax

/// Collects generated source, indented.
struct CodeWriter {
  private(set) var text = ""
  private var indentation: String

  init(depth: Int = 0) { indentation = String(repeating: "  ", count: depth) }

  mutating func line(_ line: String) {
    text += indentation
    text += line
    text += "\n"
  }
  /// `opening {` … `}`.
  mutating func block(_ opening: String, closing: String = "}", _ body: (inout CodeWriter) -> Void) {
    line(opening + " {")
    indentation += "  "
    body(&self)
    indentation.removeLast(2)
    line(closing)
  }
  /// `switch subject {` … `}`, the cases not indented.
  mutating func choice(_ subject: String, _ cases: [String]) {
    line("switch \(subject) {")
    for text in cases { line(text) }
    line("}")
  }

  /// Generated declarations as syntax: the text travels as trivia, which the compiler parses once.
  static func declarations(_ text: String) -> DeclSyntax {
    let placeholder = TokenSyntax.identifier("", leadingTrivia: Trivia(pieces: [.unexpectedText(text)]))
    return DeclSyntax(MissingDeclSyntax(placeholder: placeholder))
  }
}
