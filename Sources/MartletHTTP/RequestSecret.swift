import Crypto
import Foundation
import MartletCore

/// A secret of the server's, for digests that a client must not be able to compute: tags of rows with hidden columns.
///
/// The app's own is derived from its secret key, so that all its processes give the same digests. Without one, as in a test,
/// each process has its own.
package struct RequestSecret: Sendable {
  private let key: SymmetricKey

  /// A secret made of an app's secret key.
  package init(_ secretKey: String) {
    key = SymmetricKey(data: SHA256.hash(data: Array("martlet.request-secret:\(secretKey)".utf8)))
  }
  private init() { key = SymmetricKey(size: .bits256) }

  /// A random secret that ends with the process.
  package static let ofProcess = RequestSecret()

  /// Bytes that nobody can read or change who has not the secret: AES-GCM under a key for the purpose alone.
  package func sealed(_ bytes: [UInt8], purpose: String) throws -> [UInt8] {
    Array(try AES.GCM.seal(bytes, using: derived(purpose)).combined ?? Data())
  }
  /// What was sealed; `nil` where these bytes are not of this secret and purpose.
  package func opened(_ bytes: [UInt8], purpose: String) -> [UInt8]? {
    guard let box = try? AES.GCM.SealedBox(combined: bytes) else { return nil }
    return (try? AES.GCM.open(box, using: derived(purpose))).map { Array($0) }
  }
  private func derived(_ purpose: String) -> SymmetricKey {
    HKDF<SHA256>.deriveKey(inputKeyMaterial: key, info: Array(purpose.utf8), outputByteCount: 32)
  }

  /// The keyed digest (HMAC-SHA256) of bytes, in hexadecimal.
  ///
  /// - Parameters:
  ///   - purpose: Keeps digests for different ends apart.
  ///   - length: How many bytes of the digest to keep.
  package func digest(_ bytes: [UInt8], purpose: String, length: Int = 32) -> String {
    var mac = HMAC<SHA256>(key: key)
    mac.update(data: Array(purpose.utf8) + [0])
    mac.update(data: bytes)
    return Digests.hex(mac.finalize().prefix(length))
  }
}

/// The slot of a request's context that holds the server's secret.
package enum RequestSecretContext: ContextKey {
  package typealias Value = RequestSecret
}

/// Digests without a key, in hexadecimal.
package enum Digests {
  /// SHA-256.
  ///
  /// - Parameter length: How many bytes of the digest to keep.
  package static func sha256(_ bytes: some Sequence<UInt8>, length: Int = 32) -> String {
    sha256(Array(bytes), length: length)
  }
  /// SHA-256 of bytes in memory.
  package static func sha256(_ bytes: [UInt8], length: Int = 32) -> String {
    var hash = SHA256()
    bytes.withUnsafeBytes { hash.update(bufferPointer: $0) }
    return hash.finalize().withUnsafeBytes { hex(UnsafeRawBufferPointer(rebasing: $0.prefix(length))) }
  }
  static func hex(_ bytes: some Sequence<UInt8>) -> String { Array(bytes).withUnsafeBytes { hex($0) } }
  static func hex(_ bytes: UnsafeRawBufferPointer) -> String {
    String(unsafeUninitializedCapacity: bytes.count * 2) { buffer in
      HexDigits.write(bytes, to: buffer)
      return bytes.count * 2
    }
  }
}
