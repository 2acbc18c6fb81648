import MartletSQL

extension Scope {
  /// `+ - * / %` and the joining of texts.
  func writeArithmetic(_ op: BinaryOperator, _ l: Node, _ r: Node) throws {
    switch op {
    case .concat: try writeConcat(l, r)
    case .divide: try writeDivision(l, r)
    case .modulo: try writeOperator("%", l, r, nullIfZero: true)
    default: try writeOperator(op.rawValue, l, r)
    }
  }

  private func writeConcat(_ l: Node, _ r: Node) throws {
    switch builder.dialect.family {
    case .sqlite, .postgres: try writeOperator("||", l, r)
    // || is OR there, unless a mode says otherwise.
    case .mysql:
      builder.write("CONCAT(")
      try builder.list([l, r]) { try writeExpression($0) }
      builder.write(")")
    }
  }

  /// Integers are divided without a fraction, everything else with one; by zero gives NULL.
  private func writeDivision(_ l: Node, _ r: Node) throws {
    let left = Scope.type(of: l), right = Scope.type(of: r), isWhole = Scope.dividesWholes(l, r)
    switch builder.dialect.family {
    case .sqlite:
      // NUMERIC columns hold whole numbers as integers, and those would be divided as such.
      guard left?.isDecimal == true || right?.isDecimal == true else {
        return try writeOperator("/", l, r, nullIfZero: true)
      }
      builder.write("(CAST(")
      try writeExpression(l)
      builder.write(isQualified ? " AS REAL) / " : " AS REAL) / NULLIF(")
      try writeExpression(r)
      builder.write(isQualified ? ")" : ", 0))")
    case .postgres: try writeOperator("/", l, r, nullIfZero: true)
    case .mysql: try writeOperator(isWhole ? "DIV" : "/", l, r, nullIfZero: true)
    }
  }

  /// Whether a division has no fraction.
  static func dividesWholes(_ l: Node, _ r: Node) -> Bool {
    type(of: l)?.isInteger != false && type(of: r)?.isInteger != false
  }

  private func writeOperator(_ op: String, _ l: Node, _ r: Node, nullIfZero: Bool = false) throws {
    builder.write("(")
    try writeExpression(l)
    builder.write(" \(op) ")
    // SQLite answers NULL by itself, but in a definition it stands for the others. MySQL does in a SELECT, but a strict
    // session fails in an UPDATE.
    let isGuarded = nullIfZero && (builder.dialect.family != .sqlite || !isQualified)
    if isGuarded { builder.write("NULLIF(") }
    try writeExpression(r)
    builder.write(isGuarded ? ", 0))" : ")")
  }
}
