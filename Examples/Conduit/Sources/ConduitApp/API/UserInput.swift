import Martlet

// What clients send about users, and its rules: declared once, checked in the routes, described at `/docs`.

/// The body of `POST /users`.
@Input struct Registration {
  var user: Fields

  @Input(unknownFields: .ignored) struct Fields {
    @Field(maxLength: 150, transform: .trim) var username: String
    /// Kept in lower case, so that nobody registers twice.
    @Field(maxLength: 254, validate: .address, transform: [.trim, .lowercase]) var email: String
    @Field(secret: true) var password: String

    func validate(_ errors: inout FieldErrors) { errors.add(Conduit.users.rules.findings(password)) }
  }
}

/// The body of `POST /users/login`.
@Input struct Login {
  var user: Fields

  @Input(unknownFields: .ignored) struct Fields {
    @Field(transform: [.trim, .lowercase]) var email: String
    @Field(secret: true) var password: String
  }
}

/// The body of `PUT /user`: what is not sent stays as it is. A bio or an image that is null or empty goes.
@Input struct UserUpdate {
  var user: Fields

  @Input(unknownFields: .ignored) struct Fields {
    @Field(maxLength: 150, transform: .trim) var username: Given<String>
    @Field(maxLength: 254, validate: .address, transform: [.trim, .lowercase]) var email: Given<String>
    @Field(secret: true) var password: Given<String>
    var bio: Given<String?>
    @Field(maxLength: 2000) var image: Given<String?>

    func validate(_ errors: inout FieldErrors) {
      if let password = password.value { errors.add(Conduit.users.rules.findings(password)) }
    }
  }
}

extension FieldRule {
  /// An email address, in the words of the RealWorld API.
  static let address = FieldRule.email.message("is not an email address")
}
