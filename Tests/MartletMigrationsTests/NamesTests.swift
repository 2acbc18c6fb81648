import Testing

@testable import MartletMigrations

/// The expected names were printed by `sqlmigrate` of Django 5.2.
@Suite("Names as Django gives them")
struct NamesTests {
  @Test(
    "implied indexes have the table, the column and eight digits of an MD5",
    arguments: [
      ("shop_person", "uid", "shop_person_uid_55f56f3b"),
      ("shop_person_friends", "from_person_id", "shop_person_friends_from_person_id_36070ead"),
      ("shop_purchaseorderlineitem", "order_number", "shop_purchaseorderlineitem_order_number_f7ba93cc"),
      ("shop_purchaseorderlineitem", "published_at", "shop_purchaseorderlineitem_published_at_94e94569"),
      ("shop_purchaseorderlineitem", "author_id", "shop_purchaseorderlineitem_author_id_3f388999"),
      ("shop_purchaseorderlineitem_tags", "tag_id", "shop_purchaseorderlineitem_tags_tag_id_c060429a"),
      ("auth_permission", "content_type_id", "auth_permission_content_type_id_2f476e4b"),
      ("auth_user_groups", "user_id", "auth_user_groups_user_id_6a12ed8b"),
    ])
  func implied(table: String, column: String, name: String) {
    #expect(DatabaseNames.hashed(table, [column]) == name)
  }

  @Test(
    "unique constraints over several columns end in _uniq",
    arguments: [
      ("auth_permission", ["content_type_id", "codename"], "auth_permission_content_type_id_codename_01ab375a_uniq"),
      ("auth_user_groups", ["user_id", "group_id"], "auth_user_groups_user_id_group_id_94350c0c_uniq"),
      (
        "auth_user_user_permissions", ["user_id", "permission_id"],
        "auth_user_user_permissions_user_id_permission_id_14a6b632_uniq"
      ),
      (
        "shop_purchaseorderlineitem", ["order_number", "status"],
        "shop_purchaseorderlineitem_order_number_status_79ecdbcd_uniq"
      ),
    ])
  func unique(table: String, columns: [String], name: String) {
    #expect(DatabaseNames.unique(table, columns) == name)
  }

  @Test("indexes of their own have 11 letters of the table, 7 of the first column and six digits")
  func index() {
    let table = "shop_purchaseorderlineitem"
    #expect(DatabaseNames.index(table, [("status", false), ("published_at", false)]) == "shop_purcha_status_2fe4d2_idx")
    #expect(DatabaseNames.index(table, [("published_at", true)]) == "shop_purcha_publish_142fcd_idx")
    #expect(DatabaseNames.index(table, [("views", true), ("order_number", false)]) == "shop_purcha_views_916096_idx")
  }

  @Test("names that would be too long keep their hash and share the rest")
  func long() {
    let table = String(repeating: "t", count: 150), column = String(repeating: "c", count: 150)
    let name = DatabaseNames.hashed(table, [column])
    #expect(name == String(repeating: "t", count: 95) + "_" + String(repeating: "c", count: 95) + "_3ddf649e")
    #expect(name.count <= 200)
  }

  @Test("a name may not begin with an underscore or a digit: it gets a D")
  func prefix() {
    #expect(DatabaseNames.index("_posts", [("title", false)]) == "Dposts_title_7b58a6_idx")
    #expect(DatabaseNames.index("1posts", [("title", false)]) == "Dposts_title_df1ab4_idx")
  }
}
