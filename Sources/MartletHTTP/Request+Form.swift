import Foundation
import MartletCore
import NIOPosix
import Synchronization

extension Request {
  /// The body as a form: `application/x-www-form-urlencoded` or `multipart/form-data`.
  ///
  /// A multipart body is read as it arrives; a file beyond ``BodyLimits/uploadMemory`` goes to a temporary
  /// file that is removed when the request ends. The form is kept: asking twice reads once.
  ///
  /// - Throws: ``HTTPError``: 415 for another media type, 413 past a limit, 400 for a malformed form.
  public func form() async throws -> FormData {
    let storage = body.storage
    if let form = storage.form.withLock({ $0 }) { return form }
    guard let type = MediaType(headers["content-type"] ?? "") else {
      throw HTTPError(.unsupportedMediaType, "Send the form as application/x-www-form-urlencoded or multipart/form-data.")
    }
    let form: FormData
    switch type.essence {
    case "application/x-www-form-urlencoded":
      let bytes = try await body.collect()
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw HTTPError(.malformedForm, "The form is not UTF-8.")
      }
      let fields = QueryParameters(text)
      guard fields.malformed.isEmpty else {
        throw HTTPError(.malformedForm, "The percent-encoding of the form is not valid UTF-8.")
      }
      guard fields.items.count <= limits.formFields else { throw MultipartForm.tooManyFields(limits.formFields) }
      form = FormData(fields: fields)
    case "multipart/form-data":
      guard let boundary = type.parameters["boundary"], (1...70).contains(boundary.utf8.count) else {
        throw HTTPError(.malformedForm, "The Content-Type names no boundary of 1 to 70 characters.")
      }
      if let length = body.declaredLength, length > limits.upload { throw BodyStorage.tooLarge(limits.upload) }
      var reader = MultipartForm(boundary: boundary, limits: limits, lifetime: lifetime)
      for try await chunk in body { try await reader.take(chunk) }
      form = try reader.finish()
    default:
      throw HTTPError(
        .unsupportedMediaType, "The body is \(type.essence); this takes application/x-www-form-urlencoded or multipart/form-data."
      )
    }
    storage.form.withLock { $0 = form }
    return form
  }
}

/// Gathers the parts of a multipart body into a form.
private struct MultipartForm {
  private struct Part {
    var name: String
    var filename: String?
    var contentType: String
    var bytes: [UInt8] = []
    var size = 0
    var spool: (path: String, file: FileSystem.Handle)?
  }
  private var parser: MultipartParser
  private let limits: BodyLimits
  private let lifetime: RequestLifetime
  private var part: Part?
  private var items: [QueryParameters.Item] = []
  private var files: [UploadedFile] = []
  private var received = 0
  private var fieldBytes = 0
  private var count = 0

  init(boundary: String, limits: BodyLimits, lifetime: RequestLifetime) {
    parser = MultipartParser(boundary: boundary)
    self.limits = limits
    self.lifetime = lifetime
  }

  static func tooManyFields(_ limit: Int) -> HTTPError {
    HTTPError(.contentTooLarge, "The form may have at most \(limit) fields.")
  }

  mutating func take(_ chunk: [UInt8]) async throws {
    received += chunk.count
    guard received <= limits.upload else { throw BodyStorage.tooLarge(limits.upload) }
    for event in try parser.feed(chunk) {
      switch event {
      case .part(let headers): try begin(headers)
      case .data(let bytes): try await append(bytes)
      case .endOfPart: try end()
      }
    }
  }

  func finish() throws -> FormData {
    guard parser.isComplete else { throw HTTPError(.malformedForm, "The form ends before its last boundary.") }
    return FormData(fields: QueryParameters(items: items), files: files)
  }

  private mutating func begin(_ headers: HeaderFields) throws {
    count += 1
    guard count <= limits.formFields else { throw MultipartForm.tooManyFields(limits.formFields) }
    let disposition = MediaType.split(headers["content-disposition"] ?? "")
    let parameters = MediaType.parameters(disposition.dropFirst())
    guard disposition.first?.trimmed.lowercased() == "form-data", let name = parameters["name"] else {
      throw HTTPError(.malformedForm, "A part has no “Content-Disposition: form-data” with a name.")
    }
    part = Part(
      name: name.unescapedQuotes, filename: parameters["filename"].map(MultipartForm.safeName),
      contentType: headers["content-type"] ?? "application/octet-stream")
  }

  /// The last component without control characters: some clients send the whole path.
  private static func safeName(_ name: String) -> String {
    // Scalars, not characters: a slash with a combining accent is one character, but a slash to the file system.
    let last =
      name.unescapedQuotes.unicodeScalars.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last ?? "".unicodeScalars[...]
    let plain = String(String.UnicodeScalarView(last.filter { $0.value >= 32 && $0.value != 127 }))
    return plain == "." || plain == ".." ? "" : plain
  }

  private mutating func append(_ bytes: ArraySlice<UInt8>) async throws {
    guard var current = part else { return }
    part = nil
    current.size += bytes.count
    if current.filename == nil {
      fieldBytes += bytes.count
      guard fieldBytes <= limits.memory else {
        throw HTTPError(.contentTooLarge, "The fields of the form may have at most \(limits.memory) bytes.")
      }
      current.bytes += bytes
    } else if let file = current.spool?.file {
      try await NIOThreadPool.singleton.runIfActive { try file.write(bytes) }
    } else {
      current.bytes += bytes
      if current.bytes.count > limits.uploadMemory { try await spool(&current) }
    }
    part = current
  }

  private func spool(_ part: inout Part) async throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("martlet-upload-\(UUID().uuidString)").path
    lifetime.atEnd { try? FileManager.default.removeItem(atPath: path) }
    let bytes = part.bytes[...]
    let file = try await NIOThreadPool.singleton.runIfActive {
      let file = try FileSystem.Handle(creating: path)
      try file.write(bytes)
      return file
    }
    part.spool = (path, file)
    part.bytes = []
  }

  private mutating func end() throws {
    guard let done = part else { return }
    part = nil
    guard let filename = done.filename else {
      guard let text = String(validating: done.bytes, as: UTF8.self) else {
        throw HTTPError(
          .malformedForm, "A field is not UTF-8.", errors: [FieldError(done.name, code: "invalid", "This text is not UTF-8.")])
      }
      return items.append(QueryParameters.Item(name: done.name, value: text))
    }
    // What a browser sends for a file field that was left empty.
    if filename.isEmpty, done.size == 0 { return }
    files.append(
      UploadedFile(
        field: done.name, filename: filename, contentType: done.contentType, size: done.size,
        storage: done.spool.map { .disk($0.path) } ?? .memory(done.bytes)))
  }
}

extension String {
  /// Browsers escape quotes and line breaks of names in this way (the HTML standard, multipart form data).
  fileprivate var unescapedQuotes: String {
    guard contains("%") else { return self }
    return replacingOccurrences(of: "%22", with: "\"").replacingOccurrences(of: "%0D", with: "")
      .replacingOccurrences(of: "%0A", with: "")
  }
}
