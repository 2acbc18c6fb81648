import Martlet

// Registration, login, and the current user: `/users`, `/users/login`, `/user`.

extension Conduit {
  /// The RealWorld specification takes any password that is not blank; an app of your own keeps `Users()` and its rules.
  static let users = Users(rules: .none)

  /// `POST /users`, `POST /users/login`, `GET /user`, `PUT /user`
  @RoutesBuilder static var userRoutes: RouteList {
    Post("users") { request in
      let input = try await request.input(Registration.self).user
      // Hashing takes a tenth of a second: not while the transaction holds the database.
      let hash = try await users.hashers.encode(input.password)
      let user = try await request.db.transaction { tx in
        let user = try await User(password: hash, username: input.username, email: input.email).insert(tx)
        try await Profile(user: Ref(user)).insert(tx)
        return user
      }
      return try await UserView.make(user, request, in: request.db).response(status: .created)
    }
    .operationID("createUser").summary("Register").body(Registration.self).returns(UserAnswer.self, .created)
    .fails(.conflict, .badRequest, .contentTooLarge, .unsupportedMediaType)

    Post("users/login") { request in
      let login = try await request.input(Login.self).user
      guard let user = try await users.authenticate(email: login.email, password: login.password, in: request.db) else {
        throw AuthError(.invalidCredentials, "The address or the password is wrong.")
      }
      return try await UserView.make(user, request, in: request.db).response()
    }
    .operationID("login").summary("Log in").body(Login.self).returns(UserAnswer.self).fails(
      .badRequest, .contentTooLarge, .unsupportedMediaType)

    Get("user") { request in
      try await UserView.make(request.requireUser(), request, in: request.db).response()
    }
    .operationID("getCurrentUser").summary("The current user").needsAuthentication().returns(UserAnswer.self)

    Put("user") { request in
      let user = try await request.requireUser()
      let change = try await request.input(UserUpdate.self).user
      let hash: String? = if let password = change.password.value { try await users.hashers.encode(password) } else { nil }
      let changed = try await request.db.transaction { tx in
        var user = user
        try await user.save(tx) {
          change.username.apply(to: &$0.username)
          change.email.apply(to: &$0.email)
          if let hash { $0.password = hash }
        }
        // Users that `createsuperuser` made have no profile yet.
        let profile = Profile(user: Ref(user), bio: change.bio.or(nil) ?? "", image: change.image.or(nil) ?? "")
        try await Profile.upsert([profile], tx, on: { $0.user.id }) { row, new in
          if !change.bio.isMissing { row.bio.set(to: new.bio) }
          if !change.image.isMissing { row.image.set(to: new.image) }
        }
        return user
      }
      return try await UserView.make(changed, request, in: request.db).response()
    }
    .operationID("updateCurrentUser").summary("Change the current user").needsAuthentication().body(UserUpdate.self).returns(
      UserAnswer.self
    )
    .fails(.conflict, .badRequest, .contentTooLarge, .unsupportedMediaType)
  }
}
