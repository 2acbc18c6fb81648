import Foundation
import MartletCore
import MartletORM
import MartletSQL
import TestDatabases
import Testing

@Model(table: "rated")
struct Rated {
  var id: ID
  @Field(validate: .range(1...5)) var stars: Int
  @Field(maxLength: 80, validate: [.email, .minLength(6)]) var email: String?
  @Field(validate: [.greaterThan(0), .multipleOf(0.05)], digits: (8, 2)) var price: Decimal = 1
  @Field(validate: .init("even", "Must be even.") { (value: Int) in value.isMultiple(of: 2) }) var pairs: Int = 0
  @Field(validate: [.items(0...2), .each(.slug)]) var tags: [String] = []
}

@Suite("Rules of fields")
struct FieldRuleTests {
  private func codes(_ rule: FieldRule, _ value: some ColumnValue) -> [String] {
    rule.faults(in: value.sqlValue).map { $0.field.isEmpty ? $0.code : "\($0.field): \($0.code)" }
  }

  @Test(
    "email addresses",
    arguments: [
      ("ann@example.com", true), ("a.b+c@sub.example.co", true), ("!#$%&'*+/=?^_`{}|~-@x.org", true), ("ann@localhost", true),
      ("ann@[192.0.2.1]", true), ("ann@[IPv6:2001:db8::1]", true), ("ann@bücher.example", true), ("ann@example.xn--p1ai", true),
      ("", false), ("ann", false), ("ann@", false), ("@example.com", false), ("ann@example", false), ("a@b@example.com", false),
      (".ann@example.com", false), ("ann.@example.com", false), ("a..b@example.com", false), ("ann @example.com", false),
      ("ann@exa mple.com", false), ("ann@-example.com", false), ("ann@example-.com", false), ("ann@example..com", false),
      ("ann@example.c", false), ("ann@example.123", false), ("ann@example.com\n", false), ("ann@example.com\u{0}", false),
      ("\"a b\"@example.com", false), ("änn@example.com", false), ("ann@[300.0.0.1]", false), ("<ann@example.com>", false),
      (String(repeating: "a", count: 65) + "@example.com", false), ("a@" + String(repeating: "a", count: 64) + ".com", false),
      ("ann@example.com\r\nBcc: x@example.com", false), (String(repeating: "a@", count: 5000), false),
    ])
  func email(_ text: String, _ isFine: Bool) {
    #expect(codes(.email, text) == (isFine ? [] : ["invalid"]), "\(text.debugDescription)")
  }

  @Test(
    "web addresses",
    arguments: [
      ("http://example.com", true), ("HTTPS://Example.com:8080/a/b?c=d#e", true), ("https://ann:secret@example.com/", true),
      ("http://192.0.2.1/", true), ("http://[2001:db8::1]:80/", true), ("http://localhost", true),
      ("https://bücher.example/ä", true),
      ("", false), ("example.com", false), ("//example.com", false), ("javascript:alert(1)", false),
      ("javascript://example.com/%0aalert(1)", false),
      ("ftp://example.com", false), ("http://", false), ("http://a", false), ("http://example.com:99999", false),
      ("http://example.com:", false),
      ("http://exa mple.com", false), ("http://example.com/a b", false), ("http://example.com/\n", false),
      ("\nhttp://example.com", false),
      ("http://a@b@example.com", false), ("http://[::1", false), ("http://[1.2.3.4]", false), ("http://256.0.0.1", false),
      ("http://.example.com", false), ("http://-a.example", false),
      ("http://example.com/" + String(repeating: "a", count: 2048), false),
    ])
  func url(_ text: String, _ isFine: Bool) {
    #expect(codes(.url, text) == (isFine ? [] : ["invalid"]), "\(text.debugDescription)")
  }

  @Test("slugs and Internet addresses")
  func slugsAndAddresses() {
    for text in ["a", "A-1_b", "-"] { #expect(codes(.slug, text) == []) }
    for text in ["", "a b", "ä", "a\n", "a.b", "a/b"] { #expect(codes(.slug, text) == ["invalid"], "\(text)") }
    #expect(codes(.slug(allowsUnicode: true), "größe-１") == [] && codes(.slug(allowsUnicode: true), "a b") == ["invalid"])
    for text in ["0.0.0.0", "255.255.255.255"] { #expect(codes(.ipAddress(.v4), text) == []) }
    for text in ["::", "2001:db8::1", "::ffff:192.0.2.1"] { #expect(codes(.ipAddress(.v6), text) == []) }
    for text in ["1.2.3", "1.2.3.256", "01.2.3.4", "1.2.3.4 ", "1.2.3.4/8", "::1%eth0", ":::", "fe80::1::2", "", "1.2.3.4\u{0}"] {
      #expect(codes(.ipAddress, text) == ["invalid"], "\(text)")
    }
    #expect(codes(.ipAddress(.v4), "::1") == ["invalid"] && codes(.ipAddress(.v6), "1.2.3.4") == ["invalid"])
  }

  @Test("bounds compare numbers of all kinds exactly, and dates")
  func bounds() {
    #expect(codes(.range(1...5), 5) == [] && codes(.range(1...5), 6) == ["max_value"] && codes(.range(1...5), 0) == ["min_value"])
    #expect(codes(.range(0...), -1) == ["min_value"] && codes(.range(...0), 1) == ["max_value"])
    #expect(codes(.max(Int64.max - 1), Int64.max) == ["max_value"] && codes(.max(Int64.max), UInt64.max) == ["max_value"])
    #expect(
      codes(.min(0.1), Decimal(string: "0.1") ?? 0) == []
        && codes(.greaterThan(0.1), Decimal(string: "0.1") ?? 0) == ["min_value"])
    #expect(codes(.lessThan(1), 0.999) == [] && codes(.lessThan(1), 1.0) == ["max_value"])
    #expect(codes(.min(CalendarDate(daysSince1970: 10)), CalendarDate(daysSince1970: 9)) == ["min_value"])
    #expect(codes(.range("b"..."d"), "c") == [] && codes(.range("b"..."d"), "e") == ["max_value"])
    #expect(
      codes(.multipleOf(0.1), 0.3) == [] && codes(.multipleOf(0.1), 0.35) == ["step_size"] && codes(.multipleOf(3), -9) == [])
    #expect(codes(.multipleOf(0), 1) == ["step_size"] && codes(.min(1), Double.nan) == ["min_value"])
  }

  @Test("lengths, choices, lists, and rules of one's own")
  func others() {
    #expect(codes(.length(2...3), "a") == ["min_length"] && codes(.length(2...3), "abcd") == ["max_length"])
    #expect(codes(.maxLength(1), "e\u{301}") == ["max_length"])
    #expect(codes(.notBlank, " \n\u{A0}") == ["blank"] && codes(.notBlank, " a ") == [] && codes(.allowBlank, "") == [])
    #expect(codes(.oneOf("a", "b"), "c") == ["invalid_choice"] && codes(.oneOf([1, 2]), 2) == [])
    #expect(codes([.items(1...2), .each(.slug)], ["a", "b c", "d"]) == ["max_length", "1: invalid"])
    let rule = FieldRule("even", "Must be even.") { (value: Int) in value.isMultiple(of: 2) }
    #expect(codes(rule, 3) == ["even"] && codes(rule, 4) == [])
    #expect(codes(rule, "text") == ["even"], "what a rule cannot judge, it refuses")
    #expect(codes(.email, Optional<String>.none) == [], "nothing breaks no rule")
    let told = FieldRule.pattern("^[A-Z]{3}$").message("A currency has three letters.", code: "currency").faults(in: .text("x"))
    #expect(told == [FieldError("", code: "currency", "A currency has three letters.")])
  }

  @Test("a pattern that cannot be read refuses every value, and is a mistake of the column, as is a rule on the wrong type")
  func mistakes() {
    #expect(codes(.pattern("("), "x") == ["invalid"])
    func mistakes(_ rule: FieldRule, _ type: ColumnType) -> Int {
      var column = Rated.schema.columns[1]
      column.type = type
      column.rules = [rule]
      return column.ruleMistakes.count
    }
    #expect(mistakes(.pattern("("), .text) == 1 && mistakes(.pattern("a"), .text) == 0)
    #expect(
      mistakes(.email, .int) == 1 && mistakes(.min(1), .text) == 1
        && mistakes(.range(1...2), .decimal(precision: 5, scale: 1)) == 0)
    #expect(mistakes(.multipleOf(2), .date) == 1 && mistakes(.items(1...2), .text) == 2)
    #expect(mistakes(.each(.email), .array(.int)) == 1 && mistakes(.each(.email), .array(.text)) == 0)
    #expect(Rated.schema.columns.allSatisfy { $0.ruleMistakes.isEmpty })
  }

  @Test("every write of the ORM obeys, and names the property", arguments: TestDatabaseKind.allCases)
  func writes(_ kind: TestDatabaseKind) async throws {
    let db = try await blog([Rated.self], on: kind)
    func errors(_ body: () async throws -> Void) async -> [String] {
      do {
        try await body()
        return []
      } catch let error as ValidationError {
        return error.errors.map { "\($0.field): \($0.code)" }
      } catch { return ["\(error)"] }
    }
    let bad = Rated(stars: 9, email: "x", price: Decimal(string: "0.07") ?? 0, pairs: 1, tags: ["a", "b c"])
    let all = ["stars: max_value", "email: invalid", "email: min_length", "price: step_size", "pairs: even", "tags.1: invalid"]
    #expect(await errors { try await bad.insert(db) } == all)
    #expect(await errors { try await Rated.upsert([bad], db, on: { $0.id }) { _, _ in } } == all)
    var good = try await Rated(stars: 3).insert(db)
    #expect(await errors { try await good.save(db) { $0.stars = 0 } } == ["stars: min_value"])
    #expect(await errors { try await Rated.query.update(db) { $0.stars.set(to: 7) } } == ["stars: max_value"])
    var changed = good
    changed.pairs = 3
    let row = changed
    #expect(await errors { try await Rated.update([row], db) { $0.pairs } } == ["pairs: even"])
    #expect(try await Rated.get(good.id, db).stars == 3)
  }

  @Test("a row that is older than a rule can be changed elsewhere", arguments: TestDatabaseKind.allCases)
  func older(_ kind: TestDatabaseKind) async throws {
    let db = try await blog([Rated.self], on: kind)
    let row = try await Rated(stars: 3).insert(db)
    try await Rated.query.update(db) { $0.stars.set(to: $0.stars + 6) }
    var old = try await Rated.get(row.id, db)
    #expect(old.stars == 9)
    try await old.save(db) { $0.email = "ann@example.com" }
    #expect(try await Rated.get(row.id, db).email == "ann@example.com")
  }

  @Test("transformations of text")
  func transforms() {
    #expect(TextTransform([.trim, .lowercase]).apply(to: "\u{A0} Ann@X \n") == "ann@x")
    #expect(TextTransform.collapseSpaces.apply(to: " a \n\t b ") == " a b ")
    #expect(TextTransform.uppercase.apply(to: "straße") == "STRASSE" && TextTransform.trim.apply(to: "  ") == "")
    #expect(TextTransform([]).apply(to: " a ") == " a ")
  }
}
