import SwiftDiagnostics
package import SwiftSyntax
package import SwiftSyntaxMacros

/// `@Input`: parses the syntax into an ``InputDeclaration``, checks it, renders the reader and the schema.
///
/// They are members and not in the extension: there the names of types that stand beside a nested struct would mean nothing.
package struct InputMacro: MemberMacro, ExtensionMacro {
  package static var formatMode: FormatMode { .disabled }

  package static func expansion(
    of node: AttributeSyntax, providingMembersOf declaration: some DeclGroupSyntax, conformingTo protocols: [TypeSyntax],
    in context: some MacroExpansionContext
  ) throws -> [DeclSyntax] {
    let (input, mistakes) = check(declaration, node)
    // Reported here and not in the other role as well: each mistake once.
    for mistake in mistakes { context.diagnose(mistake.diagnostic) }
    guard let input else { return [] }
    // With a mistake, members that say nothing: without them the compiler would add errors about every use of the type.
    let text = mistakes.contains { !$0.isWarning } ? input.renderPlaceholders() : input.renderMembers()
    return [CodeWriter.declarations(text)]
  }

  package static func expansion(
    of node: AttributeSyntax, attachedTo declaration: some DeclGroupSyntax, providingExtensionsOf type: some TypeSyntaxProtocol,
    conformingTo protocols: [TypeSyntax], in context: some MacroExpansionContext
  ) throws -> [ExtensionDeclSyntax] {
    // The list is empty where the struct names the conformance itself.
    guard check(declaration, node).0 != nil, !protocols.isEmpty else { return [] }
    return [
      ExtensionDeclSyntax(
        extensionKeyword: .keyword(.extension, trailingTrivia: .space),
        extendedType: IdentifierTypeSyntax(name: .identifier(type.trimmedDescription + ": MartletREST.Input")),
        memberBlock: MemberBlockSyntax(
          leftBrace: .leftBraceToken(leadingTrivia: .space), members: [], rightBrace: .rightBraceToken()))
    ]
  }

  /// The declaration, where it can be one at all, and what is wrong with it.
  private static func check(_ declaration: some DeclGroupSyntax, _ node: AttributeSyntax) -> (InputDeclaration?, [Mistake]) {
    guard let syntax = declaration.as(StructDeclSyntax.self) else { return (nil, [.inputIsNoStruct(declaration)]) }
    if let mistake = Mistake.generic(syntax, "an input", "form of JSON") { return (nil, [mistake]) }
    let input = InputDeclaration(syntax, attribute: node)
    return (input, InputValidators.all.flatMap { $0(input) })
  }
}
