import MartletORM

extension FieldResolver {
  /// What a declared expression stands for in a filter: a column, or one of the rows of a to-many relation.
  ///
  /// - Returns: `nil` and why, where it is no column, belongs to another model, or is hidden.
  func filter(_ expression: FieldExpression) -> (field: FilterField?, mistake: String?) {
    guard let related = expression.related else {
      let (field, mistake) = field(expression)
      return (field.map { FilterField($0) }, mistake)
    }
    guard related.parent.root.schema.table == schema.table else {
      return (nil, "belongs to another model than \(schema.name)")
    }
    let inner = FieldResolver(related.schema, naming: naming)
    let (found, mistake) = inner.field(FieldExpression(node: expression.node))
    guard let field = found else { return (nil, mistake) }
    let hops = related.parent.hops
    var names = names(of: hops) + [naming.name(related.name)]
    if !expression.isWholeRelation { names.append(field.name) }
    return (
      FilterField(
        names.joined(separator: "."), field.column, help: field.column.description,
        .related(hops: hops, related, field, isWhole: expression.isWholeRelation)), nil
    )
  }
}
