import MartletORM
import MartletSQL

extension PostgresGrammar {
  /// An index over the words of the columns, which queries repeat letter by letter.
  func fullText(_ index: IndexState, _ language: String, on table: TableState, isFree: Bool) -> String {
    let vector = FullTextIndex.vector(index.columns.map(quote), SearchLanguage(rawValue: language), dialect)
    return "CREATE INDEX \(isFree ? "CONCURRENTLY " : "")\(quote(names.index(index, of: table.name))) ON \(quote(table.name)) "
      + "USING GIN (\(vector))"
  }
}

extension MySQLGrammar {
  /// What goes for case and accents in a search: texts themselves are compared by code points.
  static let searchCollation = "utf8mb4_unicode_520_ci"

  /// A hidden column with the words of all, of a collation that knows neither case nor accents, and the index over it.
  func fullText(_ index: IndexState, on table: TableState) -> [String] {
    let name = quote(names.index(index, of: table.name))
    let text = "CONCAT_WS('\\n', \(index.columns.map(quote).joined(separator: ", ")))"
    let column =
      "\(name) longtext CHARACTER SET utf8mb4 COLLATE \(Self.searchCollation) GENERATED ALWAYS AS (\(text)) STORED INVISIBLE"
    return [alter(table.name, "ADD COLUMN \(column), ADD FULLTEXT INDEX \(name) (\(name))")]
  }
  func dropFullText(_ index: IndexState, of before: TableState) -> [String] {
    let name = quote(names.index(index, of: before.name))
    return [alter(before.name, "DROP INDEX \(name), DROP COLUMN \(name)")]
  }
}
