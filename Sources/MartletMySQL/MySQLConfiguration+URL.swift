import Foundation
import MartletSQL

extension MySQLConfiguration {
  /// A configuration from a URL: `mysql://user:password@host:3306/database?ssl-mode=required`; `mariadb:` does the same and
  /// says which server to expect. Percent escapes are decoded everywhere.
  ///
  /// Parameters, with `-` or `_`: `ssl-mode` (disabled, preferred, required, verify-ca, verify-identity), `ssl-ca`,
  /// `ssl-cert`, `ssl-key`, `socket`, `connect-timeout`, `read-timeout`, `write-timeout`, `statement-timeout`,
  /// `lock-wait-timeout`, `acquire-timeout` (`5`, `5s`, `250ms`), `isolation`, `pool-size`, `statement-cache-size`.
  /// - Throws: `DatabaseError` of kind `connection` where a part is missing, unknown or has another form; it never shows the
  ///   password.
  public init(url: String) throws {
    let scheme = url.prefix { $0 != ":" }.lowercased()
    guard scheme == "mysql" || scheme == "mariadb", url.dropFirst(scheme.count).hasPrefix("://") else {
      throw MySQLURL.refuse("does not begin with 'mysql://' or 'mariadb://'")
    }
    let rest = url.dropFirst(scheme.count + 3)
    guard !rest.contains("#") else { throw MySQLURL.refuse("has a '#': write it as %23") }
    let halves = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    let address = halves[0]
    let slash = address.firstIndex(of: "/") ?? address.endIndex
    var authority = address[..<slash]
    self.init(user: "", expectedFlavor: scheme == "mariadb" ? .mariaDB : .mySQL)
    if let at = authority.lastIndex(of: "@") {
      let login = authority[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      user = try MySQLURL.decode(login[0], "user")
      if login.count == 2 { password = try MySQLURL.decode(login[1], "password") }
      authority = authority[authority.index(after: at)...]
    }
    try readHost(authority)
    let path = address[slash...].dropFirst()
    guard !path.contains("/") else { throw MySQLURL.refuse("has a second '/': one in the database's name is written %2F") }
    database = try MySQLURL.decode(path, "database")
    if halves.count == 2 { try readParameters(halves[1]) }
    guard !user.isEmpty else { throw MySQLURL.refuse("names no user") }
    try check()
  }

  private mutating func readHost(_ authority: Substring) throws {
    var name = authority
    if name.hasPrefix("[") {
      guard let end = name.firstIndex(of: "]") else { throw MySQLURL.refuse("has a '[' without a ']'") }
      host = String(name[name.index(after: name.startIndex)..<end])
      name = name[name.index(after: end)...]
      guard name.isEmpty || name.hasPrefix(":") else { throw MySQLURL.refuse("has something between ']' and the port") }
    } else if let colon = name.firstIndex(of: ":") {
      host = try MySQLURL.decode(name[..<colon], "host")
      name = name[colon...]
    } else {
      host = try MySQLURL.decode(name, "host")
      name = ""
    }
    if host.isEmpty { host = "127.0.0.1" }
    guard !name.isEmpty else { return }
    guard let number = UInt16(name.dropFirst()), number > 0 else { throw MySQLURL.refuse("has no port after the ':'") }
    port = Int(number)
  }

  private mutating func readParameters(_ text: Substring) throws {
    for pair in text.split(separator: "&") {
      let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = try MySQLURL.decode(halves[0], "parameter").lowercased().replacing("_", with: "-")
      guard halves.count == 2 else { throw MySQLURL.refuse("has the parameter '\(name)' without a value") }
      try set(name, MySQLURL.decode(halves[1], name))
    }
  }

  private mutating func set(_ name: String, _ value: String) throws {
    switch name {
    case "ssl-mode":
      guard let mode = SSLMode(rawValue: value.lowercased().replacing("_", with: "-")) else {
        throw MySQLURL.refuse(
          "has the ssl-mode '\(value)'", hint: "one of " + SSLMode.allCases.map(\.rawValue).joined(separator: ", "))
      }
      sslMode = mode
    case "ssl-ca": sslCA = value
    case "ssl-cert": sslCertificate = value
    case "ssl-key": sslKey = value
    case "socket": socket = value
    case "connect-timeout": connectTimeout = try MySQLURL.duration(value, name)
    case "read-timeout": readTimeout = try MySQLURL.duration(value, name)
    case "write-timeout": writeTimeout = try MySQLURL.duration(value, name)
    case "statement-timeout": statementTimeout = try MySQLURL.duration(value, name)
    case "lock-wait-timeout": lockWaitTimeout = try MySQLURL.duration(value, name)
    case "acquire-timeout": pool.acquireTimeout = try MySQLURL.duration(value, name)
    case "isolation":
      guard let level = IsolationLevel(rawValue: value.uppercased().replacing("-", with: " ").replacing("_", with: " ")) else {
        throw MySQLURL.refuse(
          "has the isolation '\(value)'", hint: "one of read-committed, repeatable-read, serializable")
      }
      isolation = level
    case "pool-size": pool.maximumConnections = try MySQLURL.count(value, name)
    case "statement-cache-size": statementCacheSize = try MySQLURL.count(value, name)
    default:
      throw MySQLURL.refuse(
        "has the unknown parameter '\(name)'",
        hint: "did you mean '\(MySQLURL.nearest(to: name))'? Known are " + MySQLURL.parameters.joined(separator: ", "))
    }
  }

  /// What would be dangerous or meaningless together.
  private func check() throws {
    guard sslMode != .verifyCA || sslCA != nil else {
      throw MySQLURL.refuse("has the ssl-mode verify-ca without ssl-ca", hint: "name the file with the authority's certificate")
    }
    guard (sslCertificate == nil) == (sslKey == nil) else {
      throw MySQLURL.refuse("has one of ssl-cert and ssl-key: both are needed")
    }
    guard socket == nil || sslMode == .preferred || sslMode == .disabled else {
      throw MySQLURL.refuse("asks for TLS on a Unix socket, which is never encrypted", hint: "leave ssl-mode out")
    }
  }
}

/// The parts of a URL, and what to say about those that are wrong.
enum MySQLURL {
  static let parameters = [
    "ssl-mode", "ssl-ca", "ssl-cert", "ssl-key", "socket", "connect-timeout", "read-timeout", "write-timeout",
    "statement-timeout", "lock-wait-timeout", "acquire-timeout", "isolation", "pool-size", "statement-cache-size",
  ]

  /// The URL itself is not shown: it holds the password.
  static func refuse(_ problem: String, hint: String? = nil) -> DatabaseError {
    DatabaseError(
      .connection, "the MySQL database URL \(problem)",
      hint: hint ?? "write mysql://user:password@host:3306/database or mariadb://…, with special characters as percent escapes")
  }

  static func decode(_ text: some StringProtocol, _ part: String) throws -> String {
    guard let decoded = String(text).removingPercentEncoding, !decoded.contains("\0") else {
      throw refuse("has a broken percent escape in its \(part)")
    }
    return decoded
  }

  static func duration(_ text: String, _ name: String) throws -> Duration {
    let isMilliseconds = text.hasSuffix("ms")
    let digits = isMilliseconds ? text.dropLast(2) : text.hasSuffix("s") ? text.dropLast(1) : text[...]
    guard let value = Double(digits), value > 0, value <= (isMilliseconds ? 86_400_000 : 86_400) else {
      throw refuse("has the \(name) '\(text)'", hint: "write seconds, at most a day: 5, 0.5, 5s or 250ms")
    }
    return .microseconds(Int64((isMilliseconds ? value * 1000 : value * 1_000_000).rounded()))
  }

  static func count(_ text: String, _ name: String) throws -> Int {
    guard let value = Int(text), (1...10_000).contains(value) else {
      throw refuse("has the \(name) '\(text)'", hint: "write a number from 1 to 10000")
    }
    return value
  }

  static func nearest(to name: String) -> String {
    parameters.min { distance(name, $0) < distance(name, $1) } ?? parameters[0]
  }

  /// Levenshtein's edit distance.
  private static func distance(_ a: String, _ b: String) -> Int {
    let a = Array(a.utf8.prefix(64)), b = Array(b.utf8)
    var row = Array(0...b.count)
    for (i, x) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, y) in b.enumerated() {
        let cost = min(row[j] + 1, row[j + 1] + 1, diagonal + (x == y ? 0 : 1))
        diagonal = row[j + 1]
        row[j + 1] = cost
      }
    }
    return row[b.count]
  }
}
