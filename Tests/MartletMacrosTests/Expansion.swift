import SwiftDiagnostics
import SwiftParser
import SwiftSyntax
import SwiftSyntaxMacroExpansion
import SwiftSyntaxMacros
import Testing

@testable import MartletMacros

/// What a macro makes of a source file.
struct Expansion {
  /// The source with every macro expanded.
  var text: String
  /// Mistakes as `line:column: severity: message`, each followed by its fix-its and the lines that they change.
  var diagnostics: String

  init(_ source: String, module: String = "Blog") {
    let file = Parser.parse(source: source)
    let known = BasicMacroExpansionContext.KnownSourceFile(moduleName: module, fullFilePath: "/\(module)/Models.swift")
    let context = BasicMacroExpansionContext(sourceFiles: [file: known])
    var specs = [
      "Model": MacroSpec(type: ModelMacro.self, conformances: [TypeSyntax(IdentifierTypeSyntax(name: .identifier("Model")))])
    ]
    for kind in MarkerKind.allCases { specs[kind.rawValue] = MacroSpec(type: MarkerMacro.self) }
    let expanded = file.expand(
      macroSpecs: specs,
      contextGenerator: { BasicMacroExpansionContext(sharingWith: context, lexicalContext: $0.allMacroLexicalContexts()) },
      indentationWidth: .spaces(2))
    text = expanded.description
    diagnostics = context.diagnostics.map { Self.render($0, file, source, context) }.joined()
  }
}
