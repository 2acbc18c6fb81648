import Martlet

// A relation between users that is a model: two references to the same table, unique together, checked by the database.

/// That a user follows another.
@Model(app: "conduit")
struct Follow {
  var id: ID
  var follower: Ref<User>
  var followed: Ref<User>

  static let constraints = Martlet.constraints(Follow.self) {
    unique($0.follower.id, $0.followed.id)
    check("follow_not_self", $0.follower.id != $0.followed.id)
  }

  /// Users see and change whom they follow themselves.
  static let policy = Policy(Follow.self) {
    $0.allow(.read, .create, .delete) { follow, viewer in follow.follower.id == viewer.id }
  }
}
