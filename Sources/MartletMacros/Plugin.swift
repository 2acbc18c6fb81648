import SwiftCompilerPlugin
import SwiftSyntaxMacros

@main struct MartletPlugin: CompilerPlugin {
  let providingMacros: [any Macro.Type] = [ModelMacro.self, InputMacro.self, MarkerMacro.self]
}
