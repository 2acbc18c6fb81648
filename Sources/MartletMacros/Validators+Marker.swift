import SwiftSyntax

// Which attribute goes where.
extension Validators {
  /// Every other attribute on a stored property is a slip of the pen, or makes something else of the property.
  @Sendable static func attributes(_ property: Property, _ model: ModelDeclaration) -> [Mistake] {
    property.declaration.attributes.compactMap { element in
      guard let attribute = element.as(AttributeSyntax.self), Marker(attribute) == nil else { return nil }
      let name = Marker.name(of: attribute)
      if let kind = MarkerKind.nearest(to: name) {
        return Mistake(
          attribute, "there is no attribute @\(name): did you mean @\(kind.rawValue)?",
          fixes: [
            .init(message: "write @\(kind.rawValue)", edits: [.replace(attribute.attributeName, with: kind.rawValue)])
          ])
      }
      // Attributes of the compiler begin in lower case: @available, @usableFromInline, @_spi.
      guard name.first?.isUppercase == true, property.marker(.transient) == nil else { return nil }
      return Mistake(
        attribute,
        "@\(name) makes '\(property.name)' something that cannot be a column: remove it, or mark the property @Transient",
        fixes: [.init(message: "remove @\(name)", edits: [.remove(attribute)])])
    }
  }

  /// Attributes of columns and relations do nothing on other declarations.
  @Sendable static func markersOnStoredProperties(_ model: ModelDeclaration) -> [Mistake] {
    model.syntax.memberBlock.members.flatMap { member -> [Mistake] in
      guard let variable = member.decl.as(VariableDeclSyntax.self),
        !variable.isInstanceMember || !variable.bindings.contains(where: \.isStored)
      else { return [] }
      let kind = variable.isInstanceMember ? "a computed property" : "a static property"
      return variable.attributes.compactMap { $0.as(AttributeSyntax.self).flatMap(Marker.init) }.map {
        Mistake(
          $0.node, "@\($0.kind.rawValue) has no meaning on \(kind)",
          fixes: [.init(message: "remove @\($0.kind.rawValue)", edits: [.remove($0.node)])])
      }
    }
  }

  /// `@Relation` and `@OneToOne` are for foreign keys.
  @Sendable static func relationMarker(_ property: Property, _ model: ModelDeclaration) -> [Mistake] {
    if case .ref = property.type?.shape { return [] }
    if case .one = property.type?.shape, property.marker(.relation)?.arguments.argument("columns") != nil { return [] }
    return misplaced([.relation, .oneToOne], property, belongsOn: "Ref")
  }

  /// `@HasMany`, `@ManyToMany` and `@HasOne` are for rows elsewhere.
  @Sendable static func collectionMarker(_ property: Property, _ model: ModelDeclaration) -> [Mistake] {
    switch property.type?.shape {
    case .many: misplaced([.hasOne], property, belongsOn: "One")
    case .one: misplaced([.hasMany, .manyToMany], property, belongsOn: "Many")
    default:
      misplaced([.hasOne], property, belongsOn: "One") + misplaced([.hasMany, .manyToMany], property, belongsOn: "Many")
    }
  }

  /// `@Field` is for columns.
  @Sendable static func fieldMarker(_ property: Property, _ model: ModelDeclaration) -> [Mistake] {
    switch property.type?.shape {
    case .many, .one:
      property.markers.filter { $0.kind == .field }.map {
        Mistake(
          $0.node, "@Field goes on a column, and '\(property.name)' is \(property.type?.text ?? "")",
          fixes: [.init(message: "remove @Field", edits: [.remove($0.node)])])
      }
    default: []
    }
  }

  private static func misplaced(_ kinds: [MarkerKind], _ property: Property, belongsOn wrapper: String) -> [Mistake] {
    guard let type = property.type else { return [] }
    let target: String? =
      switch type.shape {
      case .named(let name): KnownType.columns.contains(name) || name.hasPrefix("[") ? nil : type.wrapped
      case .array(let name), .ref(let name), .many(let name), .one(let name): KnownType.columns.contains(name) ? nil : name
      case .dictionary, .unsupported: nil
      }
    let corrected = target.map { "\(wrapper)<\($0)>" + (wrapper == "Ref" && type.isOptional ? "?" : "") }
    return property.markers.filter { kinds.contains($0.kind) }.map { marker in
      var fixes: [Mistake.Fix] = []
      if let corrected, let syntax = property.typeSyntax, property.initializer == nil {
        fixes = [.init(message: "make it \(corrected)", edits: [.replace(syntax, with: corrected)])]
      }
      let message = "@\(marker.kind.rawValue) goes on a \(wrapper)<Model>, and '\(property.name)' is \(type.text)"
      return Mistake(marker.node, message, fixes: fixes)
    }
  }

  /// What is no column has no settings of one, and is not read from the row.
  @Sendable static func transientMarker(_ property: Property, _ model: ModelDeclaration) -> [Mistake] {
    guard let marker = property.marker(.transient) else { return [] }
    var mistakes = property.markers.filter { $0.kind != .transient }.map {
      Mistake(
        $0.node, "@\($0.kind.rawValue) has no meaning beside @Transient",
        fixes: [.init(message: "remove @\($0.kind.rawValue)", edits: [.remove($0.node)])])
    }
    if property.initializer == nil, property.type?.isOptional != true, !property.isLet {
      let fixes = property.typeSyntax.map { type in
        [Mistake.Fix(message: "make it optional", edits: [.replace(type, with: "\(property.type?.text ?? "")?")])]
      }
      mistakes.append(
        Mistake(
          marker.node, "@Transient '\(property.name)' needs a default value or an optional type: it is not in the row",
          fixes: fixes ?? []))
    }
    return mistakes
  }

  /// A property is one kind of relation.
  @Sendable static func oneRelation(_ property: Property, _ model: ModelDeclaration) -> [Mistake] {
    let relations = property.markers.filter { $0.kind != .field && $0.kind != .transient }
    guard let first = relations.first, let second = relations.dropFirst().first else { return [] }
    return [
      Mistake(
        second.node, "@\(first.kind.rawValue) and @\(second.kind.rawValue) exclude each other",
        fixes: [.init(message: "remove @\(second.kind.rawValue)", edits: [.remove(second.node)])])
    ]
  }
}

extension MarkerKind {
  /// The attribute that was probably meant: a third of its letters may be wrong, two at most, case aside.
  static func nearest(to name: String) -> MarkerKind? {
    allCases.map { ($0, editDistance(name.lowercased(), $0.rawValue.lowercased())) }
      .filter { $0.1 <= min(2, $0.0.rawValue.count / 3) }
      .min { $0.1 < $1.1 }?.0
  }
}

/// Insertions, deletions, replacements and swaps of neighbours that make `a` of `b` (optimal string alignment).
func editDistance(_ a: String, _ b: String) -> Int {
  let a = Array(a), b = Array(b)
  var rows = [Array(0...b.count)]
  for i in 0..<a.count {
    var row = [i + 1]
    for j in 0..<b.count {
      var best = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, rows[i - 1][j - 1] + 1) }
      row.append(best)
    }
    rows.append(row)
  }
  return rows[a.count][b.count]
}
