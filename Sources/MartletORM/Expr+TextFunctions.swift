public import MartletSQL

/// Functions of text. Places and lengths count code points, from 1, on every database.
extension Expr where V: TextColumnValue {
  /// The text in upper case, by the rules of Unicode.
  public var uppercased: Expr<V> {
    .init(SQLTemplate([node], .text, sqlite: "martlet_upper({1})", postgres: "UPPER({1})", mysql: "UPPER({1})"))
  }
  /// The text without spaces at its start.
  public var trimmedStart: Expr<V> { .init(SQLTemplate([node], .text, all: "LTRIM({1})")) }
  /// The text without spaces at its end.
  public var trimmedEnd: Expr<V> { .init(SQLTemplate([node], .text, all: "RTRIM({1})")) }
  /// The text with another in the place of each `part`, which is found with the same case.
  public func replacing(_ part: String, with other: String) -> Expr<V> {
    .init(SQLTemplate([node, .value(.text(part)), .value(.text(other))], .text, all: "REPLACE({1}, {2}, {3})"))
  }
  /// A part of the text, from a place that counts from 1.
  public func substring(from start: Int, length: Int? = nil) -> Expr<V> {
    guard start >= 1, start <= Int(Int32.max), length ?? 0 >= 0, length ?? 0 <= Int(Int32.max) else {
      return misuse(
        "substring(from: \(start), length: \(length.map { "\($0)" } ?? "nil"))", "places count from 1, lengths from 0")
    }
    return .init(SQLTemplate([node], .text, all: "SUBSTR({1}, \(start)" + (length.map { ", \($0)" } ?? "") + ")"))
  }
  /// The first code points.
  public func prefix(_ count: Int) -> Expr<V> { substring(from: 1, length: count) }
  /// The last code points.
  public func suffix(_ count: Int) -> Expr<V> {
    guard (0...Int(Int32.max)).contains(count) else { return misuse("suffix(\(count))", "lengths count from 0") }
    return .init(
      SQLTemplate(
        [node], .text, sqlite: count == 0 ? "SUBSTR({1}, 1, 0)" : "SUBSTR({1}, -\(count))", postgres: "RIGHT({1}, \(count))",
        mysql: "RIGHT({1}, \(count))"))
  }
  /// Filled up at its start to a length, or cut to it.
  public func padStart(to length: Int, with filling: String = " ") -> Expr<V> { pad("lpad", length, filling) }
  /// Filled up at its end to a length, or cut to it.
  public func padEnd(to length: Int, with filling: String = " ") -> Expr<V> { pad("rpad", length, filling) }
  /// The text so many times.
  public func repeated(_ times: Int) -> Expr<V> {
    guard (0...1_000_000).contains(times) else { return misuse("repeated(\(times))", "0 to 1,000,000 times") }
    return .init(
      SQLTemplate(
        [node], .text, sqlite: "martlet_repeat({1}, \(times))", postgres: "REPEAT({1}, \(times))", mysql: "REPEAT({1}, \(times))")
    )
  }
  /// The code points from the last to the first.
  public var reversed: Expr<V> {
    .init(SQLTemplate([node], .text, sqlite: "martlet_reverse({1})", postgres: "REVERSE({1})", mysql: "REVERSE({1})"))
  }
  /// Where `part` begins, from 1; 0 where the text does not hold it. With the same case.
  public func position(of part: String) -> Expr<Int?> {
    .init(
      SQLTemplate(
        [node, .value(.text(part))], .int, sqlite: "instr({1}, {2})", postgres: "STRPOS({1}, {2})",
        mysql: "LOCATE({2} COLLATE utf8mb4_0900_bin, {1})", mariaDB: "LOCATE({2} COLLATE utf8mb4_nopad_bin, {1})"))
  }
  /// The number of the first code point, by Unicode.
  public var codePoint: Expr<Int?> {
    .init(
      SQLTemplate(
        [node], .int, .always, sqlite: "unicode({1})", postgres: "ASCII({1})",
        mysql: "CAST(CONV(HEX(CONVERT(LEFT({1}, 1) USING utf32)), 16, 10) AS SIGNED)"))
  }
  /// The part between separators, from 1; empty where there are not so many.
  public func part(_ number: Int, separatedBy separator: String) -> Expr<V> {
    guard (1...1_000_000).contains(number), !separator.isEmpty else {
      return misuse("part(\(number), separatedBy: \"\(separator)\")", "parts count from 1, and the separator is not empty")
    }
    return .init(
      SQLTemplate(
        [node, .value(.text(separator))], .text, sqlite: "martlet_part({1}, {2}, \(number))",
        postgres: "SPLIT_PART({1}, {2}, \(number))",
        mysql:
          "CASE WHEN {1} IS NULL THEN NULL WHEN CHAR_LENGTH({1}) - CHAR_LENGTH(REPLACE({1}, {2}, '')) "
          + "< \(number - 1) * CHAR_LENGTH({2}) THEN '' ELSE SUBSTRING_INDEX(SUBSTRING_INDEX({1}, {2}, \(number)), {2}, -1) END"))
  }

  /// Whether the text matches a regular expression, anywhere.
  ///
  /// The language is the database's own: POSIX on PostgreSQL, ICU on MySQL 8, PCRE on MariaDB, ICU (`NSRegularExpression`)
  /// on SQLite. What they share – classes, groups, alternatives, `*`, `+`, `?`, `{n,m}`, `^`, `$` – means the same.
  public func matches(regex pattern: String, ignoringCase: Bool = false) -> Expr<Bool> {
    .init(
      SQLTemplate(
        [node, .value(.text(pattern))], .bool,
        sqlite: "martlet_regexp({2}, {1}, \(ignoringCase ? 1 : 0))", postgres: ignoringCase ? "({1} ~* {2})" : "({1} ~ {2})",
        mysql: "REGEXP_LIKE({1}, {2}, '\(ignoringCase ? "i" : "c")')",
        mariaDB: ignoringCase
          ? "({1} COLLATE utf8mb4_bin REGEXP CONCAT('(?i)', {2}))" : "({1} COLLATE utf8mb4_bin REGEXP {2})"))
  }

  /// The text under the rules of a collation, by the database's name for it: `NOCASE` on SQLite, `de-DE-x-icu` on
  /// PostgreSQL, `utf8mb4_german2_ci` on MySQL.
  ///
  /// ```swift
  /// Post.query.order { $0.title.collate("de-DE-x-icu").asc }
  /// ```
  public func collate(_ name: String) -> Expr<V> {
    do { try SQLName.collation(name) } catch { return .init(.invalid(error as? ORMError ?? AnyRelation.mismatch)) }
    return .init(
      SQLTemplate(
        [node], .text, sqlite: "({1} COLLATE \"\(name)\")", postgres: "({1} COLLATE \"\(name)\")",
        mysql: "({1} COLLATE `\(name)`)"))
  }

  private func pad(_ function: String, _ length: Int, _ filling: String) -> Expr<V> {
    guard (0...1_000_000).contains(length), !filling.isEmpty else {
      return misuse("padding to \(length) with \"\(filling)\"", "0 to 1,000,000 code points, and something to fill them with")
    }
    return .init(
      SQLTemplate(
        [node, .value(.text(filling))], .text, sqlite: "martlet_\(function)({1}, \(length), {2})",
        postgres: "\(function.uppercased())({1}, \(length), {2})", mysql: "\(function.uppercased())({1}, \(length), {2})"))
  }
  private func misuse(_ call: String, _ rule: String) -> Expr<V> {
    .init(.invalid(ORMError(.invalidExpression, "\(call) cannot be: \(rule)")))
  }
}

/// Texts one after the other, with a separator between; NULLs are left out. Never NULL.
public func concatenated(_ texts: Expr<String?>..., separator: String = "") -> Expr<String> {
  let places = (1...(texts.count + 1)).map { "{\($0)}" }.joined(separator: ", ")
  return .init(
    SQLTemplate(
      [.value(.text(separator))] + texts.map(\.node), .text, .never, sqlite: "martlet_concat_ws(\(places))",
      postgres: "CONCAT_WS(\(places))", mysql: "CONCAT_WS(\(places))"))
}
