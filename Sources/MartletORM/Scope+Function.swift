import MartletSQL

extension Scope {
  /// Writes a function by the name it has in the dialect; those that need more than another name have a case of their own.
  func writeFunction(_ function: SQLFunction, _ arguments: [Node]) throws {
    switch function {
    default: try writeCall(name(of: function), arguments)
    }
  }

  func writeCall(_ name: String, _ arguments: [Node]) throws {
    builder.write(name + "(")
    try builder.list(arguments) { try writeExpression($0) }
    builder.write(")")
  }

  private func name(of function: SQLFunction) -> String {
    let family = builder.dialect.family
    return switch function {
    // SQLite's own LOWER knows ASCII alone; the driver registers one that knows Unicode.
    case .lower: family == .sqlite ? "martlet_lower" : "LOWER"
    // MySQL's LENGTH counts bytes.
    case .length: family == .mysql ? "CHAR_LENGTH" : "LENGTH"
    case .trim: "TRIM"
    case .coalesce: "COALESCE"
    case .named(let name): name
    }
  }
}
