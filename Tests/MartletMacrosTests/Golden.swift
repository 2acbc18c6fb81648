import Foundation
import SwiftDiagnostics
import SwiftParser
import SwiftSyntax
import SwiftSyntaxMacroExpansion
import Testing

@testable import MartletMacros

extension Expansion {
  /// A mistake as `line:column: severity: message`, its fix-its as the changed lines.
  static func render(
    _ diagnostic: Diagnostic, _ file: SourceFileSyntax, _ source: String, _ context: BasicMacroExpansionContext
  ) -> String {
    let place = context.location(for: diagnostic.position, anchoredAt: diagnostic.node, fileName: "Models.swift")
    var text = "\(place.line):\(place.column): \(diagnostic.diagMessage.severity): \(diagnostic.message)\n"
    for fix in diagnostic.fixIts {
      text += "  fix: \(fix.message.message)\n"
      for line in changedLines(source, by: fix, at: diagnostic.node, context) { text += "    \(line)\n" }
    }
    return text
  }

  /// The lines of the source that are new once the fix-it is applied, and `-` with those that went.
  private static func changedLines(
    _ source: String, by fix: FixIt, at node: Syntax, _ context: BasicMacroExpansionContext
  ) -> [String] {
    var bytes = Array(source.utf8)
    // The tree that the macro saw is detached: its positions begin at the declaration.
    let start = context.location(for: AbsolutePosition(utf8Offset: 0), anchoredAt: node.root, fileName: "").offset
    for edit in fix.edits.sorted(by: { $0.range.lowerBound > $1.range.lowerBound }) {
      let range = edit.range.lowerBound.utf8Offset + start..<edit.range.upperBound.utf8Offset + start
      bytes.replaceSubrange(range, with: Array(edit.replacement.utf8))
    }
    let old = source.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let new = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    return new.difference(from: old).map { change in
      switch change {
      case .insert(_, let line, _): "+ \(line)"
      case .remove(_, let line, _): "- \(line)"
      }
    }
  }
}

/// A file that holds an input, what it expands to, and what is reported.
struct Golden {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Goldens")
  static let isRecording = ProcessInfo.processInfo.environment["RECORD"] == "1"

  /// Compares with the file, or writes it (`RECORD=1`).
  static func expect(
    _ name: String, _ source: String, sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) throws {
    let expansion = Expansion(source)
    #expect(!Parser.parse(source: expansion.text).hasError, "the expansion is not Swift", sourceLocation: sourceLocation)
    let diagnostics = expansion.diagnostics.isEmpty ? "none\n" : expansion.diagnostics
    let found = "=== input\n\(source)\n=== diagnostics\n\(diagnostics)=== expansion\n\(expansion.text)\n"
    let file = folder.appendingPathComponent(name + ".txt")
    if isRecording { return try found.write(to: file, atomically: true, encoding: .utf8) }
    let expected = try String(contentsOf: file, encoding: .utf8)
    #expect(found == expected, "Goldens/\(name).txt differs; RECORD=1 rewrites it", sourceLocation: sourceLocation)
  }
}
