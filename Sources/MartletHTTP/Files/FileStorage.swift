public import MartletCore

/// Where the files of users are kept. Django's `Storage`.
///
/// Paths have slashes and are relative to the storage. The framework makes them: a folder, and a random name that is never
/// used again, so that a file does not change under its path.
public protocol FileStorage: Sendable {
  /// Writes a new file, whole or not at all.
  ///
  /// - Parameter limit: The most bytes to take.
  /// - Throws: ``HTTPError``: 413 past the limit; what the body or the storage throws. Nothing is left behind then.
  func write(_ body: RequestBody, to path: String, limit: Int) async throws
  /// How many bytes a file has, `nil` where there is none.
  func size(of path: String) async throws -> Int?
  /// Sends a part of a file, as fast as it is taken.
  ///
  /// - Throws: Where it cannot be read, or the client is gone.
  func read(_ path: String, range: Range<Int>, to writer: BodyWriter) async throws
  /// Removes a file; one that is not there is no error.
  func delete(_ path: String) async throws
}

/// The slot of a request's context that holds the storage of users' files.
///
/// An app with `MEDIA_ROOT` has a ``LocalFileStorage`` there; middleware may put another in its place.
public enum FileStorageContext: ContextKey {
  /// A storage.
  public typealias Value = any FileStorage
}
