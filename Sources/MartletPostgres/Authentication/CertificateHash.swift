import Crypto

/// The hash of a certificate that SCRAM-SHA-256-PLUS is tied to (RFC 5929, section 4.1).
enum CertificateHash {
  /// By the hash of the certificate's own signature, SHA-256 in place of MD5 and SHA-1; `nil` where the signature has no
  /// hash (Ed25519) or none that is known, as OpenSSL does.
  static func tlsServerEndPoint(_ der: [UInt8]) -> [UInt8]? {
    guard let oid = signatureAlgorithm(der) else { return nil }
    switch oid {
    // sha1WithRSA, md5WithRSA, ecdsa-with-SHA1, dsa-with-sha1; sha256WithRSA, ecdsa-with-SHA256, dsa-with-sha256.
    case rsa + [5], rsa + [4], ecdsa + [1], [0x2A, 0x86, 0x48, 0xCE, 0x38, 4, 3], rsa + [11], ecdsa + [3, 2], nist + [2]:
      return Array(SHA256.hash(data: der))
    case rsa + [12], ecdsa + [3, 3]: return Array(SHA384.hash(data: der))
    case rsa + [13], ecdsa + [3, 4]: return Array(SHA512.hash(data: der))
    default: return nil
    }
  }

  private static let rsa: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1]
  private static let ecdsa: [UInt8] = [0x2A, 0x86, 0x48, 0xCE, 0x3D, 4]
  private static let nist: [UInt8] = [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3]

  /// Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm SEQUENCE { OID, … }, signature } (RFC 5280, section 4.1).
  static func signatureAlgorithm(_ der: [UInt8]) -> [UInt8]? {
    var whole = DERReader(der[...])
    guard var certificate = whole.enter(0x30), certificate.enter(0x30) != nil, var algorithm = certificate.enter(0x30),
      let oid = algorithm.enter(0x06)
    else { return nil }
    return Array(oid.bytes)
  }

  private struct DERReader {
    var bytes: ArraySlice<UInt8>
    init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }

    /// The content of the next element, which must have this tag; moves past it.
    mutating func enter(_ tag: UInt8) -> DERReader? {
      guard bytes.popFirst() == tag, let first = bytes.popFirst() else { return nil }
      var length = Int(first)
      if first >= 0x80 {
        let count = Int(first & 0x7F)
        guard (1...4).contains(count) else { return nil }
        length = 0
        for _ in 0..<count {
          guard let byte = bytes.popFirst() else { return nil }
          length = length << 8 | Int(byte)
        }
      }
      guard length <= bytes.count else { return nil }
      defer { bytes = bytes.dropFirst(length) }
      return DERReader(bytes.prefix(length))
    }
  }
}
