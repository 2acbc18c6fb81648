package import MartletSQL

/// The language of a full-text index: which endings fall off words, and which words are left out.
///
/// PostgreSQL knows all of these; SQLite takes the endings off English words alone; MySQL takes words as they are.
public struct SearchLanguage: RawRepresentable, Sendable, Hashable {
  /// The name of a text search configuration of PostgreSQL; one of your own is as good.
  public let rawValue: String
  /// A configuration by its name.
  public init(rawValue: String) { self.rawValue = rawValue }
  private init(_ name: String) { rawValue = name }

  /// Words as they are, in lower case.
  public static let simple = SearchLanguage("simple")
  /// Arabic.
  public static let arabic = SearchLanguage("arabic")
  /// Danish.
  public static let danish = SearchLanguage("danish")
  /// Dutch.
  public static let dutch = SearchLanguage("dutch")
  /// English.
  public static let english = SearchLanguage("english")
  /// Finnish.
  public static let finnish = SearchLanguage("finnish")
  /// French.
  public static let french = SearchLanguage("french")
  /// German.
  public static let german = SearchLanguage("german")
  /// Greek.
  public static let greek = SearchLanguage("greek")
  /// Hungarian.
  public static let hungarian = SearchLanguage("hungarian")
  /// Italian.
  public static let italian = SearchLanguage("italian")
  /// Norwegian.
  public static let norwegian = SearchLanguage("norwegian")
  /// Portuguese.
  public static let portuguese = SearchLanguage("portuguese")
  /// Romanian.
  public static let romanian = SearchLanguage("romanian")
  /// Russian.
  public static let russian = SearchLanguage("russian")
  /// Spanish.
  public static let spanish = SearchLanguage("spanish")
  /// Swedish.
  public static let swedish = SearchLanguage("swedish")
  /// Turkish.
  public static let turkish = SearchLanguage("turkish")
}

/// A full-text index over text columns, which `search` uses.
///
/// ```swift
/// static let constraints = Martlet.constraints(Article.self) {
///   fullText($0.title, $0.body, language: .english)
/// }
/// Article.query.search("swift -java \"on the server\"")
/// ```
///
/// - Parameter name: The name; where absent, the table's with `_fts`, so that a second index of a model needs one.
public func fullText<each V: TextColumnValue>(
  _ columns: repeat Expr<each V>, language: SearchLanguage = .simple, name: String? = nil
) -> ConstraintDraft {
  var nodes: [Node] = []
  for column in repeat each columns { nodes.append(column.node) }
  return ConstraintDraft(kind: .fullText(nodes, language), name: name)
}

/// A full-text index as a model declares it.
package struct FullTextIndex: Sendable, Hashable {
  package var name: String
  package var columns: [String]
  package var language: SearchLanguage

  /// The name of an index that has none of its own.
  package static func name(of table: String) -> String { table + "_fts" }

  /// The full-text indexes of a model.
  /// - Throws: ``ORMError`` where one names a column of another table.
  static func declared(by model: any Model.Type) throws -> [FullTextIndex] {
    try model.constraints.compactMap { constraint in
      guard case .fullText(_, let language) = constraint.kind else { return nil }
      return FullTextIndex(
        name: constraint.name ?? name(of: model.schema.table), columns: try constraint.columns().map(\.name), language: language)
    }
  }

  /// What PostgreSQL indexes, and what a query has to repeat letter by letter for the index to serve.
  ///
  /// - Parameter columns: The columns as they stand in the statement.
  package static func vector(_ columns: [String], _ language: SearchLanguage, _ dialect: any SQLDialect) -> String {
    // The first operand decides of the type, so that the expression stays when a column becomes `varchar` or `text`.
    let text = columns.map { "COALESCE(CAST(NULL AS text), \($0), '')" }.joined(separator: " || ' ' || ")
    return "TO_TSVECTOR(\(configuration(language, dialect)), \(text))"
  }
  /// The language as PostgreSQL takes it.
  package static func configuration(_ language: SearchLanguage, _ dialect: any SQLDialect) -> String {
    "CAST(" + dialect.literal(.text(language.rawValue)) + " AS regconfig)"
  }
}
