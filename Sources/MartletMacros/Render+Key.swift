extension ModelDeclaration {
  /// The key type of several columns, and `id` in its terms.
  func renderCompositeKey(_ code: inout CodeWriter) {
    let parts = keyParts.map { (name: $0.spelling, type: $0.keyPartType) }
    code.block("\(access)struct ID: MartletORM.CompositeKey") { code in
      for part in parts { code.line("\(access)var \(part.name): \(part.type)") }
      for label in ["", "_ "] {
        let parameters = parts.map { "\(label)\($0.name): \($0.type)" }.joined(separator: ", ")
        code.block("\(access)init(\(parameters))") { code in
          for part in parts { code.line("self.\(part.name) = \(part.name)") }
        }
      }
      let values = parts.map { "self.\($0.name).sqlValue" }.joined(separator: ", ")
      code.line("\(access)var keyValues: [MartletSQL.SQLValue] { [\(values)] }")
      let text = parts.map { "\\(self.\($0.name))" }.joined(separator: ",")
      code.line("\(access)var description: String { \"\(text)\" }")
      let reads = parts.map { "try \($0.type).read(&row)" }.joined(separator: ", ")
      code.line("\(access)static func read(_ row: inout MartletSQL.Row) throws -> Self { Self(\(reads)) }")
    }
    code.block("\(access)var id: ID") { code in
      let values = keyParts.map { "\($0.spelling): self.\($0.keyPartValue)" }.joined(separator: ", ")
      code.line("get { ID(\(values)) }")
      code.block("set") { code in
        for part in keyParts {
          let value = "newValue.\(part.spelling)"
          if case .reference = part.role {
            // The row that was loaded stays.
            code.line("if self.\(part.keyPartValue) != \(value) { self.\(part.spelling) = MartletORM.Ref(\(value)) }")
          } else {
            code.line("self.\(part.spelling) = \(value)")
          }
        }
      }
    }
  }
}

extension Property {
  /// Whether it is a foreign key.
  var isReference: Bool { if case .reference = role { true } else { false } }
  /// Its type in the key: the other row's key where it is a reference.
  var keyPartType: String {
    if case .reference(let target, _, _) = role { return "\(target).ID" }
    return type?.text ?? ""
  }
  /// Its value in the key.
  var keyPartValue: String { if case .reference = role { "\(spelling).id" } else { spelling } }
}
