import MartletSQL

extension Scope {
  /// A subquery tied to the outer row: it never multiplies the outer rows.
  func writeRelated(_ plan: RelatedPlan, _ result: RelatedResult) throws {
    let inner = Scope(plan.target, builder, outer: self)
    let quote = builder.dialect.quote
    let owner = try alias(for: plan.parent)
    let tie = plan.link.tie(inner: inner.alias, targetKey: plan.target.schema.primaryKey.name, quote: quote)
    let condition = zip(tie.keys, plan.parent.schema.primaryKeyColumns).map { "\($0) = \(owner).\(quote($1.name))" }
      .joined(separator: " AND ")
    var isTest = false
    let selected = try builder.capture {
      switch result {
      case .exists:
        isTest = true
        builder.write("1")
      case .aggregate(let aggregate, let arguments): try inner.writeAggregate(aggregate, arguments, false, nil)
      }
    }
    let filter = try builder.capture {
      if let filter = plan.filter {
        builder.write(" AND ")
        try inner.writePredicate(filter)
      }
    }
    builder.write(
      (isTest ? "EXISTS (SELECT " : "(SELECT ") + selected + " FROM " + inner.from + tie.join + " WHERE " + condition
        + filter + ")")
  }
}
