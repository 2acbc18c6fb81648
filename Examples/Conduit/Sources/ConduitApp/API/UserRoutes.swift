import Martlet

// Registration, login, and the current user: `/users`, `/users/login`, `/user`.

extension Conduit {
  /// The RealWorld specification takes any password that is not blank; an app of your own keeps `Users()` and its rules.
  static let users = Users(rules: .none)

  /// `POST /users`, `POST /users/login`, `GET /user`, `PUT /user`
  @RoutesBuilder static var userRoutes: RouteList {
    Post("users") { request in
      let (username, email, password) = try await request.json(Registration.self).user.checked()
      // Hashing takes a tenth of a second: not while the transaction holds the database.
      let hash = try await users.hashers.encode(password)
      let user = try await request.db.transaction { tx in
        let user = try await User(password: hash, username: username, email: email).insert(tx)
        try await Profile(user: Ref(user)).insert(tx)
        return user
      }
      return try await UserView.make(user, request, in: request.db).response(status: .created)
    }
    .summary("Register").body(Registration.self).returns(UserAnswer.self, .created)

    Post("users/login") { request in
      let (email, password) = try await request.json(Login.self).user.checked()
      guard let user = try await users.authenticate(email: email, password: password, in: request.db) else {
        throw AuthError(.invalidCredentials, "The address or the password is wrong.")
      }
      return try await UserView.make(user, request, in: request.db).response()
    }
    .summary("Log in").body(Login.self).returns(UserAnswer.self)

    Get("user") { request in
      try await UserView.make(request.requireUser(), request, in: request.db).response()
    }
    .summary("The current user").needsAuthentication().returns(UserAnswer.self)

    Put("user") { request in
      let user = try await request.requireUser()
      let change = try await request.json(UserUpdate.self).user.checked()
      let hash: String? = if let password = change.password { try await users.hashers.encode(password) } else { nil }
      let changed = try await request.db.transaction { tx in
        var user = user
        try await user.save(tx) {
          if let username = change.username { $0.username = username }
          if let email = change.email { $0.email = email }
          if let hash { $0.password = hash }
        }
        // Users that `createsuperuser` made have no profile yet.
        let profile = Profile(user: Ref(user), bio: change.bio ?? "", image: change.image ?? "")
        try await Profile.upsert([profile], tx, on: { $0.user.id }) { row, new in
          if change.bio != nil { row.bio.set(to: new.bio) }
          if change.image != nil { row.image.set(to: new.image) }
        }
        return user
      }
      return try await UserView.make(changed, request, in: request.db).response()
    }
    .summary("Change the current user").needsAuthentication().body(UserUpdate.self).returns(UserAnswer.self)
  }
}
