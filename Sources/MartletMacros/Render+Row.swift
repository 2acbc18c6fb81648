extension ModelDeclaration {
  /// The positional decoder of a whole row.
  func renderRowDecoder(_ code: inout CodeWriter) {
    code.block("\(access)init(row: inout MartletSQL.Row) throws") { code in
      // A mistake was reported, so this does not compile: without this line the compiler would add errors about properties
      // that were never set.
      if properties.contains(where: { $0.role == .unusable }) {
        return code.line("throw MartletORM.ORMError(.invalidExpression, \"\(name) has a property that no column can hold\")")
      }
      for property in properties where !(property.isLet && property.initializer != nil) {
        let value =
          switch property.role {
          case .key: "try \(keyType).read(&row)"
          case .column, .reference: "try \(property.readable).read(&row)"
          case .compositeReference, .hasOne, .hasMany, .manyToMany: ".init()"
          case .transient: property.initializer ?? "nil"
          case .unusable: ""
          }
        code.line("self.\(property.spelling) = \(value)")
      }
    }
  }

  /// Columns by their place: for saving, and for reading back single columns.
  func renderColumnAccess(_ code: inout CodeWriter) {
    let columns = Array(self.columns.enumerated())
    code.block("\(access)func columnValue(at index: Int) -> MartletSQL.SQLValue") { code in
      code.choice("index", columns.map { "case \($0): self.\($1.spelling).sqlValue" } + ["default: .null"])
    }
    code.block("\(access)mutating func readColumn(at index: Int, from row: inout MartletSQL.Row) throws") { code in
      let reads = columns.map { index, property in
        "case \(index): self.\(property.spelling) = try \(property.role == .key ? keyType : property.readable).read(&row)"
      }
      code.choice("index", reads + ["default: break"])
    }
  }
}
