// Rules about text. Lengths count Unicode scalars, as `maxLength:` does and as databases do.
extension FieldRule {
  /// At least so many characters: `min_length`.
  public static func minLength(_ length: Int) -> FieldRule {
    FieldRule(.minLength(length), "min_length", "Ensure this field has at least \(length) characters.")
  }
  /// At most so many characters: `max_length`. `@Field(maxLength:)` limits the column too.
  public static func maxLength(_ length: Int) -> FieldRule {
    FieldRule(.maxLength(length), "max_length", "Ensure this field has no more than \(length) characters.")
  }
  /// So many characters: `.length(3...20)`.
  public static func length(_ range: ClosedRange<Int>) -> FieldRule {
    [minLength(range.lowerBound), maxLength(range.upperBound)]
  }

  /// Text in which the regular expression finds something; `^…$` asks for the whole text. As in JSON Schema and in Django.
  ///
  /// ```swift
  /// @Field(validate: .pattern("^[A-Z]{2}[0-9]{6}$")) var passport: String
  /// ```
  /// The syntax is ECMA-262's, which OpenAPI uses, without what needs backtracking: back references, and looking ahead or
  /// behind. So no pattern and no text can make the search slow: it takes time in proportion to both. `\d` and `\w` are
  /// ASCII, `$` is the very end, a text of more than 65,536 characters matches nothing. It is compiled once. One that
  /// cannot be read is a system check (`models.E310`), and refuses every value.
  public static func pattern(_ pattern: String) -> FieldRule {
    let message = "This value does not match the required pattern."
    do throws(TextPatternError) {
      return FieldRule(.pattern(try TextPattern(pattern)), "invalid", message)
    } catch {
      return FieldRule(.unreadable(pattern: pattern, reason: error.reason), "invalid", message)
    }
  }

  /// An email address as Django takes it: a name of RFC 5321's plain characters, `@`, a domain name or `[192.0.2.1]`.
  public static var email: FieldRule { FieldRule(.email, "invalid", "Enter a valid email address.") }
  /// A web address, `http` or `https`, of at most 2048 characters.
  public static var url: FieldRule { url(schemes: ["http", "https"]) }
  /// An address of one of these schemes: `.url(schemes: ["https", "ftps"])`.
  public static func url(schemes: [String]) -> FieldRule {
    FieldRule(.url(schemes: schemes.map { $0.lowercased() }), "invalid", "Enter a valid URL.")
  }
  /// ASCII letters, digits, underscores and hyphens.
  public static var slug: FieldRule { slug(allowsUnicode: false) }
  /// Letters, digits, underscores and hyphens; of all scripts, where that is allowed.
  public static func slug(allowsUnicode: Bool) -> FieldRule {
    let letters = allowsUnicode ? "Unicode letters" : "letters"
    return FieldRule(
      .slug(allowsUnicode: allowsUnicode), "invalid",
      "Enter a valid “slug” consisting of \(letters), numbers, underscores or hyphens.")
  }
  /// An Internet address of either version.
  public static var ipAddress: FieldRule { FieldRule(.ipAddress(nil), "invalid", "Enter a valid IPv4 or IPv6 address.") }
  /// An Internet address of one version: `.ipAddress(.v4)`.
  public static func ipAddress(_ version: IPVersion) -> FieldRule {
    FieldRule(.ipAddress(version), "invalid", "Enter a valid IP\(version.rawValue) address.")
  }

  /// Text that says something: not empty, and not white space alone. Text without a default is held to that in any case.
  public static var notBlank: FieldRule { FieldRule(.notBlank, "blank", "This field may not be blank.") }
  /// Text without a default may be blank nevertheless.
  public static var allowBlank: FieldRule { FieldRule(.allowBlank, "", "") }
}
