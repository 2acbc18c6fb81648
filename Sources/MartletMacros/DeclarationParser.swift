import SwiftSyntax

extension ModelDeclaration {
  /// Reads a struct. Lenient: what makes no sense becomes ``Role/unusable``, and a validator says why.
  init(_ syntax: StructDeclSyntax, attribute: AttributeSyntax, typeName: String?, fileID: String) {
    let arguments = MarkerArguments(attribute)
    let name = syntax.name.text
    let module = fileID.split(separator: "/").first.map(String.init) ?? ""
    let app = arguments.string("app") ?? module.lowercased()
    self.name = name
    self.typeName = typeName ?? name
    self.app = app
    table = arguments.string("table") ?? "\(app)_\(ColumnNaming.modelName(name))"
    label = arguments.text("label") ?? "nil"
    pluralLabel = arguments.text("pluralLabel") ?? "nil"
    key = arguments.member("key").flatMap(KeyChoice.init) ?? .int64
    documentation = DocComment.text(of: syntax.leadingTrivia)
    access = Self.access(of: syntax)
    self.syntax = syntax
    self.arguments = arguments
    properties = []
    properties = syntax.memberBlock.members.flatMap { parse($0.decl) }
  }

  private static func access(of syntax: StructDeclSyntax) -> String {
    for modifier in syntax.modifiers where ["public", "package"].contains(modifier.name.text) { return modifier.name.text + " " }
    return ""
  }

  /// `public `, `package `, `fileprivate ` or nothing.
  private func access(of variable: VariableDeclSyntax) -> String {
    let order = ["public", "package", "internal", "fileprivate", "private"]
    func rank(_ level: String) -> Int { order.firstIndex(of: level) ?? 2 }
    let written = variable.modifiers.first { $0.detail == nil && order.contains($0.name.text) }?.name.text ?? "internal"
    if rank(written) > 2 { return "fileprivate " }
    if rank(written) <= rank(access.isEmpty ? "internal" : String(access.dropLast())) { return access }
    return written == "internal" ? "" : written + " "
  }

  private func parse(_ member: DeclSyntax) -> [Property] {
    guard let variable = member.as(VariableDeclSyntax.self), variable.isInstanceMember else { return [] }
    let markers = variable.attributes.compactMap { $0.as(AttributeSyntax.self).flatMap(Marker.init) }
    var properties: [Property] = []
    var following: TypeSyntax?  // in 'var a, b: Int', b's annotation is a's too
    for binding in variable.bindings.reversed() {
      following = binding.typeAnnotation?.type ?? (binding.initializer == nil ? following : nil)
      guard binding.isStored, let name = binding.pattern.as(IdentifierPatternSyntax.self)?.identifier else { continue }
      properties.append(property(name.text, following, markers, binding, variable))
    }
    return properties.reversed()
  }

  private func property(
    _ spelling: String, _ type: TypeSyntax?, _ markers: [Marker], _ binding: PatternBindingSyntax, _ variable: VariableDeclSyntax
  ) -> Property {
    let name = spelling.filter { $0 != "`" }
    let written = type.map { WrittenType($0, selfName: typeName) } ?? binding.initializer.flatMap { WrittenType(of: $0.value) }
    var property = Property(
      name: name, spelling: spelling, type: written, initializer: binding.initializer?.value.trimmedDescription, role: .unusable,
      access: access(of: variable), column: ColumnNaming.snakeCase(name),
      documentation: DocComment.text(of: variable.leadingTrivia),
      markers: markers, binding: binding, declaration: variable)
    property.role = role(of: property)
    if case .reference = property.role { property.column += "_id" }
    if let field = property.marker(.field)?.arguments, let list = field.list, !list.isEmpty {
      property.rules = field.text("validate")
      property.fieldArguments = property.rules == nil ? list.trimmedDescription : field.text(without: "validate")
      property.column = field.string("column") ?? property.column
    }
    return property
  }
}

extension VariableDeclSyntax {
  var isInstanceMember: Bool { !modifiers.contains { ["static", "class"].contains($0.name.text) } }
}

extension PatternBindingSyntax {
  /// Observers leave a property stored, getters do not.
  var isStored: Bool {
    switch accessorBlock?.accessors {
    case nil: true
    case .getter: false
    case .accessors(let list):
      list.allSatisfy { $0.accessorSpecifier.text == "willSet" || $0.accessorSpecifier.text == "didSet" }
    }
  }
}

extension WrittenType {
  /// The type that a literal has where none is written.
  init?(of expression: ExprSyntax) {
    if let prefix = expression.as(PrefixOperatorExprSyntax.self), prefix.operator.text == "-" {
      guard prefix.expression.is(IntegerLiteralExprSyntax.self) || prefix.expression.is(FloatLiteralExprSyntax.self) else {
        return nil
      }
      self.init(of: prefix.expression)
      return
    }
    switch expression.kind {
    case .stringLiteralExpr: self.init(literal: "String")
    case .integerLiteralExpr: self.init(literal: "Int")
    case .floatLiteralExpr: self.init(literal: "Double")
    case .booleanLiteralExpr: self.init(literal: "Bool")
    default: return nil
    }
  }
}
