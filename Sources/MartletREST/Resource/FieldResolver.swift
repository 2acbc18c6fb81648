package import MartletCore
package import MartletORM

/// The one place where a name from outside becomes a column: it knows which columns are hidden, and the policies of
/// the rows on the way.
///
/// It works on schemas alone, without the model's type, so that every surface can share it.
package struct FieldResolver: Sendable {
  package let schema: ModelSchema
  package let naming: FieldNaming
  /// Names that the resource has chosen for the model's own columns, by place.
  package var names: [Int: String] = [:]
  /// The model's own columns that are taken and never shown, by place.
  package var writeOnly: Set<Int> = []

  package init(_ schema: ModelSchema, naming: FieldNaming) {
    self.schema = schema
    self.naming = naming
  }

  /// The column of the model itself at a place; `nil` where the API neither shows nor takes it.
  package func field(at index: Int) -> ResolvedField? {
    let column = schema.columns[index]
    guard writeOnly.contains(index) || !column.options.hidden && !column.options.secret else { return nil }
    return ResolvedField(name: name(at: index), hops: [], index: index, column: column)
  }
  /// The outside name of the model's own column at a place.
  package func name(at index: Int) -> String { names[index] ?? naming.name(schema.columns[index].property) }
  /// The outside name of the model's primary key.
  package var keyName: String { name(at: schema.primaryKeyIndex) }
  /// The outside name of one of the model's own relations: a reference goes by its column's.
  package func name(ofRelation name: String) -> String {
    schema.column(property: name).map { self.name(at: $0.index) } ?? naming.name(name)
  }

  /// What a declared expression stands for.
  ///
  /// - Parameter isInput: Whether a column may be meant that is never shown.
  /// - Returns: `nil` and why, where it is no column, belongs to another model, or is hidden.
  package func field(_ expression: FieldExpression, isInput: Bool = false) -> (field: ResolvedField?, mistake: String?) {
    if let related = expression.related {
      return (nil, "goes through '\(naming.name(related.name))', which has many rows: only .filters and .search may")
    }
    guard case .column(let column) = expression.node else {
      return (nil, "is no column of \(schema.name) or of what it refers to")
    }
    guard column.path.root.schema.table == schema.table else { return (nil, "belongs to another model than \(schema.name)") }
    var hops = column.path.hops
    var owner = column.path.schema, index = column.index
    // `$0.author.id` is the foreign key itself, and goes by the relation's name.
    if column.schema.isPrimaryKey, let last = hops.last, let foreignKey = last.foreignKeyColumn,
      let parent = column.path.parent, let place = parent.schema.columns.firstIndex(where: { $0.name == foreignKey })
    {
      hops.removeLast()
      (owner, index) = (parent.schema, place)
    }
    let found = owner.columns[index]
    if hops.isEmpty, let own = field(at: index) {
      return !isInput && writeOnly.contains(index) ? (nil, "'\(own.name)' is write-only") : (own, nil)
    }
    let name = (names(of: hops) + [naming.name(found.property)]).joined(separator: ".")
    guard !found.options.hidden, !found.options.secret else { return (nil, "'\(name)' is hidden or secret") }
    return (ResolvedField(name: name, hops: hops, index: index, column: found), nil)
  }

  /// The outside names of relations, one after the other, of which the model's own may be renamed.
  func names(of hops: [AnyRelation]) -> [String] {
    hops.enumerated().map { $0.offset == 0 ? name(ofRelation: $0.element.name) : naming.name($0.element.name) }
  }

  /// The outside name of one of the model's columns, by the column's name in the database; `nil` for hidden ones.
  package func name(ofColumn column: String) -> String? {
    schema.columns.firstIndex { $0.name == column }.flatMap { field(at: $0)?.name }
  }
}

/// A column with its outside name: of the model itself, or of a row that it refers to.
package struct ResolvedField: Sendable {
  /// `author`, `author.name`
  package var name: String
  /// The relations on the way; empty for the model's own columns.
  package var hops: [AnyRelation]
  /// The column's place in the schema where the hops end.
  package var index: Int
  package var column: ColumnSchema

  /// Whether the value can be missing, through the column or a relation on the way.
  package var isNullable: Bool { column.isNullable || hops.contains { $0.isNullable } }

  /// The column in a query.
  package func node(in root: Path) -> Node { .column(ColumnReference(path: path(in: root), index: index)) }

  /// Under which condition the viewer may use the column: every row on the way must be readable for them.
  ///
  /// A related model without a policy sets no condition here: that it can be filtered by was declared by name.
  package func readCondition(in root: Path, for viewer: Viewer) -> Node {
    var condition = Node.alwaysTrue, path = root
    for hop in hops {
      path = path.to(hop)
      if let next = hop.readCondition(at: path, for: viewer) { condition = .and(condition, next) }
    }
    return condition
  }

  private func path(in root: Path) -> Path { hops.reduce(root) { $0.to($1) } }
}
