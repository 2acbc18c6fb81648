import SwiftDiagnostics
import SwiftParser
package import SwiftSyntax
package import SwiftSyntaxMacros

/// `@Model`: parses the syntax into a ``ModelDeclaration``, checks it, renders it.
///
/// The plug-in runs as a debug build, so formatting and re-parsing its own output would cost more than writing it:
/// `formatMode` is `.disabled`, and the text travels as trivia, which the compiler parses once.
package struct ModelMacro: MemberMacro, ExtensionMacro {
  package static var formatMode: FormatMode { .disabled }

  package static func expansion(
    of node: AttributeSyntax, providingMembersOf declaration: some DeclGroupSyntax, conformingTo protocols: [TypeSyntax],
    in context: some MacroExpansionContext
  ) throws -> [DeclSyntax] {
    let (model, mistakes) = check(declaration, node, typeName: nil, context)
    // Reported here and not in the other role as well: each mistake once.
    for mistake in mistakes { context.diagnose(mistake.diagnostic) }
    guard let model else { return [] }
    let text = model.hasUsableKey ? model.renderMembers() : model.renderKeyType()
    return [CodeWriter.declarations(text)]
  }

  package static func expansion(
    of node: AttributeSyntax, attachedTo declaration: some DeclGroupSyntax, providingExtensionsOf type: some TypeSyntaxProtocol,
    conformingTo protocols: [TypeSyntax], in context: some MacroExpansionContext
  ) throws -> [ExtensionDeclSyntax] {
    let (model, _) = check(declaration, node, typeName: type.trimmedDescription, context)
    guard let model, model.hasUsableKey else { return [] }
    // The list is empty where the struct names the conformance itself.
    let heading = protocols.isEmpty ? model.typeName : model.typeName + ": MartletORM.Model"
    let body = Trivia(pieces: [.unexpectedText("\n" + model.renderExtensionBody())])
    return [
      ExtensionDeclSyntax(
        extensionKeyword: .keyword(.extension, trailingTrivia: .space),
        extendedType: IdentifierTypeSyntax(name: .identifier(heading)),
        memberBlock: MemberBlockSyntax(
          leftBrace: .leftBraceToken(leadingTrivia: .space), members: [], rightBrace: .rightBraceToken(leadingTrivia: body)))
    ]
  }

  private static func check(
    _ declaration: some DeclGroupSyntax, _ node: AttributeSyntax, typeName: String?, _ context: some MacroExpansionContext
  ) -> (ModelDeclaration?, [Mistake]) {
    guard let syntax = declaration.as(StructDeclSyntax.self) else { return (nil, [.notAStruct(declaration)]) }
    if let mistake = Mistake.generic(syntax, "a model", "table") { return (nil, [mistake]) }
    let location = context.location(of: node, at: .afterLeadingTrivia, filePathMode: .fileID)
    let file = location?.file.as(StringLiteralExprSyntax.self)?.representedLiteralValue
    let model = ModelDeclaration(syntax, attribute: node, typeName: typeName, fileID: file ?? "")
    return (model, Validators.all.flatMap { $0(model) })
  }
}
