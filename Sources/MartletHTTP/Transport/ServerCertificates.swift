import Foundation
import Logging
import MartletCore
import NIOSSL
import Synchronization

/// The TLS that new connections get, made anew when the files change.
final class ServerCertificates: Sendable {
  private struct Loaded {
    var context: NIOSSLContext
    var stamps: [FileStamp?]
  }
  /// What tells two versions of a file apart, behind symbolic links too.
  private struct FileStamp: Equatable {
    var inode: UInt64
    var size: Int64
    var seconds: Int
    var nanoseconds: Int

    init?(_ path: String) {
      var info = stat()
      guard stat(path, &info) == 0 else { return nil }
      inode = UInt64(info.st_ino)
      size = Int64(info.st_size)
      #if os(Linux)
        (seconds, nanoseconds) = (info.st_mtim.tv_sec, info.st_mtim.tv_nsec)
      #else
        (seconds, nanoseconds) = (info.st_mtimespec.tv_sec, info.st_mtimespec.tv_nsec)
      #endif
    }
  }

  private let files: TLSFiles
  private let loaded: Mutex<Loaded>

  /// - Throws: ``HTTPError`` (`invalid-configuration`) where a file is missing or cannot be read, or the key is another's.
  init(_ files: TLSFiles) throws {
    self.files = files
    loaded = Mutex(Loaded(context: try ServerCertificates.context(files), stamps: ServerCertificates.stamps(files)))
  }

  /// The TLS of a new connection.
  var context: NIOSSLContext { loaded.withLock(\.context) }

  /// Reads the files again whenever they have changed, until the task is cancelled.
  func watch(every interval: Duration = .seconds(5), _ logger: Logger) async {
    while (try? await Task.sleep(for: interval)) != nil { reload(logger) }
  }

  /// Reads the files again where they have changed.
  func reload(_ logger: Logger) {
    let stamps = ServerCertificates.stamps(files)
    guard stamps != loaded.withLock(\.stamps) else { return }
    do {
      let context = try ServerCertificates.context(files)
      loaded.withLock { $0 = Loaded(context: context, stamps: stamps) }
      logger.info("the TLS certificate was read again: new connections get it")
    } catch {
      // Noted, so that one bad pair is one line of the log, not one every few seconds.
      loaded.withLock { $0.stamps = stamps }
      logger.error(
        "the TLS certificate has changed and cannot be used; the old one stays: \((error as? HTTPError)?.message ?? "\(error)")")
    }
  }

  private static func stamps(_ files: TLSFiles) -> [FileStamp?] { [FileStamp(files.certificate), FileStamp(files.key)] }

  private static func context(_ files: TLSFiles) throws -> NIOSSLContext {
    do {
      let chain = try NIOSSLCertificate.fromPEMFile(files.certificate).map { NIOSSLCertificateSource.certificate($0) }
      guard !chain.isEmpty else { throw HTTPError(.invalidConfiguration, "there is no certificate in it") }
      var tls = TLSConfiguration.makeServerConfiguration(
        certificateChain: chain, privateKey: .privateKey(try NIOSSLPrivateKey(file: files.key, format: .pem)))
      tls.minimumTLSVersion = .tlsv12
      tls.applicationProtocols = ["h2", "http/1.1"]
      return try NIOSSLContext(configuration: tls)
    } catch {
      throw HTTPError(
        .invalidConfiguration,
        """
        TLS cannot be set up with the certificate \(files.certificate) and the key \(files.key): \
        \((error as? HTTPError)?.message ?? "\(error)"). Both must be PEM files that this process may read, and the key that of \
        the first certificate.
        """)
    }
  }
}
