import MartletSQL

/// A connection URL taken apart exactly as libpq does it (`conninfo_uri_parse_options` in fe-connect.c).
///
/// The parts are what `PQconninfoParse` reports: keywords and values, several hosts as `h1,h2` with ports `5432,5433`.
package struct PostgresURL: Sendable, Hashable {
  /// Keywords in libpq's spelling, and their decoded values. No value is empty unless the URL says `keyword=`.
  package private(set) var values: [String: String] = [:]

  /// Takes the URL apart.
  /// - Throws: ``DatabaseError`` without any part of the URL that could be a password.
  package init(_ url: String) throws {
    let prefixes = ["postgresql://", "postgres://"]
    guard let prefix = prefixes.first(where: url.hasPrefix) else {
      throw Self.refusal("the URL of the PostgreSQL database does not begin with postgres:// or postgresql://")
    }
    var rest = Array(url.utf8.dropFirst(prefix.utf8.count))[...]
    try credentials(&rest)
    try hosts(&rest)
    if Self.take("/", &rest) {
      let name = Self.part(until: "?", &rest)
      if !name.isEmpty { values["dbname"] = try Self.decoded(name, "the database's name") }
    }
    if Self.take("?", &rest) { try parameters(rest) }
  }

  static func refusal(_ message: String) -> DatabaseError {
    DatabaseError(
      .connection, message,
      hint: "write postgres://user:password@host:5432/database?sslmode=verify-full, with %40 for an @ in the password")
  }

  private static func take(_ character: Character, _ rest: inout ArraySlice<UInt8>) -> Bool {
    guard let first = rest.first, first == character.asciiValue else { return false }
    rest = rest.dropFirst()
    return true
  }
  private static func part(until ends: String, _ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let part = rest.prefix { !ends.utf8.contains($0) }
    rest = rest[part.endIndex...]
    return part
  }

  private mutating func credentials(_ rest: inout ArraySlice<UInt8>) throws {
    // The first of @ and / decides whether there are any, so an @ in a password has to be %40.
    guard let end = rest.first(where: { $0 == UInt8(ascii: "@") || $0 == UInt8(ascii: "/") }), end == UInt8(ascii: "@") else {
      return
    }
    let user = Self.part(until: ":@", &rest)
    if !user.isEmpty { values["user"] = try Self.decoded(user, "the user's name") }
    if Self.take(":", &rest) {
      let password = Self.part(until: "@", &rest)
      if !password.isEmpty { values["password"] = try Self.decoded(password, "the password") }
    }
    rest = rest.dropFirst()
  }

  private mutating func hosts(_ rest: inout ArraySlice<UInt8>) throws {
    var hosts: [UInt8] = [], ports: [UInt8] = []
    while true {
      if Self.take("[", &rest) {
        let address = Self.part(until: "]", &rest)
        guard Self.take("]", &rest) else { throw Self.refusal("the URL's IPv6 address has no closing bracket") }
        guard !address.isEmpty else { throw Self.refusal("the URL's brackets hold no IPv6 address") }
        guard rest.first.map({ ":/?,".utf8.contains($0) }) ?? true else {
          throw Self.refusal("the URL goes on after the ] of its IPv6 address with something that is no port and no path")
        }
        hosts += address
      } else {
        hosts += Self.part(until: ":/?,", &rest)
      }
      if Self.take(":", &rest) { ports += Self.part(until: "/?,", &rest) }
      guard Self.take(",", &rest) else { break }
      hosts.append(UInt8(ascii: ","))
      ports.append(UInt8(ascii: ","))
    }
    if !hosts.isEmpty { values["host"] = try Self.decoded(hosts[...], "the host") }
    if !ports.isEmpty { values["port"] = try Self.decoded(ports[...], "the port") }
  }

  private mutating func parameters(_ query: ArraySlice<UInt8>) throws {
    var rest = query
    while !rest.isEmpty {
      var pair = Self.part(until: "&", &rest)
      _ = Self.take("&", &rest)
      let name = try Self.decoded(Self.part(until: "=", &pair), "the name of a parameter")
      guard Self.take("=", &pair) else { throw Self.refusal("the URL's parameter '\(name.prefix(40))' has no value") }
      guard !pair.contains(UInt8(ascii: "=")) else {
        throw Self.refusal("the URL's parameter '\(name.prefix(40))' has a second '=': write %3D in a value")
      }
      let value = try Self.decoded(pair, "the value of '\(name.prefix(40))'")
      // JDBC's way to ask for TLS, which libpq takes too.
      if name == "ssl", value == "true" {
        values["sslmode"] = "require"
      } else {
        try PostgresParameter.check(name)
        values[name] = value
      }
    }
  }

  /// Percent escapes decoded.
  private static func decoded(_ bytes: ArraySlice<UInt8>, _ what: String) throws -> String {
    var result: [UInt8] = [], rest = bytes
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        result.append(byte)
        continue
      }
      guard let high = rest.popFirst().flatMap(hexDigit), let low = rest.popFirst().flatMap(hexDigit), high << 4 | low != 0 else {
        throw refusal("\(what) in the URL has a '%' without two hexadecimal digits other than 00: write %25 for a percent sign")
      }
      result.append(high << 4 | low)
    }
    guard let text = String(validating: result, as: UTF8.self) else { throw refusal("\(what) in the URL is not UTF-8") }
    return text
  }
  private static func hexDigit(_ byte: UInt8) -> UInt8? { Character(Unicode.Scalar(byte)).hexDigitValue.map(UInt8.init) }
}

extension PostgresURL {
  /// The parameters that there are, and the variable of each that has one.
  package static var knownParameters: [String: String?] {
    Dictionary(PostgresParameter.all.map { ($0.name, $0.variable) }) { first, _ in first }
  }
}
