import Foundation
public import MartletSQL

/// An IP address with the length of its network's prefix: PostgreSQL's `inet`.
///
/// ```swift
/// let address = PostgresInet("10.1.2.3/8")
/// ```
public struct PostgresInet: ArrayElement, CustomStringConvertible {
  /// The address: 4 bytes for IPv4, 16 for IPv6.
  public let bytes: [UInt8]
  /// How many bits of the address name the network.
  public let prefixLength: Int

  /// `10.0.0.1`, `10.0.0.1/8`, `2001:db8::1/64`; `nil` where the text has another form.
  public init?(_ text: some StringProtocol) {
    let halves = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    let address = String(halves[0])
    var bytes = [UInt8](repeating: 0, count: 16)
    if inet_pton(AF_INET, address, &bytes) == 1 {
      bytes.removeLast(12)
    } else if inet_pton(AF_INET6, address, &bytes) != 1 {
      return nil
    }
    self.bytes = bytes
    guard halves.count == 2 else {
      prefixLength = bytes.count * 8
      return
    }
    guard halves[1].utf8.allSatisfy({ (48...57).contains($0) }), let length = Int(halves[1]), length <= bytes.count * 8 else {
      return nil
    }
    prefixLength = length
  }

  /// Whether it is one of IPv6.
  public var isIPv6: Bool { bytes.count == 16 }
  /// The address without the prefix's length.
  public var address: String {
    var text = [CChar](repeating: 0, count: 64)
    _ = bytes.withUnsafeBytes { inet_ntop(isIPv6 ? AF_INET6 : AF_INET, $0.baseAddress, &text, 64) }
    return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
  /// `10.0.0.0/8`; the length is left out where it is that of the whole address.
  public var description: String { prefixLength == bytes.count * 8 ? address : "\(address)/\(prefixLength)" }

  public static var columnType: ColumnType { .native("inet") }
  public var sqlValue: SQLValue { .native(type: "inet", text: description) }
  public static func read(_ row: inout Row) throws -> PostgresInet {
    guard let value = PostgresInet(try row.text(of: "an IP address")) else { throw row.mismatch("an IP address") }
    return value
  }
}

/// A network: PostgreSQL's `cidr`, an address without bits behind its prefix.
public struct PostgresCIDR: ArrayElement, CustomStringConvertible {
  /// The network's address and prefix.
  public let network: PostgresInet

  /// `10.0.0.0/8`; `nil` where the text has another form, or bits behind the prefix.
  public init?(_ text: some StringProtocol) {
    guard let network = PostgresInet(text) else { return nil }
    self.init(network)
  }
  /// The network; `nil` where the address has bits behind the prefix.
  public init?(_ network: PostgresInet) {
    for bit in network.prefixLength..<network.bytes.count * 8 where network.bytes[bit / 8] & (0x80 >> UInt8(bit % 8)) != 0 {
      return nil
    }
    self.network = network
  }
  /// `10.0.0.0/8`, with the length always.
  public var description: String { "\(network.address)/\(network.prefixLength)" }

  public static var columnType: ColumnType { .native("cidr") }
  public var sqlValue: SQLValue { .native(type: "cidr", text: description) }
  public static func read(_ row: inout Row) throws -> PostgresCIDR {
    guard let value = PostgresCIDR(try row.text(of: "a network")) else { throw row.mismatch("a network") }
    return value
  }
}
