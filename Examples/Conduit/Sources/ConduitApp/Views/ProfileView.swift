import Martlet

// Views are what the API answers. They write their JSON straight into bytes: no tree, and `null` where a value is missing.

/// A user as others see them.
struct ProfileView: Sendable {
  var username: String
  var bio: String?
  var image: String?
  var following: Bool

  init(username: String, bio: String?, image: String?, following: Bool) {
    self.username = username
    self.bio = bio
    self.image = image
    self.following = following
  }

  /// The profile of that name as the viewer sees it, in one statement.
  static func find(_ username: String, for viewer: User.ID?, in db: Database) async throws -> (User, ProfileView)? {
    let row = try await User.filter { $0.username == username && $0.isActive }
      .annotate { ($0.profile.bio, $0.profile.image, $0.isFollowed(by: viewer)) }
      .first(db)
    guard let (user, bio, image, following) = row else { return nil }
    return (user, ProfileView(username: user.username, bio: bio, image: image, following: following))
  }

  func write(to json: inout JSONWriter) {
    json.object {
      $0.key("username")
      $0.string(username)
      $0.key("bio")
      $0.text(bio)
      $0.key("image")
      $0.text(image)
      $0.key("following")
      $0.bool(following)
    }
  }

  /// `{"profile": {…}}`
  var response: Response {
    .json { json in
      json.key("profile")
      write(to: &json)
    }
  }
}

extension JSONShape {
  /// A user as the viewer sees them; a text that says nothing is `null`.
  mutating func profile(_ name: String, _ user: User.Fields, for viewer: User.ID?) {
    object(name) { json in
      json.value("username", user.username)
      json.value("bio", user.profile.bio.nullIf(""))
      json.value("image", user.profile.image.nullIf(""))
      json.value("following", user.isFollowed(by: viewer))
    }
  }
}

extension JSONWriter {
  /// A text that says nothing where it is empty: `null` then.
  mutating func text(_ value: String?) {
    if let value, !value.isEmpty { string(value) } else { null() }
  }
}

extension Response {
  /// An object whose members the closure writes.
  static func json(status: HTTPStatus = .ok, _ members: (inout JSONWriter) -> Void) -> Response {
    var json = JSONWriter(capacity: 4096)
    json.object(members)
    return .json(bytes: json.finish(), status: status)
  }
}
