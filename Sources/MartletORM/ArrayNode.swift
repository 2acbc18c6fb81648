import MartletSQL

/// An operation on a list: an array of PostgreSQL, JSON elsewhere.
struct ArrayNode: ExpressionNode {
  enum Kind: Sendable {
    /// Whether the second child, an element, is in the first.
    case has
    /// The second child is a list too.
    case contains, containedBy, overlaps, joined
    case count, element(Int), slice(Range<Int>)

    /// Whether it is a condition, which never is NULL.
    var isCondition: Bool {
      switch self {
      case .has, .contains, .containedBy, .overlaps: true
      case .joined, .count, .element, .slice: false
      }
    }
  }
  let kind: Kind
  let children: [Node]
  /// The type of the elements.
  let elementType: ColumnType

  init(_ kind: Kind, _ children: [Node], _ elementType: ColumnType) {
    self.kind = kind
    self.children = children
    self.elementType = elementType
  }

  func with(children: [Node]) -> any ExpressionNode { ArrayNode(kind, children, elementType) }
  var type: ColumnType? {
    switch kind {
    case .has, .contains, .containedBy, .overlaps: .bool
    case .count: .int
    case .element: elementType
    case .joined, .slice: .array(elementType)
    }
  }
  var isNullable: Bool {
    switch kind {
    case .has, .contains, .containedBy, .overlaps: false
    case .element: true
    case .joined, .count, .slice: children.contains { Scope.isNullable($0) }
    }
  }

  func write(in scope: Scope) throws {
    try check(scope.builder)
    switch scope.builder.dialect.family {
    case .postgres: try writePostgres(scope)
    case .sqlite: try writeSQLite(scope)
    case .mysql: try writeMySQL(scope)
    }
  }

  /// - Throws: ``ORMError`` for places below 0 and for bytes; ``DatabaseError`` where JSON does not tell elements apart.
  private func check(_ builder: SQLBuilder) throws {
    for child in children where Scope.type(of: child) == .blob {
      if case .has = kind, elementType == .blob { continue }
      throw ORMError(.invalidExpression, "bytes are no list: a column of [UInt8] has no elements")
    }
    switch kind {
    case .element(let place): try checkPlace(place)
    case .slice(let places): try checkPlace(places.lowerBound)
    default: break
    }
    guard builder.dialect.family != .postgres else { return }
    switch (kind, elementType) {
    case (.count, _), (.slice, _), (.joined, _): break
    case (_, .blob), (_, .json), (_, .native), (_, .array):
      try builder.require(.nativeArrays, "elements of lists that are bytes, JSON or of a type of its own")
    default: try checkNumbers(builder)
    }
  }

  private func checkPlace(_ place: Int) throws {
    if place < 0 { throw ORMError(.invalidExpression, "a place in a list counts from 0, and \(place) is less") }
    if place >= Int32.max { throw ORMError(.invalidExpression, "no list has a place \(place)") }
  }

  /// Places are numbers of 32 bits: what ends later ends with the list.
  private static func end(of places: Range<Int>) -> Int { min(places.upperBound, Int(Int32.max)) }

  /// JSON has no number for these.
  private func checkNumbers(_ builder: SQLBuilder) throws {
    guard case .value(let value) = children.last else { return }
    let values = if case .array(let elements, _) = value { elements } else { [value] }
    for case .double(let number) in values where !number.isFinite {
      try builder.require(.nativeArrays, "\(number) in a list")
    }
  }

  /// The text of an operand, perhaps written into the statement several times.
  private func text(_ index: Int, _ scope: Scope) throws -> String {
    try scope.builder.capture { try scope.writeExpression(children[index]) }
  }
  /// `a IS NOT NULL AND ` for each list that can be NULL.
  private func guards(_ texts: [String]) -> String {
    zip(children, texts).filter { Scope.isNullable($0.0) }.map { "\($0.1) IS NOT NULL AND " }.joined()
  }
  /// The value, or NULL where one of the lists is.
  private func unlessNull(_ texts: [String], _ value: String) -> String {
    let guards = guards(texts)
    return guards.isEmpty ? value : "CASE WHEN \(guards.dropLast(5)) THEN \(value) END"
  }

  // MARK: PostgreSQL

  /// By the operators that a GIN index serves.
  private func writePostgres(_ scope: Scope) throws {
    let builder = scope.builder, type = builder.dialect.typeName(elementType) + "[]"
    let list = try text(0, scope)
    switch kind {
    case .has: builder.write("(\(guards([list]))\(list) @> CAST(ARRAY[\(try text(1, scope))] AS \(type)))")
    case .contains, .containedBy, .overlaps:
      let other = try text(1, scope),
        sign = if case .contains = kind { "@>" } else if case .overlaps = kind { "&&" } else { "<@" }
      builder.write("(\(guards([list, other]))CAST(\(list) AS \(type)) \(sign) CAST(\(other) AS \(type)))")
    case .joined:
      let other = try text(1, scope)
      builder.write(unlessNull([list, other], "(CAST(\(list) AS \(type)) || CAST(\(other) AS \(type)))"))
    case .count: builder.write("CARDINALITY(\(list))")
    case .element(let place): builder.write("(\(list))[\(place + 1)]")
    case .slice(let places): builder.write("(\(list))[\(places.lowerBound + 1):\(Self.end(of: places))]")
    }
  }

  // MARK: SQLite

  private func writeSQLite(_ scope: Scope) throws {
    let builder = scope.builder, list = try text(0, scope)
    if kind.isCondition {
      return try writeCondition(scope, list, each: { "json_each(\($0)) AS \($1)" }, value: sqliteElement)
    }
    let each = builder.nextAlias(), element = "\(each).json -> \(each).fullkey"
    func gathered(_ rows: String) -> String { "(SELECT json_group_array(json(x)) FROM (\(rows)))" }
    switch kind {
    case .count: builder.write("json_array_length(\(list))")
    case .element(let place):
      builder.write("(SELECT \(sqliteElement(each)) FROM json_each(\(list)) AS \(each) WHERE \(each).key = \(place))")
    case .slice(let places):
      let rows =
        "SELECT \(element) AS x FROM json_each(\(list)) AS \(each) WHERE \(each).key >= \(places.lowerBound) "
        + "AND \(each).key < \(Self.end(of: places)) ORDER BY \(each).key"
      builder.write(unlessNull([list], gathered(rows)))
    default:
      let other = try text(1, scope)
      func rows(_ part: Int, _ list: String) -> String {
        "SELECT \(part) AS p, \(each).key AS k, \(element) AS x FROM json_each(\(list)) AS \(each)"
      }
      builder.write(unlessNull([list, other], gathered(rows(0, list) + " UNION ALL " + rows(1, other) + " ORDER BY p, k")))
    }
  }

  /// The element as a column of its type would hold it.
  private func sqliteElement(_ each: String) -> String {
    switch elementType {
    // A number above 2^63 would become a REAL.
    case .unsignedBigInt:
      "CASE WHEN \(each).type <> 'null' THEN substr('00000000000000000000' || (\(each).json -> \(each).fullkey), -20) END"
    // SQLite's own reading of numbers may be a bit off in the last place.
    case .double: "martlet_json_double(\(each).json -> \(each).fullkey)"
    case .decimal: "CAST(\(each).value AS NUMERIC)"
    default: "\(each).value"
    }
  }

  // MARK: MySQL and MariaDB

  private func writeMySQL(_ scope: Scope) throws {
    let builder = scope.builder, list = try text(0, scope)
    let dialect = builder.dialect as? MySQLDialect ?? MySQLDialect(.mariaDB)
    // The path has to be a literal.
    func table(_ list: String, _ path: String, _ each: String) -> String {
      "JSON_TABLE(\(list), '\(path)' COLUMNS (v \(mysqlType(dialect)) PATH '$')) AS \(each)"
    }
    func value(_ each: String) -> String {
      elementType == .uuid && dialect.flavor == .mariaDB ? "CAST(\(each).v AS uuid)" : "\(each).v"
    }
    if kind.isCondition {
      return try writeCondition(scope, list, each: { table($0, "$[*]", $1) }, value: value)
    }
    switch kind {
    case .count: builder.write("JSON_LENGTH(\(list))")
    case .element(let place):
      let each = builder.nextAlias()
      builder.write("(SELECT \(value(each)) FROM \(table(list, "$[\(place)]", each)))")
    case .slice(let places):
      let slice =
        places.isEmpty
        ? "JSON_ARRAY()"
        : "COALESCE(JSON_EXTRACT(\(list), '$[\(places.lowerBound) to \(Self.end(of: places) - 1)]'), JSON_ARRAY())"
      builder.write(unlessNull([list], slice))
    default: builder.write("JSON_MERGE_PRESERVE(\(list), \(try text(1, scope)))")
    }
  }

  private func mysqlType(_ dialect: MySQLDialect) -> String {
    switch elementType {
    case .text, .varchar: "longtext CHARACTER SET utf8mb4 COLLATE \(dialect.collation)"
    case .uuid: "char(36) CHARACTER SET utf8mb4 COLLATE \(dialect.collation)"
    default: dialect.typeName(elementType)
    }
  }

  // MARK: Conditions over JSON

  /// `EXISTS (SELECT 1 FROM elements e WHERE …)`
  private func writeCondition(
    _ scope: Scope, _ list: String, each: (String, String) -> String, value: (String) -> String
  ) throws {
    let builder = scope.builder, other = try text(1, scope)
    let l = builder.nextAlias(), r = builder.nextAlias()
    func all(_ part: String, _ p: String, in whole: String, _ w: String) -> String {
      "NOT EXISTS (SELECT 1 FROM \(each(part, p)) WHERE NOT EXISTS "
        + "(SELECT 1 FROM \(each(whole, w)) WHERE \(value(w)) = \(value(p))))"
    }
    switch kind {
    case .contains: builder.write("(\(guards([list, other]))\(all(other, r, in: list, l)))")
    case .containedBy: builder.write("(\(guards([list, other]))\(all(list, l, in: other, r)))")
    case .overlaps:
      builder.write("EXISTS (SELECT 1 FROM \(each(list, l)) JOIN \(each(other, r)) ON \(value(l)) = \(value(r)))")
    default:
      builder.write("EXISTS (SELECT 1 FROM \(each(list, l)) WHERE \(value(l)) = \(other))")
    }
  }
}

// MARK: In memory

extension ArrayNode {
  /// The value for a row in memory, as the database has it.
  func value(for row: EvaluatedRow) throws -> SQLValue {
    let operands = try children.map { try $0.value(for: row) }
    guard case .array(let list, let type) = operands[0] else { return kind.isCondition ? .bool(false) : .null }
    switch kind {
    case .has: return .bool(try list.contains { try equal($0, operands[1]) })
    case .count: return .int(Int64(list.count))
    case .element(let place): return list.indices.contains(place) ? list[place] : .null
    case .slice(let places): return .array(Array(list[places.clamped(to: 0..<list.count)]), of: type)
    case .contains, .containedBy, .overlaps, .joined: break
    }
    guard case .array(let other, _) = operands[1] else { return kind.isCondition ? .bool(false) : .null }
    func has(_ list: [SQLValue], _ element: SQLValue) throws -> Bool { try list.contains { try equal($0, element) } }
    switch kind {
    case .contains: return .bool(try other.allSatisfy { try has(list, $0) })
    case .containedBy: return .bool(try list.allSatisfy { try has(other, $0) })
    case .overlaps: return .bool(try list.contains { try has(other, $0) })
    default: return .array(list + other, of: type)
    }
  }

  /// NULL is equal to nothing; NaN is equal to itself, as PostgreSQL has it.
  private func equal(_ l: SQLValue, _ r: SQLValue) throws -> Bool {
    switch (l, r) {
    case (.null, _), (_, .null): return false
    case (.double(let l), .double(let r)): return l == r || l.isNaN && r.isNaN
    case (.json, _), (.native, _), (.array, _):
      throw ORMError(.needsDatabase, "elements of lists that are JSON or of a type of its own are compared by the database alone")
    default: return SQLValue.equal(l, r)
    }
  }
}
