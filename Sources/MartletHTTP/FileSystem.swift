import Foundation
import NIOPosix

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What a file is, as far as serving it goes.
struct FileFacts: Sendable {
  var size: Int
  var modifiedSeconds: Int
  var modifiedNanoseconds: Int
  var isDirectory: Bool
  var isRegular: Bool
}

/// The few calls that serving files takes. They block: call them on the thread pool.
enum FileSystem {
  /// The path without links and dots, `nil` where nothing is.
  static func realPath(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  static func facts(_ path: String) -> FileFacts? {
    var info = stat()
    guard stat(path, &info) == 0 else { return nil }
    #if canImport(Darwin)
      let time = info.st_mtimespec
    #else
      let time = info.st_mtim
    #endif
    return FileFacts(
      size: Int(info.st_size), modifiedSeconds: Int(time.tv_sec), modifiedNanoseconds: Int(time.tv_nsec),
      isDirectory: info.st_mode & S_IFMT == S_IFDIR, isRegular: info.st_mode & S_IFMT == S_IFREG)
  }

  /// Sends a part of a file, as fast as it is taken.
  ///
  /// - Throws: `POSIXError` where it cannot be read; ``HTTPError`` where it has become shorter.
  static func send(_ path: String, _ range: Range<Int>, to writer: BodyWriter) async throws {
    let file = try await NIOThreadPool.singleton.runIfActive { try Handle(reading: path) }
    var offset = range.lowerBound
    while offset < range.upperBound {
      let start = offset, count = min(65_536, range.upperBound - offset)
      let bytes = try await NIOThreadPool.singleton.runIfActive { try file.read(at: start, count: count) }
      // The file was cut short while it was sent: the length that was promised cannot be kept.
      guard !bytes.isEmpty else { throw HTTPError(.internalError, "The file \(path) ended early.") }
      try await writer.write(bytes)
      offset += bytes.count
    }
  }

  /// Makes a folder, and those above it, for this user alone.
  ///
  /// - Throws: `CocoaError`.
  static func makeFolder(_ path: String) throws {
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
  }
  /// Gives a file another name in one step, replacing what has that name.
  ///
  /// - Throws: `POSIXError`.
  static func move(_ path: String, to target: String) throws { _ = try Handle.check(rename(path, target)) }
  /// Removes a file.
  ///
  /// - Returns: Whether there was one.
  @discardableResult
  static func remove(_ path: String) -> Bool { unlink(path) == 0 }

  /// An open file for reading or for writing, closed when it is dropped.
  final class Handle: Sendable {
    private let descriptor: Int32

    /// - Throws: `POSIXError`.
    init(reading path: String) throws { descriptor = try Handle.check(open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)) }
    /// A new file that only this user can read.
    ///
    /// - Throws: `POSIXError`, for instance where the file exists.
    init(creating path: String) throws {
      descriptor = try Handle.check(open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600))
    }
    deinit { close(descriptor) }

    /// Up to `count` bytes from an offset; fewer only at the end.
    func read(at offset: Int, count: Int) throws -> [UInt8] {
      try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
        while filled < count {
          let n = pread(descriptor, buffer.baseAddress.map { $0 + filled }, count - filled, off_t(offset + filled))
          if n < 0, errno == EINTR { continue }
          if try Handle.check(n) == 0 { break }
          filled += n
        }
      }
    }
    func write(_ bytes: ArraySlice<UInt8>) throws {
      try bytes.withUnsafeBytes { buffer in
        var sent = 0
        while sent < buffer.count {
          #if canImport(Glibc)
            let n = Glibc.write(descriptor, buffer.baseAddress.map { $0 + sent }, buffer.count - sent)
          #elseif canImport(Musl)
            let n = Musl.write(descriptor, buffer.baseAddress.map { $0 + sent }, buffer.count - sent)
          #else
            let n = Darwin.write(descriptor, buffer.baseAddress.map { $0 + sent }, buffer.count - sent)
          #endif
          if n < 0, errno == EINTR { continue }
          sent += try Handle.check(n)
        }
      }
    }

    /// Waits until the content is on the disk.
    ///
    /// - Throws: `POSIXError`.
    func synchronize() throws { _ = try Handle.check(fsync(descriptor)) }

    fileprivate static func check<T: SignedInteger>(_ result: T) throws -> T {
      guard result >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
      return result
    }
  }
}
