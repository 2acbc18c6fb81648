/// How a database keeps a table.
public struct TableOptions: OptionSet, Sendable, Hashable {
  public let rawValue: Int
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// On SQLite a STRICT table: a column takes values of its type alone, whoever writes them. Its columns are `INTEGER`,
  /// `REAL`, `TEXT` and `BLOB`, which Django's tables on SQLite are not, and there are no decimals. Nothing on other
  /// databases, which are as strict anyway.
  public static let strict = TableOptions(rawValue: 1 << 0)
}
