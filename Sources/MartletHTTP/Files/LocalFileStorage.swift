import Foundation
import NIOPosix

/// Files of users in a folder of this machine, which no other path of the app serves.
///
/// A file is written under another name, brought to the disk, and renamed: a reader never sees half of one. What a killed
/// server leaves begins with `.upload-` and can be removed.
public struct LocalFileStorage: FileStorage {
  private let root: String

  /// A storage in a folder that exists.
  public init(_ root: String) { self.root = root }

  /// Writes a new file under another name first, then renames it.
  public func write(_ body: RequestBody, to path: String, limit: Int) async throws {
    if let length = body.declaredLength, length > limit { throw BodyStorage.tooLarge(limit) }
    let target = try await NIOThreadPool.singleton.runIfActive { try location(path, isNew: true) }
    // In the same folder, so that the file system can rename it in one step.
    let name = (target.split(separator: "/", omittingEmptySubsequences: false).dropLast() + [".upload-\(UUID().uuidString)"])
      .joined(separator: "/")
    do {
      let file = try await NIOThreadPool.singleton.runIfActive { try FileSystem.Handle(creating: name) }
      var size = 0
      for try await chunk in body {
        size += chunk.count
        guard size <= limit else { throw BodyStorage.tooLarge(limit) }
        try await NIOThreadPool.singleton.runIfActive { try file.write(chunk[...]) }
      }
      try await NIOThreadPool.singleton.runIfActive {
        try file.synchronize()
        try FileSystem.move(name, to: target)
      }
    } catch {
      _ = try? await NIOThreadPool.singleton.runIfActive { FileSystem.remove(name) }
      throw error
    }
  }

  /// How many bytes a file has.
  public func size(of path: String) async throws -> Int? {
    try await NIOThreadPool.singleton.runIfActive {
      guard let place = try? location(path), let facts = FileSystem.facts(place), facts.isRegular else { return nil }
      return facts.size
    }
  }

  /// Sends a part of a file.
  public func read(_ path: String, range: Range<Int>, to writer: BodyWriter) async throws {
    let place = try await NIOThreadPool.singleton.runIfActive { try location(path) }
    try await FileSystem.send(place, range, to: writer)
  }

  /// Removes a file.
  public func delete(_ path: String) async throws {
    try await NIOThreadPool.singleton.runIfActive {
      guard let place = try? location(path) else { return }
      FileSystem.remove(place)
    }
  }

  /// Where a file of the storage lies. Whatever a row holds, it is below the root: no `..`, no hidden name, no link that
  /// leads out.
  ///
  /// - Throws: ``HTTPError`` for a path that is none of this storage.
  private func location(_ path: String, isNew: Bool = false) throws -> String {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    let isSane = parts.allSatisfy { part in
      !part.isEmpty && !part.hasPrefix(".") && part.utf8.count <= 255 && !part.utf8.contains { $0 < 32 || $0 == 127 || $0 == 92 }
    }
    guard isSane, let root = FileSystem.realPath(root) else { throw LocalFileStorage.foreign }
    let folder = ([root] + parts.dropLast().map(String.init)).joined(separator: "/")
    if isNew { try FileSystem.makeFolder(folder) }
    guard let real = FileSystem.realPath(folder), real == root || real.hasPrefix(root + "/") else {
      throw LocalFileStorage.foreign
    }
    let place = real + "/" + (parts.last ?? "")
    // A link in the place of a file could lead anywhere.
    if !isNew, FileSystem.realPath(place) != place { throw LocalFileStorage.foreign }
    return place
  }

  private static let foreign = HTTPError.notFound("There is no such file.")
}
