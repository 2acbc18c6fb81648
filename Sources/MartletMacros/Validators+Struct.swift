import SwiftSyntax

extension Mistake {
  /// A model is a value.
  static func notAStruct(_ declaration: some DeclGroupSyntax) -> Mistake {
    let keyword = declaration.introducer
    let final = declaration.modifiers.first { $0.name.tokenKind == .keyword(.final) }
    let edits = [.replace(keyword, with: "struct")] + (final.map { [FixChange.remove($0)] } ?? [])
    return Mistake(
      keyword, "@Model goes on a struct, not on \(article(keyword.text)): a model is a value",
      fixes: declaration.is(ClassDeclSyntax.self) ? [Fix(message: "make it a struct", edits: edits)] : [])
  }
  private static func article(_ keyword: String) -> String {
    (["enum", "actor", "extension"].contains(keyword) ? "an " : "a ") + keyword
  }

  /// One model is one table, one input one form of JSON.
  static func generic(_ syntax: StructDeclSyntax, _ kind: String, _ thing: String) -> Mistake? {
    guard let clause = syntax.genericParameterClause else { return nil }
    return Mistake(clause, "\(kind) cannot be generic: '\(syntax.name.text)' is one \(thing)")
  }
}

extension Validators {
  /// `key:` is a choice that the macro can read.
  @Sendable static func keyArgument(_ model: ModelDeclaration) -> [Mistake] {
    guard let argument = model.arguments.argument("key"), model.arguments.member("key").flatMap(KeyChoice.init) == nil else {
      return []
    }
    return [
      Mistake(
        argument.expression,
        "'key:' is one of .int64, .uuidV4, .uuidV7 and .text, written here: the macro sees the text, not the value",
        fixes: [.init(message: "use .int64", edits: [.replace(argument.expression, with: ".int64")])])
    ]
  }

  /// Without a module there is no app label.
  @Sendable static func moduleIsKnown(_ model: ModelDeclaration) -> [Mistake] {
    guard model.app.isEmpty, model.arguments.argument("app") == nil else { return [] }
    return [Mistake(model.arguments.node, "the module of '\(model.name)' is unknown: write @Model(app: \"…\")")]
  }

  /// `app:` and `table:` are names that the macro can read.
  @Sendable static func modelNames(_ model: ModelDeclaration) -> [Mistake] {
    ["app", "table"].flatMap { nameLiteral($0, of: model.arguments) }
  }

  /// Every model has an `id`.
  @Sendable static func missingKey(_ model: ModelDeclaration) -> [Mistake] {
    guard !model.properties.contains(where: { $0.name == "id" }), !model.hasCompositeKey else { return [] }
    if let part = model.keyParts.first, let argument = part.marker(.field)?.arguments.argument("primaryKey") {
      return [
        Mistake(
          argument,
          "a key of one column is 'var id: ID': mark the other columns of the key too, or name it id and choose its type with "
            + "@Model(key:)")
      ]
    }
    let brace = model.syntax.memberBlock.leftBrace
    let access = model.access.isEmpty ? "" : model.access
    return [
      Mistake(
        model.syntax.name, "the model '\(model.name)' has no primary key: add 'var id: ID'",
        fixes: [.init(message: "add 'var id: ID'", edits: [.insert("\n  \(access)var id: ID", after: brace)])])
    ]
  }

  /// The table is the same in every build.
  @Sendable static func conditionalProperties(_ model: ModelDeclaration) -> [Mistake] {
    model.syntax.memberBlock.members.flatMap { member in
      guard let condition = member.decl.as(IfConfigDeclSyntax.self) else { return [Mistake]() }
      let members = condition.clauses.compactMap { $0.elements?.as(MemberBlockItemListSyntax.self) }.flatMap(Array.init)
      return members.compactMap { $0.decl.as(VariableDeclSyntax.self) }
        .filter { $0.isInstanceMember && $0.bindings.contains(where: \.isStored) }
        .map { Mistake($0, "a stored property of a model cannot stand under #if: its table would differ from build to build") }
    }
  }

  /// Two properties never share a column; databases compare names without case.
  @Sendable static func duplicateColumns(_ model: ModelDeclaration) -> [Mistake] {
    var owners: [String: Property] = [:]
    var mistakes: [Mistake] = []
    for property in model.columns {
      if let owner = owners[property.column.lowercased()] {
        mistakes.append(
          Mistake(
            property.binding.pattern,
            "'\(property.name)' and '\(owner.name)' are both the column '\(property.column)': "
              + "name one with @Field(column: \"…\")"))
      } else {
        owners[property.column.lowercased()] = property
      }
    }
    return mistakes
  }
}
