import Martlet

// What clients send about users, and its rules. A schema beside each type describes it at `/docs`.

struct Registration: Decodable {
  var user: Fields

  struct Fields: Decodable {
    var username: Given<String>
    var email: Given<String>
    var password: Given<String>

    func checked() throws -> (username: String, email: String, password: String) {
      var check = InputCheck()
      let username = check.required(username, "username").trimmed
      let email = check.address(check.required(email, "email"))
      let password = check.required(password, "password")
      check.add(Conduit.users.rules.findings(password).filter { _ in !password.isEmpty })
      try check.finish()
      return (username, email, password)
    }
  }
}

struct Login: Decodable {
  var user: Fields

  struct Fields: Decodable {
    var email: Given<String>
    var password: Given<String>

    func checked() throws -> (email: String, password: String) {
      var check = InputCheck()
      let email = check.required(email, "email").trimmed.lowercased(), password = check.required(password, "password")
      try check.finish()
      return (email, password)
    }
  }
}

struct UserUpdate: Decodable {
  var user: Fields

  struct Fields: Decodable {
    var username: Given<String>
    var email: Given<String>
    var password: Given<String>
    var bio: Given<String>
    var image: Given<String>

    func checked() throws -> Change {
      var check = InputCheck()
      let change = Change(
        username: check.changed(username, "username")?.trimmed, email: check.changed(email, "email").map { check.address($0) },
        password: check.changed(password, "password"), bio: bio.orEmpty, image: image.orEmpty)
      if let password = change.password, !password.isEmpty { check.add(Conduit.users.rules.findings(password)) }
      try check.finish()
      return change
    }
  }

  /// What to change; `nil` where nothing.
  struct Change {
    var username: String?, email: String?, password: String?, bio: String?, image: String?
  }
}

extension InputCheck {
  /// An address in the form in which it is kept: in lower case, so that nobody registers twice.
  mutating func address(_ text: String) -> String {
    let address = text.trimmed.lowercased()
    if !address.isEmpty, !address.contains("@") { add([FieldError("email", code: "invalid", "is not an email address")]) }
    return address
  }
}

extension Given<String> {
  /// The text; empty where it was null, `nil` where it was not sent.
  var orEmpty: String? {
    switch self {
    case .missing: nil
    case .null: ""
    case .value(let text): text
    }
  }
}

extension Registration: SchemaDescribing {
  static var jsonSchema: JSONSchema {
    .object(["user": .object(["username": .string(maxLength: 150), "email": .string(maxLength: 254), "password": .string()])])
  }
}

extension Login: SchemaDescribing {
  static var jsonSchema: JSONSchema { .object(["user": .object(["email": .string(), "password": .string()])]) }
}

extension UserUpdate: SchemaDescribing {
  static var jsonSchema: JSONSchema {
    .object([
      "user": .object(
        [
          "username": .string(maxLength: 150), "email": .string(maxLength: 254), "password": .string(),
          "bio": .string().nullable, "image": .string(maxLength: 2000).nullable,
        ], optional: ["username", "email", "password", "bio", "image"])
    ])
  }
}
