public import Foundation
import Logging
public import MartletSQL

extension PostgresConfiguration {
  /// A configuration from a URL, with what it does not say from the environment, as libpq reads both.
  ///
  /// ```
  /// postgres://shop:secret@db1:5432,db2:5432/shop?sslmode=verify-full&target_session_attrs=read-write&pool_size=20
  /// postgresql:///shop?host=/var/run/postgresql
  /// ```
  ///
  /// Parameters of libpq keep their names and their variables (`PGHOST`, `PGSSLMODE`, …). Without any host, the Unix socket
  /// in `/var/run/postgresql` or `/tmp` is used where one is there, `localhost` otherwise. Without `connect_timeout` a server
  /// has ten seconds, where libpq would wait for ever.
  ///
  /// The driver's own parameters: `pool_size`, `pool_timeout`, `pool_max_age`, `pool_idle_timeout`, `pool_pipeline_depth`,
  /// `statement_timeout`, `lock_timeout`, `prepared_statements` and `statement_cache_size`. Times have a unit (`500ms`,
  /// `30s`, `5min`, `1h`); without one they are milliseconds, as PostgreSQL reads `statement_timeout`.
  ///
  /// - Parameters:
  ///   - url: Begins with `postgres://` or `postgresql://`.
  ///   - environment: The variables.
  /// - Throws: ``DatabaseError`` that names the parameter at fault and the nearest that there is; never a password.
  public init(url: String, environment: [String: String] = ProcessInfo.processInfo.environment) throws {
    var values = try PostgresURL(url).values
    for parameter in PostgresParameter.all where values[parameter.name] == nil {
      if let variable = parameter.variable, let value = environment[variable] { values[parameter.name] = value }
    }
    if values["sslmode"] == nil, environment["PGREQUIRESSL"]?.hasPrefix("1") == true { values["sslmode"] = "require" }
    for parameter in PostgresParameter.all { if let value = values[parameter.name] { try parameter.checkSupport(value) } }
    let reader = ParameterReader(values: values.filter { !$0.value.isEmpty })

    let user = reader["user"] ?? NSUserName()
    self.init(user: user, password: reader["password"], database: reader["dbname"] ?? user)
    hosts = try reader.hosts()
    if password == nil { readPasswordFile(reader["passfile"], environment) }
    try readSession(reader)
    try readTLS(reader)
    try readPool(reader)
    // The one variable of a setting that libpq passes on and this driver does not set itself.
    if let value = environment["PGGEQO"] { parameters["geqo"] = value }
  }

  private mutating func readPasswordFile(_ path: String?, _ environment: [String: String]) {
    let home = environment["HOME"] ?? NSHomeDirectory()
    guard let file = PostgresPasswordFile(path: path ?? home + "/.pgpass", logger: Logger(label: "martlet.postgres")) else {
      return
    }
    for index in hosts.indices {
      let host = hosts[index]
      let name = ParameterReader.socketDirectories.contains(host.name) ? "localhost" : host.name
      hosts[index].password = file.password(host: name, port: host.port, database: database, user: user)
    }
  }

  private mutating func readSession(_ reader: ParameterReader) throws {
    targetSession = try reader.choice("target_session_attrs", TargetSession.self) ?? targetSession
    applicationName = reader["application_name"] ?? reader["fallback_application_name"] ?? applicationName
    if let seconds = try reader.integer("connect_timeout") {
      // libpq: 0 and less wait for ever, 1 is too short for a whole-second clock.
      connectTimeout = .seconds(seconds <= 0 ? Int(Int32.max) : max(2, min(seconds, Int(Int32.max))))
    }
    options = reader["options"]
    statementTimeout = try reader.duration("statement_timeout")
    lockTimeout = try reader.duration("lock_timeout")
    keepAlive = try reader.integer("keepalives").map { $0 != 0 } ?? keepAlive
    func positive(_ name: String) throws -> Int? { try reader.integer(name).flatMap { $0 > 0 ? min($0, Int(Int32.max)) : nil } }
    keepAliveIdle = try positive("keepalives_idle")
    keepAliveInterval = try positive("keepalives_interval")
    keepAliveCount = try positive("keepalives_count")
    preparedStatements = try reader.flag("prepared_statements") ?? preparedStatements
    statementCacheSize = try reader.integer("statement_cache_size", in: 1...1_000_000) ?? statementCacheSize
    switch reader["load_balance_hosts"] {
    case nil, "disable": break
    case "random": loadBalanceHosts = true
    default: throw reader.refusal("load_balance_hosts", "is 'disable' or 'random'")
    }
  }

  private mutating func readTLS(_ reader: ParameterReader) throws {
    sslMode = try reader.choice("sslmode", SSLMode.self) ?? sslMode
    sslRootCertificate = reader["sslrootcert"]
    sslCertificate = reader["sslcert"]
    sslKey = reader["sslkey"]
    sslKeyPassword = reader["sslpassword"]
    sslSNI = try reader.flag("sslsni") ?? sslSNI
    channelBinding = try reader.choice("channel_binding", ChannelBinding.self) ?? channelBinding
    switch reader["ssl_min_protocol_version"]?.lowercased() {
    // Older ones allow newer ones, and this driver speaks nothing older.
    case nil, "tlsv1", "tlsv1.1", "tlsv1.2": minimumTLSVersion = .v12
    case "tlsv1.3": minimumTLSVersion = .v13
    default: throw reader.refusal("ssl_min_protocol_version", "is 'TLSv1.2' or 'TLSv1.3'")
    }
    if sslRootCertificate == "system", reader["sslmode"] == nil { sslMode = .verifyFull }
    if sslRootCertificate == "system", sslMode != .verifyFull {
      throw reader.refusal(
        "sslmode", "must be 'verify-full' with sslrootcert=system: every site has a certificate that the system trusts")
    }
    requireAuthentication = try reader.authenticationMethods()
  }

  private mutating func readPool(_ reader: ParameterReader) throws {
    pool.maximumConnections = try reader.integer("pool_size", in: 1...10_000) ?? pool.maximumConnections
    pool.pipelineDepth = try reader.integer("pool_pipeline_depth", in: 1...1000) ?? pool.pipelineDepth
    pool.acquireTimeout = try reader.duration("pool_timeout") ?? pool.acquireTimeout
    pool.maximumAge = try reader.duration("pool_max_age") ?? pool.maximumAge
    pool.idleTimeout = try reader.duration("pool_idle_timeout") ?? pool.idleTimeout
  }
}

/// Turns the values of parameters into what they mean.
struct ParameterReader {
  var values: [String: String]
  /// Where PostgreSQL puts its Unix socket: as Debian builds it, as its authors do.
  static let socketDirectories = ["/var/run/postgresql", "/tmp"]

  subscript(_ name: String) -> String? { values[name] }

  func refusal(_ name: String, _ rule: String) -> DatabaseError {
    let variable = PostgresParameter.all.first { $0.name == name }?.variable
    return DatabaseError(.connection, "the PostgreSQL parameter '\(name)'\(variable.map { " (\($0))" } ?? "") \(rule)")
  }

  func integer(_ name: String, in range: ClosedRange<Int>? = nil) throws -> Int? {
    guard let text = self[name] else { return nil }
    guard let value = Int(text.trimmingCharacters(in: .whitespaces)), range?.contains(value) ?? true else {
      throw refusal(name, range.map { "is a number from \($0.lowerBound) to \($0.upperBound)" } ?? "is a whole number")
    }
    return value
  }
  func flag(_ name: String) throws -> Bool? {
    switch self[name]?.lowercased() {
    case nil: return nil
    case "1", "true", "on", "yes": return true
    case "0", "false", "off", "no": return false
    default: throw refusal(name, "is 'true' or 'false'")
    }
  }
  func choice<Choice: RawRepresentable & CaseIterable>(_ name: String, _: Choice.Type) throws -> Choice?
  where Choice.RawValue == String {
    guard let text = self[name] else { return nil }
    guard let value = Choice(rawValue: text) else {
      throw refusal(name, "is one of " + Choice.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", "))
    }
    return value
  }

  /// PostgreSQL's units, chapter 20.1.1.
  func duration(_ name: String) throws -> Duration? {
    guard let text = self[name] else { return nil }
    let digits = text.prefix { $0.isASCII && $0.isNumber },
      unit = text.dropFirst(digits.count).trimmingCharacters(in: .whitespaces)
    let factors = ["": 1, "ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000, "d": 86_400_000]
    guard let number = Int(digits), let factor = factors[unit], number <= Int(Int32.max) / factor else {
      throw refusal(name, "is a time of at most 24 days, as 500ms, 30s, 5min or 1h")
    }
    return .milliseconds(number * factor)
  }

  /// The servers, where `host`, `hostaddr` and `port` are lists of one length, or `port` is one for all.
  func hosts() throws -> [PostgresConfiguration.Host] {
    func list(_ name: String) -> [String] {
      self[name]?.split(separator: ",", omittingEmptySubsequences: false).map(String.init) ?? []
    }
    let names = list("host"), addresses = list("hostaddr"), ports = list("port")
    let count = max(names.count, addresses.count, 1)
    guard names.isEmpty || addresses.isEmpty || names.count == addresses.count else {
      throw refusal("hostaddr", "has \(addresses.count) addresses for \(names.count) hosts")
    }
    guard ports.count <= 1 || ports.count == count else { throw refusal("port", "has \(ports.count) ports for \(count) hosts") }
    return try (0..<count).map { place in
      let text = ports.isEmpty ? "" : ports.count == 1 ? ports[0] : ports[place]
      guard let port = text.isEmpty ? 5432 : Int(text.trimmingCharacters(in: .whitespaces)), (1...65_535).contains(port) else {
        throw refusal("port", "is a number from 1 to 65535")
      }
      let address = addresses.isEmpty || addresses[place].isEmpty ? nil : addresses[place]
      let name = names.isEmpty ? "" : names[place]
      if name.hasPrefix("@") { throw refusal("host", "names a socket without a file, which this driver does not open") }
      return .init(name.isEmpty ? address ?? Self.defaultHost(port) : name, port: port, address: address)
    }
  }
  private static func defaultHost(_ port: Int) -> String {
    socketDirectories.first { FileManager.default.fileExists(atPath: "\($0)/.s.PGSQL.\(port)") } ?? "localhost"
  }

  /// libpq 16's list of methods, either all allowed or, with `!`, all forbidden ones.
  func authenticationMethods() throws -> Set<PostgresConfiguration.AuthenticationMethod>? {
    guard let text = self["require_auth"] else { return nil }
    typealias Method = PostgresConfiguration.AuthenticationMethod
    let words = text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    let isNegated = words.first?.hasPrefix("!") ?? false
    var methods: Set<Method> = []
    for word in words {
      let name = word.hasPrefix("!") ? String(word.dropFirst()) : word
      guard word.hasPrefix("!") == isNegated else {
        throw refusal("require_auth", "either allows methods or, with '!', forbids them")
      }
      if let method = Method(rawValue: name) {
        methods.insert(method)
      } else if !["gss", "sspi"].contains(name) {
        throw refusal(
          "require_auth",
          "names no method '\(name.prefix(40))'; there are " + Method.allCases.map(\.rawValue).joined(separator: ", "))
      }
    }
    return isNegated ? Set(Method.allCases).subtracting(methods) : methods
  }
}
