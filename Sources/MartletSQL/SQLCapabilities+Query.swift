/// What the query language needs and not every database has.
extension SQLCapabilities {
  /// Window frames that count groups of peers, and frames that leave rows out (`EXCLUDE`).
  public static let groupsFrames = SQLCapabilities(rawValue: 1 << 16)
  /// `LATERAL`: a joined subquery that uses the columns of what stands before it.
  public static let lateralJoins = SQLCapabilities(rawValue: 1 << 17)
  /// `FULL JOIN`.
  public static let fullJoins = SQLCapabilities(rawValue: 1 << 18)
  /// `INTERSECT ALL` and `EXCEPT ALL`.
  public static let bagOperations = SQLCapabilities(rawValue: 1 << 19)
  /// Subtotals of groups: `ROLLUP`.
  public static let rollup = SQLCapabilities(rawValue: 1 << 20)
  /// The hash function SHA-1.
  public static let sha1 = SQLCapabilities(rawValue: 1 << 21)
  /// The hash function SHA-224.
  public static let sha224 = SQLCapabilities(rawValue: 1 << 24)
  /// `WITH` in front of UPDATE and DELETE.
  public static let commonTablesInWrites = SQLCapabilities(rawValue: 1 << 22)
  /// Arrays as a type of the database's own, whose elements are told apart whatever they are.
  public static let nativeArrays = SQLCapabilities(rawValue: 1 << 25)

  /// Their names, and what to do without.
  static let queryCapabilities: [(SQLCapabilities, name: String, hint: String)] = [
    (.groupsFrames, "groupsFrames", "use a frame of rows or of a range"),
    (.lateralJoins, "lateralJoins", "use top(_:per:order:), which numbers the rows of each group by a window function"),
    (.fullJoins, "fullJoins", "make the union of a left join and of the rows that exist on the right side alone"),
    (.bagOperations, "bagOperations", "use intersect or except, which drop equal rows"),
    (.rollup, "rollup", "ask for the subtotals by a second query, or make a union"),
    (.sha1, "sha1", "use sha256"),
    (.sha224, "sha224", "use sha256"),
    (.nativeArrays, "nativeArrays", "keep the elements as rows of a table, or as text"),
    (.commonTablesInWrites, "commonTablesInWrites", "use the query as a subquery instead: table() for cte(…)"),
  ]

  /// The error for a database that lacks this.
  package func missing(on dialect: any SQLDialect, _ what: String) -> DatabaseError {
    let known = Self.queryCapabilities.first { $0.0 == self }
    return DatabaseError(
      .unsupported(capability: known?.name ?? "functions"), "\(dialect.name) has no support for \(what)", hint: known?.hint)
  }
}
