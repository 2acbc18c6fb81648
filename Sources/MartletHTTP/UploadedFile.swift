import Foundation
import NIOPosix

/// A file of a multipart form: in memory when it is small, else in a temporary file that is removed when
/// the request ends.
public struct UploadedFile: Sendable {
  enum Storage: Sendable {
    case memory([UInt8])
    case disk(String)
  }

  /// The form field that held it.
  public let field: String
  /// The name that the client gave it, without its directories. Never use it as a path unchecked.
  public let filename: String
  /// The media type that the client claims.
  public let contentType: String
  /// The size in bytes.
  public let size: Int
  let storage: Storage

  /// A file in memory, for tests.
  public init(field: String, filename: String, contentType: String, bytes: [UInt8]) {
    self.init(field: field, filename: filename, contentType: contentType, size: bytes.count, storage: .memory(bytes))
  }
  init(field: String, filename: String, contentType: String, size: Int, storage: Storage) {
    self.field = field
    self.filename = filename
    self.contentType = contentType
    self.size = size
    self.storage = storage
  }

  /// Where the file lies for as long as the request; `nil` for one in memory.
  public var temporaryPath: String? {
    if case .disk(let path) = storage { path } else { nil }
  }
  /// The whole content.
  ///
  /// - Throws: `CocoaError` if the temporary file cannot be read.
  public func read() async throws -> [UInt8] {
    switch storage {
    case .memory(let bytes): bytes
    case .disk(let path):
      try await NIOThreadPool.singleton.runIfActive { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }
    }
  }
  /// Writes the content to a path, replacing a file that is there.
  ///
  /// - Throws: `CocoaError` if that fails.
  public func move(to path: String) async throws {
    let storage = storage
    try await NIOThreadPool.singleton.runIfActive {
      let target = URL(fileURLWithPath: path)
      switch storage {
      case .memory(let bytes): try Data(bytes).write(to: target, options: .atomic)
      case .disk(let temporary):
        if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(at: target) }
        try FileManager.default.copyItem(at: URL(fileURLWithPath: temporary), to: target)
      }
    }
  }
}
