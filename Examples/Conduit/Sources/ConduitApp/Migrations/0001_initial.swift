import Martlet

extension Migrations {
  static let m0001_initial = Migration("0001_initial") { m in
    m.create("auth_group") { t in
      t.id()
      t.column("name", .varchar(150), unique: true)
    }
    m.create("auth_user") { t in
      t.id()
      t.column("password", .varchar(128))
      t.column("last_login", .timestamp, null: true)
      t.column("is_superuser", .bool)
      t.column("username", .varchar(150), unique: true)
      t.column("first_name", .varchar(150))
      t.column("last_name", .varchar(150))
      t.column("email", .varchar(254))
      t.column("is_staff", .bool)
      t.column("is_active", .bool)
      t.column("date_joined", .timestamp)
    }
    m.create("auth_user_groups") { t in
      t.id()
      t.reference("user_id", to: "auth_user", onDelete: .cascade)
      t.reference("group_id", to: "auth_group", onDelete: .cascade)
      t.unique("auth_user_groups_user_id_group_id_94350c0c_uniq", ["user_id", "group_id"])
    }
    m.create("conduit_article") { t in
      t.id()
      t.column("slug", .varchar(255), unique: true)
      t.column("title", .varchar(200))
      t.column("description", .text)
      t.column("body", .text)
      t.reference("author_id", to: "auth_user", onDelete: .cascade)
      t.column("created_at", .timestamp)
      t.column("updated_at", .timestamp)
      t.index("conduit_art_created_239086_idx", ["-created_at", "-id"])
    }
    m.create("conduit_comment") { t in
      t.id()
      t.reference("article_id", to: "conduit_article", onDelete: .cascade)
      t.reference("author_id", to: "auth_user", onDelete: .cascade)
      t.column("body", .text)
      t.column("created_at", .timestamp)
      t.column("updated_at", .timestamp)
    }
    m.create("conduit_favorite") { t in
      t.id()
      t.reference("user_id", to: "auth_user", onDelete: .cascade)
      t.reference("article_id", to: "conduit_article", onDelete: .cascade)
      t.unique("conduit_favorite_user_id_article_id_bad7ff13_uniq", ["user_id", "article_id"])
    }
    m.create("conduit_follow") { t in
      t.id()
      t.reference("follower_id", to: "auth_user", onDelete: .cascade)
      t.reference("followed_id", to: "auth_user", onDelete: .cascade)
      t.unique("conduit_follow_follower_id_followed_id_2bb0cd85_uniq", ["follower_id", "followed_id"])
      t.check("follow_not_self", "\"follower_id\" <> \"followed_id\"")
    }
    m.create("conduit_profile") { t in
      t.id()
      t.reference("user_id", to: "auth_user", onDelete: .cascade, unique: true, index: false)
      t.column("bio", .text)
      t.column("image", .varchar(2000))
    }
    m.create("conduit_tag") { t in
      t.id()
      t.column("name", .varchar(50), unique: true)
    }
    m.create("conduit_article_tags") { t in
      t.id()
      t.reference("article_id", to: "conduit_article", onDelete: .cascade)
      t.reference("tag_id", to: "conduit_tag", onDelete: .cascade)
      t.unique("conduit_article_tags_article_id_tag_id_540075f9_uniq", ["article_id", "tag_id"])
    }
    m.create("django_content_type") { t in
      t.id()
      t.column("app_label", .varchar(100))
      t.column("model", .varchar(100))
      t.unique("django_content_type_app_label_model_76bd3d3b_uniq", ["app_label", "model"])
    }
    m.create("auth_permission") { t in
      t.id()
      t.column("name", .varchar(255))
      t.reference("content_type_id", to: "django_content_type", onDelete: .cascade)
      t.column("codename", .varchar(100))
      t.unique("auth_permission_content_type_id_codename_01ab375a_uniq", ["content_type_id", "codename"])
    }
    m.create("auth_group_permissions") { t in
      t.id()
      t.reference("group_id", to: "auth_group", onDelete: .cascade)
      t.reference("permission_id", to: "auth_permission", onDelete: .cascade)
      t.unique("auth_group_permissions_group_id_permission_id_0cd325b0_uniq", ["group_id", "permission_id"])
    }
    m.create("auth_user_user_permissions") { t in
      t.id()
      t.reference("user_id", to: "auth_user", onDelete: .cascade)
      t.reference("permission_id", to: "auth_permission", onDelete: .cascade)
      t.unique("auth_user_user_permissions_user_id_permission_id_14a6b632_uniq", ["user_id", "permission_id"])
    }
    m.create("django_session") { t in
      t.id("session_key", .varchar(40))
      t.column("session_data", .text)
      t.column("expire_date", .timestamp, index: true)
    }
  }
}
