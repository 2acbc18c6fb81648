extension InputDeclaration {
  /// What goes into the struct.
  func renderMembers() -> String {
    var code = CodeWriter()
    renderInitializer(&code)
    renderSchema(&code)
    renderReader(&code)
    return code.text
  }

  /// What satisfies the protocol, and does nothing.
  func renderPlaceholders() -> String {
    var code = CodeWriter()
    code.line(
      "\(access)static var inputSchema: MartletREST.InputSchema { MartletREST.InputSchemaBuilder(\(quoted(name))).build() }")
    code.line("\(access)init?(reading fields: inout MartletREST.InputFields) { return nil }")
    return code.text
  }

  /// Swift's own memberwise initialiser is gone where a struct has another one.
  private func renderInitializer(_ code: inout CodeWriter) {
    let read = fields.filter { $0.role == .column }
    let parameters = read.map { field in
      let value = field.initializer ?? (field.isGiven ? ".missing" : field.type?.isOptional == true ? "nil" : nil)
      return "\(field.spelling): \(field.type?.text ?? "")" + (value.map { " = \($0)" } ?? "")
    }
    let isOpen = read.allSatisfy { $0.access == access }
    code.block("\(isOpen ? access : "")init(\(parameters.joined(separator: ", ")))") { code in
      for field in read { code.line("self.\(field.spelling) = \(field.spelling)") }
    }
  }

  private func renderSchema(_ code: inout CodeWriter) {
    let options = [naming.map { ", naming: \($0)" }, unknownFields.map { ", unknownFields: \($0)" }].compactMap { $0 }.joined()
    code.block("\(access)static let inputSchema: MartletREST.InputSchema =", closing: "}()") { code in
      code.line("var b = MartletREST.InputSchemaBuilder(\(quoted(name))\(options))")
      if let documentation { code.line("b.document(\(quoted(documentation)))") }
      for field in fields where field.role == .column {
        let options = field.fieldArguments.map { ", .init(\($0))" } ?? ""
        code.line("b.field(\(quoted(field.name)), \(type(of: field)).self\(fallback(of: field))\(options))")
        if let rules = field.rules { code.line("b.rules(\(quoted(field.name)), \(rules))") }
        if let text = field.documentation { code.line("b.document(\(quoted(field.name)), \(quoted(text)))") }
      }
      code.line("return b.build()")
    }
  }

  /// All fields are read before one that is wrong ends it: every mistake is found.
  private func renderReader(_ code: inout CodeWriter) {
    let read = fields.filter { $0.role == .column }
    code.block("\(access)init?(reading fields: inout MartletREST.InputFields)") { code in
      for (index, field) in read.enumerated() {
        code.line("let v\(index) = fields.read(\(index), \(type(of: field)).self\(fallback(of: field)))")
      }
      if !read.isEmpty {
        code.line("guard \(read.indices.map { "let v\($0)" }.joined(separator: ", ")) else { return nil }")
      }
      for (index, field) in read.enumerated() { code.line("self.\(field.spelling) = v\(index)") }
    }
  }

  /// `Optional<T>`, since `T?.self` reads badly after more than a name.
  private func type(of field: Property) -> String { field.readable }

  private func fallback(of field: Property) -> String {
    guard let initializer = field.initializer, !field.isGiven else { return "" }
    return field.type?.isOptional == true && initializer == "nil" ? "" : ", default: { \(initializer) }"
  }
}
