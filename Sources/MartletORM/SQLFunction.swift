/// A function of the query language. Each dialect writes it in its own way: see `Scope+Function.swift`.
package enum SQLFunction: Sendable, Hashable {
  /// Lower case by the rules of Unicode.
  case lower
  /// How many code points.
  case length
  /// Without spaces at both ends.
  case trim
  /// The first argument that is not NULL.
  case coalesce
  /// A function of the database by its own name, the same in every dialect.
  case named(String)
}

/// A function over the rows of a group: see `Scope+Aggregate.swift`.
package enum SQLAggregate: Sendable, Hashable {
  case count, sum, min, max
  /// As floating point, whatever is averaged.
  case average

  /// Whether it gives NULL over no rows.
  var isNullOverNoRows: Bool { self != .count }
}

/// What a subquery over a to-many relation gives.
package enum RelatedResult: Sendable {
  /// Whether there is a row.
  case exists
  case aggregate(SQLAggregate, [Node])
}
