import Martlet

// What Conduit knows of a user beyond Django's `auth_user`: a model of its own, one-to-one.

/// What a user says about themselves.
@Model(app: "conduit")
struct Profile {
  var id: ID
  @OneToOne var user: Ref<User>
  /// Empty where nothing was said; the API answers `null` then.
  var bio: String = ""
  /// The address of a picture; empty where there is none.
  @Field(maxLength: 2000) var image: String = ""

  /// Everyone reads; users change their own.
  static let policy = Policy(Profile.self) {
    $0.allowAll(.read)
    $0.allow(.create, .update) { profile, viewer in profile.user.id == viewer.id }
  }
}
