import MartletSQL

extension DriverConformance {
  static var errorChecks: [Check] {
    [
      Check(name: "each broken constraint has its kind of error") { try await $0.constraints() },
      Check(name: "wrong SQL, a missing table and missing values are invalid statements") { subject in
        for text in ["SELEC 1", "SELECT * FROM \(subject.name())"] {
          let error = try await failure(of: text) { try await subject.write(text) }
          try require(error.kind == .invalidStatement, "'\(text)' failed as \(error.kind)")
          try require(error.sql != nil, "the error of '\(text)' does not have the statement's text")
        }
        let error = try await failure(of: "a statement without its value") {
          try await subject.write("SELECT \(subject.placeholder(1))")
        }
        try require(error.kind == .invalidStatement, "a statement without its value failed as \(error.kind)")
        try require(try await subject.read(Int.self, "SELECT 7") == [7], "the connection is of no use after an error")
      },
      Check(name: "a statement of several commands is refused") { subject in
        let table = try await subject.table("n \(subject.type(.int))")
        _ = try await failure(of: "two commands in one statement") {
          try await subject.write("INSERT INTO \(table) VALUES (1); INSERT INTO \(table) VALUES (2)")
        }
        try require(try await subject.read(Int.self, "SELECT count(*) FROM \(table)") == [0], "a part of it was carried out")
      },
    ]
  }
}

extension Subject {
  fileprivate func constraints() async throws {
    let int = type(.int), text = type(.varchar(20))
    let parent = try await table("id \(int) NOT NULL PRIMARY KEY")
    let child = try await table(
      """
      id \(int) NOT NULL PRIMARY KEY, name \(text) NOT NULL UNIQUE, age \(int), parent_id \(int),
      CONSTRAINT conf_age CHECK (age >= 0), FOREIGN KEY (parent_id) REFERENCES \(parent) (id)
      """)
    try await write("INSERT INTO \(parent) VALUES (1)")
    try await write("INSERT INTO \(child) VALUES (1, 'Ada', 36, 1)")
    func kind(_ statement: String) async throws -> DatabaseError.Kind {
      try await failure(of: statement) { try await self.write(statement) }.kind
    }
    let unique = try await kind("INSERT INTO \(child) VALUES (2, 'Ada', 1, 1)")
    guard case .uniqueViolation = unique else {
      throw DriverConformance.Failure(description: "a repeated value failed as \(unique)")
    }
    let missing = try await kind("INSERT INTO \(child) VALUES (3, 'Bob', 1, 99)")
    guard case .foreignKeyViolation = missing else {
      throw DriverConformance.Failure(description: "a reference to a missing row failed as \(missing)")
    }
    let referred = try await kind("DELETE FROM \(parent)")
    guard case .foreignKeyViolation = referred else {
      throw DriverConformance.Failure(description: "the deletion of a referred row failed as \(referred)")
    }
    let null = try await kind("INSERT INTO \(child) VALUES (4, NULL, 1, 1)")
    try require(null == .notNullViolation(column: "name"), "NULL where it may not be failed as \(null)")
    let check = try await kind("INSERT INTO \(child) VALUES (5, 'Eve', -1, 1)")
    guard case .checkViolation(let name) = check else {
      throw DriverConformance.Failure(description: "a check failed as \(check)")
    }
    try require(name.contains("conf_age"), "the broken check is called '\(name)'")
    try require(try await read(Int.self, "SELECT count(*) FROM \(child)") == [1], "a refused row is there")
  }
}
