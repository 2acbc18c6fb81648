import MartletCore

/// A form that was sent: its plain fields and its files.
///
/// ```swift
/// let form = try await request.form()
/// let title = form["title"] ?? ""
/// if let photo = form.file("photo") { try await photo.move(to: "uploads/\(UUID()).jpg") }
/// ```
public struct FormData: Sendable {
  /// The plain fields in the order sent.
  public var fields: QueryParameters
  /// The files in the order sent. A file field that was left empty is not among them.
  public var files: [UploadedFile]

  /// A form.
  public init(fields: QueryParameters = QueryParameters(""), files: [UploadedFile] = []) {
    self.fields = fields
    self.files = files
  }

  /// The last value of a field.
  public subscript(_ name: String) -> String? { fields[name] }
  /// Every value of a field.
  public func all(_ name: String) -> [String] { fields.all(name) }
  /// The last file of a field.
  public func file(_ name: String) -> UploadedFile? { files.last { $0.field == name } }
  /// The fields as a type: texts become numbers, booleans, dates, enums; repeated fields become arrays; an
  /// empty text is `nil` where the property is optional and not a `String`.
  ///
  /// - Throws: `ValidationError` naming the field.
  public func decode<T: Decodable>(_ type: T.Type) throws -> T { try FieldsDecoder.decode(type, from: fields) }
}
