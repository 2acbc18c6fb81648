public import MartletSQL

/// Functions of numbers. Outside of a function's domain – the root of -1, the logarithm of 0 – the result is NULL on every
/// database.
extension Expr where V: NumberColumnValue {
  /// The number without its sign.
  public var absolute: Expr<V> { .init(SQLTemplate([node], V.columnType, all: "ABS({1})")) }
  /// -1, 0 or 1.
  public var sign: Expr<Int?> {
    .init(SQLTemplate([node], .int, sqlite: "sign({1})", postgres: "CAST(SIGN({1}) AS integer)", mysql: "SIGN({1})"))
  }
  /// The whole number that is not less.
  public var ceiling: Expr<V> { whole("ceil", "CEIL", "CEILING") }
  /// The whole number that is not greater.
  public var floor: Expr<V> { whole("floor", "FLOOR", "FLOOR") }
  /// Rounded to so many digits after the point; a half goes away from zero.
  ///
  /// ```swift
  /// Post.query.select { $0.ratio.rounded(2) }
  /// ```
  public func rounded(_ digits: Int = 0) -> Expr<V> {
    guard (0...30).contains(digits) else {
      return .init(.invalid(ORMError(.invalidExpression, "rounded(\(digits)): the digits after the point are 0 to 30")))
    }
    let type = V.columnType
    // Binary floating point is rounded as the decimal number that it is shown as; MySQL would round 2.5 to the even 2. From
    // 1e16 on there is nothing after the point.
    let mysql =
      type == .double
      ? "IF(ABS({1}) < 1e16, ROUND(CAST({1} AS DECIMAL(65, 30)), \(digits)) + 0e0, {1})" : "ROUND({1}, \(digits))"
    return .init(
      SQLTemplate(
        [node], type, sqlite: type.isInteger ? "CAST(ROUND({1}) AS INTEGER)" : "ROUND({1}, \(digits))",
        postgres: "CAST(ROUND(CAST({1} AS numeric), \(digits)) AS \(type.postgresNumber))", mysql: mysql))
  }
  /// The square root; NULL of what is less than 0.
  public var squareRoot: Expr<Double?> { function("sqrt", where: "{1} >= 0") }
  /// `e` to the power of the number.
  public var exponential: Expr<Double?> { function("exp") }
  /// The natural logarithm; NULL of what is not greater than 0.
  public var naturalLogarithm: Expr<Double?> { function("ln", where: "{1} > 0") }
  /// The logarithm to a base; NULL of what is not greater than 0.
  public func logarithm(base: Double) -> Expr<Double?> {
    guard base > 0, base != 1, base.isFinite else {
      return .init(.invalid(ORMError(.invalidExpression, "a logarithm has no base \(base)", hint: "as 2 or 10")))
    }
    return .init(
      SQLTemplate(
        [node, .value(.double(base))], .double, .always, sqlite: "CASE WHEN {1} > 0 THEN ln({1}) / ln({2}) END",
        postgres: "CASE WHEN {1} > 0 THEN LN(CAST({1} AS double precision)) / LN({2}) END",
        mysql: "CASE WHEN {1} > 0 THEN LN({1}) / LN({2}) END"))
  }
  /// The number to a power.
  public func power(_ exponent: Double) -> Expr<Double?> { power(Expr<Double>(value: exponent)) }
  /// The number to the power of another expression.
  public func power<W: NumberColumnValue>(_ exponent: Expr<W>) -> Expr<Double?> {
    .init(
      SQLTemplate(
        [node, exponent.node], .double, .always, sqlite: "pow({1}, {2})",
        postgres: "POWER(CAST({1} AS double precision), CAST({2} AS double precision))", mysql: "POW({1}, {2})"))
  }
  /// The sine of an angle in radians.
  public var sine: Expr<Double?> { function("sin") }
  /// The cosine of an angle in radians.
  public var cosine: Expr<Double?> { function("cos") }
  /// The tangent of an angle in radians.
  public var tangent: Expr<Double?> { function("tan") }
  /// The angle with this sine; NULL outside of -1 to 1.
  public var arcsine: Expr<Double?> { function("asin", where: "{1} BETWEEN -1 AND 1") }
  /// The angle with this cosine; NULL outside of -1 to 1.
  public var arccosine: Expr<Double?> { function("acos", where: "{1} BETWEEN -1 AND 1") }
  /// The angle with this tangent.
  public var arctangent: Expr<Double?> { function("atan") }
  /// An angle in degrees as radians.
  public var radians: Expr<Double?> { function("radians") }
  /// An angle in radians as degrees.
  public var degrees: Expr<Double?> { function("degrees") }

  private func function(_ name: String, where condition: String? = nil) -> Expr<Double?> {
    func text(_ call: String) -> String { condition.map { "CASE WHEN \($0) THEN \(call) END" } ?? call }
    return .init(
      SQLTemplate(
        [node], .double, condition == nil ? .anyArgument : .always, sqlite: text("\(name)({1})"),
        postgres: text("\(name.uppercased())(CAST({1} AS double precision))"), mysql: text("\(name.uppercased())({1})")))
  }
  private func whole(_ sqlite: String, _ postgres: String, _ mysql: String) -> Expr<V> {
    let type = V.columnType
    return .init(
      SQLTemplate(
        [node], type, sqlite: "\(sqlite)({1})", postgres: "CAST(\(postgres)({1}) AS \(type.postgresNumber))",
        mysql: "\(mysql)({1})"))
  }
}

/// A random number from 0 to 1, another one for each row.
public func randomNumber() -> Expr<Double> {
  .init(
    SQLTemplate([], .double, sqlite: "((random() / 18446744073709551616.0) + 0.5)", postgres: "RANDOM()", mysql: "RAND()"))
}

extension Ordering {
  /// In random order: each row of the whole result gets a number, so this is slow on large tables.
  public static var random: Ordering { Ordering(node: randomNumber().node, isDescending: false) }
}
