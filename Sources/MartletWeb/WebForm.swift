public import MartletCore
public import MartletHTTP

/// A form that was sent, read as a type: its input if all of it is right, else every mistake together with what
/// was typed, to show the form again.
///
/// ```swift
/// struct Contact: Decodable, Sendable { var name: String, email: String, age: Int? }
///
/// Post("contact") { request in
///   let form = try await WebForm<Contact>(request) { contact in
///     if !contact.email.contains("@") { FieldError("email", code: "invalid", "Enter a valid email address.") }
///   }
///   guard let contact = form.input else { return page(form).response(status: .unprocessableContent) }
///   …
/// }
/// ```
public struct WebForm<Input: Decodable & Sendable>: Sendable {
  /// The input, where nothing is wrong.
  public let input: Input?
  /// What is wrong, in the order of the fields.
  public let errors: [FieldError]
  /// What was sent.
  public let data: FormData

  /// Reads the form of a request.
  ///
  /// - Parameter validate: Rules beyond the types, as a block of ``FieldError`` values.
  /// - Throws: `HTTPError` where the body is no form at all.
  public init(_ request: Request, @FieldErrorsBuilder validate: (Input) throws -> [FieldError] = { _ in [] }) async throws {
    try self.init(try await request.form(), validate: validate)
  }

  /// Reads a form.
  public init(_ data: FormData, @FieldErrorsBuilder validate: (Input) throws -> [FieldError] = { _ in [] }) throws {
    self.data = data
    do {
      let input = try data.decode(Input.self)
      errors = try validate(input)
      self.input = errors.isEmpty ? input : nil
    } catch let error as ValidationError {
      errors = error.errors
      input = nil
    }
  }

  /// Whether nothing is wrong.
  public var isValid: Bool { input != nil }
  /// What was typed into a field; empty where it was not sent.
  public func value(_ field: String) -> String { data[field] ?? "" }
  /// What is wrong with a field.
  public func errors(of field: String) -> [FieldError] { errors.filter { $0.field == field } }
  /// What is wrong with a field as a list, empty where nothing is: `<ul class="errorlist">`, Django's class.
  public func errorList(of field: String) -> HTML {
    let found = errors(of: field)
    if found.isEmpty { return .empty }
    return "<ul class=\"errorlist\">\(found.map { "<li>\($0.message)</li>" as HTML })</ul>"
  }
}

/// Collects the field errors of a block: values one under another, `if`, `for`.
@resultBuilder
public enum FieldErrorsBuilder {
  /// One error.
  public static func buildExpression(_ error: FieldError) -> [FieldError] { [error] }
  /// Several errors.
  public static func buildExpression(_ errors: [FieldError]) -> [FieldError] { errors }
  /// All the errors of a block.
  public static func buildBlock(_ parts: [FieldError]...) -> [FieldError] { parts.flatMap { $0 } }
  /// An `if` without `else`.
  public static func buildOptional(_ part: [FieldError]?) -> [FieldError] { part ?? [] }
  /// The first branch.
  public static func buildEither(first part: [FieldError]) -> [FieldError] { part }
  /// The second branch.
  public static func buildEither(second part: [FieldError]) -> [FieldError] { part }
  /// A `for` loop.
  public static func buildArray(_ parts: [[FieldError]]) -> [FieldError] { parts.flatMap { $0 } }
}
