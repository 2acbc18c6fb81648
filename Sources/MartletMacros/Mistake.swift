import SwiftDiagnostics
import SwiftSyntax

/// Something wrong in a declaration, and how to put it right.
struct Mistake {
  var node: Syntax
  var message: String
  /// Whether the build goes on.
  var isWarning: Bool
  var fixes: [Fix]

  init(_ node: some SyntaxProtocol, _ message: String, isWarning: Bool = false, fixes: [Fix] = []) {
    self.node = Syntax(node)
    self.message = message
    self.isWarning = isWarning
    self.fixes = fixes
  }

  /// A change of text that the editor offers.
  struct Fix {
    var message: String
    var edits: [FixChange]
  }

  var diagnostic: Diagnostic {
    Diagnostic(
      node: node, message: Text(message: message, severity: isWarning ? .warning : .error),
      fixIts: fixes.map { FixIt(message: Text(message: $0.message, severity: .remark), changes: $0.edits) })
  }

  private struct Text: DiagnosticMessage, FixItMessage {
    var message: String
    var severity: DiagnosticSeverity
    var diagnosticID: MessageID { MessageID(domain: "Martlet", id: message) }
    var fixItID: MessageID { diagnosticID }
  }
}

/// A change of the source's text.
typealias FixChange = FixIt.Change

extension FixChange {
  /// Writes `text` before a node.
  static func insert(_ text: String, before node: some SyntaxProtocol) -> Self {
    let position = node.positionAfterSkippingLeadingTrivia
    return .replaceText(range: position..<position, with: text, in: Syntax(node))
  }
  /// Writes `text` right after a node.
  static func insert(_ text: String, after node: some SyntaxProtocol) -> Self {
    let position = node.endPositionBeforeTrailingTrivia
    return .replaceText(range: position..<position, with: text, in: Syntax(node))
  }
  /// Writes `text` in place of a node.
  static func replace(_ node: some SyntaxProtocol, with text: String) -> Self {
    let range = node.positionAfterSkippingLeadingTrivia..<node.endPositionBeforeTrailingTrivia
    return .replaceText(range: range, with: text, in: Syntax(node))
  }
  /// Writes `text` in place of a type and of the initial value after it.
  static func replace(_ type: TypeSyntax, andValueOf binding: PatternBindingSyntax, with text: String) -> Self {
    let end = binding.initializer?.endPositionBeforeTrailingTrivia ?? type.endPositionBeforeTrailingTrivia
    return .replaceText(range: type.positionAfterSkippingLeadingTrivia..<end, with: text, in: Syntax(type))
  }
  /// Takes a node away, with the space that follows it.
  static func remove(_ node: some SyntaxProtocol) -> Self {
    .replaceText(range: node.positionAfterSkippingLeadingTrivia..<node.endPosition, with: "", in: Syntax(node))
  }
}
