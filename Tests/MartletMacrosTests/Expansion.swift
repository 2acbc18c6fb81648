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

  /// Expands as in a module; `nil`: as if the compiler could not tell the module.
  init(_ source: String, module: String? = "Blog", conformances: [String] = ["Model"]) {
    let file = Parser.parse(source: source)
    let known = module.map { BasicMacroExpansionContext.KnownSourceFile(moduleName: $0, fullFilePath: "/\($0)/Models.swift") }
    let context = BasicMacroExpansionContext(sourceFiles: known.map { [file: $0] } ?? [:])
    let added = conformances.map { TypeSyntax(IdentifierTypeSyntax(name: .identifier($0))) }
    var specs = ["Model": MacroSpec(type: ModelMacro.self, conformances: added)]
    let input = TypeSyntax(IdentifierTypeSyntax(name: .identifier("Input")))
    specs["Input"] = MacroSpec(type: InputMacro.self, conformances: conformances.isEmpty ? [] : [input])
    for kind in MarkerKind.allCases { specs[kind.rawValue] = MacroSpec(type: MarkerMacro.self) }
    let expanded = file.expand(
      macroSpecs: specs,
      contextGenerator: { BasicMacroExpansionContext(sharingWith: context, lexicalContext: $0.allMacroLexicalContexts()) },
      indentationWidth: .spaces(2))
    text = expanded.description
    diagnostics = context.diagnostics.map { Self.render($0, file, source, context) }.joined()
  }
}
