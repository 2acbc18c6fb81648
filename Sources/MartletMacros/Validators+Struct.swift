import SwiftSyntax

extension Mistake {
  /// A model is a value.
  static func notAStruct(_ declaration: some DeclGroupSyntax) -> Mistake {
    let keyword = declaration.introducer
    let fixes =
      declaration.is(ClassDeclSyntax.self) ? [Fix(message: "make it a struct", edits: [.replace(keyword, with: "struct")])] : []
    return Mistake(keyword, "@Model goes on a struct, not on \(article(keyword.text)): a model is a value", fixes: fixes)
  }
  private static func article(_ keyword: String) -> String {
    (["enum", "actor", "extension"].contains(keyword) ? "an " : "a ") + keyword
  }

  /// One model is one table.
  static func generic(_ syntax: StructDeclSyntax) -> Mistake? {
    guard let clause = syntax.genericParameterClause else { return nil }
    return Mistake(clause, "a model cannot be generic: '\(syntax.name.text)' has to be one table")
  }
}

extension Validators {
  @Sendable static func missingKey(_ model: ModelDeclaration) -> [Mistake] {
    guard !model.properties.contains(where: { $0.name == "id" }) else { return [] }
    return [
      Mistake(
        model.syntax.name, "the model '\(model.name)' has no primary key: add 'var id: ID'",
        fixes: [
          .init(message: "add 'var id: ID'", edits: [.insert("\n  var id: ID", after: model.syntax.memberBlock.leftBrace)])
        ])
    ]
  }
}
