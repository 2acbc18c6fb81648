import MartletCore
public import MartletHTTP
import MartletORM

/// What a hand-written route takes: typed, checked as a resource's input is, and described in the API's document.
///
/// ```swift
/// @Input struct NewArticle {
///   /// Shown in lists.
///   @Field(maxLength: 200) var title: String
///   @Field(validate: .email, transform: [.trim, .lowercase]) var contact: String?
///   @Field(validate: [.items(0...10), .each(.length(1...50))]) var tags: [String] = []
///   var author: Author              // another @Input, nested
///
///   func validate(_ errors: inout FieldErrors) {
///     if tags.contains(title) { errors.add("tags", code: "repeats_title", "A tag repeats the title.") }
///   }
/// }
///
/// Post("articles") { request in
///   let input = try await request.input(NewArticle.self)
///   …
/// }.body(NewArticle.self)
/// ```
/// All mistakes are found at once, with dotted paths (`author.name`, `tags.0`) and Django REST framework's codes. Values have
/// the forms that they have in resources: ISO 8601 dates, decimals as texts or numbers, base64. See ``Given`` for fields that
/// a client may leave out.
///
/// Written by ``Input(naming:unknownFields:)``.
public protocol Input: InputReadable {
  /// The fields: their names, types and rules.
  static var inputSchema: InputSchema { get }
  /// Reads the fields; `nil` where one is wrong, which is noted.
  init?(reading fields: inout InputFields)
  /// Rules over several fields. Asked where every field is fine by itself.
  func validate(_ errors: inout FieldErrors)
}

extension Input {
  /// No further rules.
  public func validate(_ errors: inout FieldErrors) {}
}

/// Makes a struct an ``Input``-conforming type: writes its reader, its schema and a memberwise initialiser.
///
/// Every stored property is a field, read by its own name. Its type is a column type (`String`, `Int`, `Decimal`, `Date`, an
/// enum of ``Choices``, `JSON<…>`, a list of these …), another input, a list of inputs, or ``Given`` of one of them. A property
/// with a default or an optional type may be left out. `@Field` adds limits, rules, transformations and a sentence of help.
/// - Parameters:
///   - naming: How properties become names in JSON: as they are written, unless told otherwise.
///   - unknownFields: What becomes of fields that the struct does not have: refused, unless told otherwise.
@attached(member, names: named(inputSchema), named(init))
@attached(extension, conformances: Input)
public macro Input(naming: FieldNaming = .camelCase, unknownFields: UnknownFields = .refused) =
  #externalMacro(module: "MartletMacros", type: "InputMacro")

/// What becomes of fields that an ``Input`` does not have.
public enum UnknownFields: String, Sendable, Hashable {
  /// Each is an error (`unknown_field`): a misspelt field is not silently lost.
  case refused
  /// They are passed over.
  case ignored
}

extension Request {
  /// The body as an ``Input``: JSON.
  ///
  /// - Parameter limit: The most bytes to accept; the application's limit if `nil`.
  /// - Throws: ``HTTPError``: 415 for another media type than JSON, 413 past the limit, 400 for what is not JSON.
  ///   `ValidationError` (422) with everything that is wrong.
  public func input<T: Input>(_ type: T.Type, limit: Int? = nil) async throws -> T {
    try InputNode(tree: JSONParser.parse(try await jsonBytes(limit: limit)), path: "", isText: false).input(T.self)
  }
}

extension QueryParameters {
  /// The parameters as an ``Input``: texts become numbers, dates and so on; a parameter that stands several times becomes a
  /// list, and `author.name=…` a nested input.
  ///
  /// ```swift
  /// Get("search") { request in
  ///   let search = try request.query.input(Search.self)
  ///   …
  /// }.query(Search.self)
  /// ```
  /// - Throws: ``HTTPError`` (400, `invalid-parameter`) with everything that is wrong.
  public func input<T: Input>(_ type: T.Type) throws -> T {
    _ = try value("", as: String.self)  // fails where the query string's escapes are broken
    do {
      return try InputNode(tree: .form(self), path: "", isText: true).input(T.self)
    } catch let error as ValidationError {
      let first = error.errors.first
      throw HTTPError(
        .invalidParameter, "The query parameter “\(first?.field ?? "")” is not valid: \(first?.message ?? "")",
        errors: error.errors)
    }
  }
}

extension FormData {
  /// The plain fields of the form as an ``Input``, as ``QueryParameters/input(_:)`` reads them. The CSRF token is passed over.
  ///
  /// - Throws: `ValidationError` (422) with everything that is wrong.
  public func input<T: Input>(_ type: T.Type) throws -> T {
    let sent = QueryParameters(items: fields.items.filter { $0.name != "csrfmiddlewaretoken" })
    return try InputNode(tree: .form(sent), path: "", isText: true).input(T.self)
  }
}
