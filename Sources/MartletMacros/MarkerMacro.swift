package import SwiftSyntax
package import SwiftSyntaxMacros

/// `@Field`, `@Relation` and the other attributes of properties: ``ModelMacro`` reads them, they write nothing themselves.
package struct MarkerMacro: PeerMacro {
  package static var formatMode: FormatMode { .disabled }

  package static func expansion(
    of node: AttributeSyntax, providingPeersOf declaration: some DeclSyntaxProtocol, in context: some MacroExpansionContext
  ) throws -> [DeclSyntax] { [] }
}
