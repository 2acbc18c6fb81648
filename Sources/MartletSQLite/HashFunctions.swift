import CSQLite3
import Crypto
import Foundation

/// Hashes of the UTF-8 of a text, as hexadecimal digits.
enum HashFunctions {
  static func register(_ database: OpaquePointer) {
    define("martlet_md5", database) { Array(Insecure.MD5.hash(data: $0)) }
    define("martlet_sha1", database) { Array(Insecure.SHA1.hash(data: $0)) }
    define("martlet_sha256", database) { Array(SHA256.hash(data: $0)) }
    define("martlet_sha384", database) { Array(SHA384.hash(data: $0)) }
    define("martlet_sha512", database) { Array(SHA512.hash(data: $0)) }
  }

  private static func define(_ name: String, _ database: OpaquePointer, _ hash: @escaping @Sendable (Data) -> [UInt8]) {
    QueryFunctions.text(name, 1, database) { context, values in
      let digits = values.text(0).map { hash(Data($0.utf8)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
      QueryFunctions.answer(context, digits)
    }
  }
}
