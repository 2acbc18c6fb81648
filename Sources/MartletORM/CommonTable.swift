import MartletSQL

/// A query with a name, in the WITH clause of the statement that uses it. Its identity is the object's.
final class CommonTable: TableSource {
  let name: String
  let columns: [String]
  let body: Body
  /// Whether the database is to compute it once (true), or may put it into the query (false); a hint.
  let isMaterialized: Bool?

  enum Body: Sendable {
    case plan(SelectPlan)
    case raw([RawPiece])
    /// `step` reads the table itself.
    case recursive(first: SelectPlan, keepsDuplicates: Bool, step: @Sendable (CommonTable) -> SelectPlan)
  }

  init(_ name: String, columns: [String], _ body: Body, isMaterialized: Bool? = nil) {
    self.name = name
    self.columns = columns
    self.body = body
    self.isMaterialized = isMaterialized
  }

  func write(in builder: SQLBuilder, outer: Scope?) throws {
    try define(in: builder)
    builder.writeName(name)
  }

  private func define(in builder: SQLBuilder) throws {
    if try !builder.commonTables.begin(self) { return }
    var isRecursive = false
    let text = try builder.capture {
      builder.writeName(name)
      builder.write(" (")
      builder.list(columns) { builder.writeName($0) }
      builder.write(") AS ")
      if let isMaterialized, builder.dialect.family != .mysql {
        builder.write(isMaterialized ? "MATERIALIZED " : "NOT MATERIALIZED ")
      }
      builder.write("(")
      switch body {
      case .plan(let plan): try builder.write(plan)
      case .raw(let pieces): try builder.writeRaw(pieces)
      case .recursive(let first, let keepsDuplicates, let step):
        isRecursive = true
        try builder.writePart(first)
        builder.write(keepsDuplicates ? " UNION ALL " : " UNION ")
        try builder.write(step(self))
      }
      builder.write(")")
    }
    builder.commonTables.end(text, isRecursive: isRecursive)
  }
}

/// The WITH clause while a statement is written.
struct CommonTables {
  private var known: [(id: ObjectIdentifier, name: String)] = []
  private var texts: [String] = []
  private var isRecursive = false

  /// Whether the table has still to be written.
  mutating func begin(_ table: CommonTable) throws -> Bool {
    let id = ObjectIdentifier(table)
    if known.contains(where: { $0.id == id }) { return false }
    try SQLName.table(table.name)
    if known.contains(where: { $0.name.lowercased() == table.name.lowercased() }) {
      throw ORMError(
        .invalidExpression, "two tables of one statement have the name '\(table.name)'",
        hint: "keep the value that cte(…) returned and use it twice, or give each a name of its own")
    }
    known.append((id, table.name))
    return true
  }
  mutating func end(_ text: String, isRecursive: Bool) {
    texts.append(text)
    if isRecursive { self.isRecursive = true }
  }
  var isUsed: Bool { !texts.isEmpty }
  /// `WITH …` or nothing.
  func prefix(_ dialect: any SQLDialect) -> String {
    texts.isEmpty ? "" : (isRecursive ? "WITH RECURSIVE " : "WITH ") + texts.joined(separator: ", ") + " "
  }
}

extension SQLBuilder {
  /// Writes one side of a set operation. SQLite takes no order or limit there, so that a side with one is a subquery.
  func writePart(_ plan: SelectPlan) throws {
    guard plan.limit != nil || plan.offset != nil || !plan.orders.isEmpty else { return try write(plan) }
    write("SELECT * FROM (")
    try write(plan)
    write(") " + nextAlias())
  }
}
