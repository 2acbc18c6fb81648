import NIOSSL

/// Whether a certificate is for the host that was asked for, which `sslmode=verify-full` promises.
///
/// NIOSSL also takes a certificate for the *address* of the connection: where a name was asked for, that is not the same.
enum CertificateName {
  static func matches(_ host: String, _ certificate: NIOSSLCertificate) -> Bool {
    let names = certificate._subjectAlternativeNames()
    // Without alternative names NIOSSL has compared the common name (RFC 6125, section 6.4.4).
    if names.isEmpty { return true }
    return names.contains { $0.nameType == .dnsName && matches(host, pattern: String(decoding: $0.contents, as: UTF8.self)) }
  }

  /// Compares without regard to case; `*` stands for the whole first label (RFC 6125, section 6.4.3, as libpq reads it).
  static func matches(_ host: String, pattern: String) -> Bool {
    let host = lowercased(host), pattern = lowercased(pattern)
    guard pattern.allSatisfy({ $0 != 0 }) else { return false }
    guard pattern.starts(with: [0x2A, 0x2E]) else { return host == pattern }
    guard let dot = host.firstIndex(of: 0x2E), dot > 0, pattern.dropFirst(2).contains(0x2E) else { return false }
    return host[dot...].elementsEqual(pattern[1...])
  }

  /// In ASCII, without the point that ends a complete name.
  private static func lowercased(_ text: String) -> [UInt8] {
    var bytes = text.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    if bytes.last == 0x2E { bytes.removeLast() }
    return bytes
  }
}
