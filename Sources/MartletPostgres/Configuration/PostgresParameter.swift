import MartletSQL

/// A parameter of a connection: one that libpq has, or one of this driver's own.
struct PostgresParameter: Sendable, Hashable {
  /// As in URLs.
  var name: String
  /// The environment variable that sets it where the URL does not.
  var variable: String?
  /// The only values that are accepted of a parameter that is not built, because they ask for nothing.
  var harmless: [String]?

  private init(_ name: String, _ variable: String? = nil, harmless: [String]? = nil) {
    self.name = name
    self.variable = variable
    self.harmless = harmless
  }

  static let all: [PostgresParameter] = [
    .init("host", "PGHOST"), .init("hostaddr", "PGHOSTADDR"), .init("port", "PGPORT"), .init("dbname", "PGDATABASE"),
    .init("user", "PGUSER"), .init("password", "PGPASSWORD"), .init("passfile", "PGPASSFILE"),
    .init("require_auth", "PGREQUIREAUTH"), .init("channel_binding", "PGCHANNELBINDING"),
    .init("connect_timeout", "PGCONNECT_TIMEOUT"), .init("options", "PGOPTIONS"), .init("application_name", "PGAPPNAME"),
    .init("fallback_application_name"), .init("keepalives"), .init("keepalives_idle"), .init("keepalives_interval"),
    .init("keepalives_count"), .init("sslmode", "PGSSLMODE"), .init("sslcert", "PGSSLCERT"), .init("sslkey", "PGSSLKEY"),
    .init("sslpassword"), .init("sslrootcert", "PGSSLROOTCERT"), .init("sslsni", "PGSSLSNI"),
    .init("ssl_min_protocol_version", "PGSSLMINPROTOCOLVERSION"), .init("target_session_attrs", "PGTARGETSESSIONATTRS"),
    .init("load_balance_hosts", "PGLOADBALANCEHOSTS"),
    // Known to libpq, not built here.
    .init("client_encoding", "PGCLIENTENCODING", harmless: ["auto", "utf8", "utf-8", "unicode"]),
    .init("gssencmode", "PGGSSENCMODE", harmless: ["disable", "prefer"]), .init("gsslib", "PGGSSLIB", harmless: []),
    .init("krbsrvname", "PGKRBSRVNAME", harmless: ["postgres"]), .init("gssdelegation", "PGGSSDELEGATION", harmless: ["0"]),
    .init("replication", harmless: ["false", "off", "no", "0"]), .init("requirepeer", "PGREQUIREPEER", harmless: []),
    .init("service", "PGSERVICE", harmless: []), .init("sslcertmode", "PGSSLCERTMODE", harmless: ["allow"]),
    .init("sslcompression", "PGSSLCOMPRESSION", harmless: ["0"]), .init("sslcrl", "PGSSLCRL", harmless: []),
    .init("sslcrldir", "PGSSLCRLDIR", harmless: []), .init("sslnegotiation", "PGSSLNEGOTIATION", harmless: ["postgres"]),
    .init("ssl_max_protocol_version", "PGSSLMAXPROTOCOLVERSION", harmless: ["tlsv1.3"]),
    .init("tcp_user_timeout", harmless: ["0"]),
    // This driver's own.
    .init("statement_timeout"), .init("lock_timeout"), .init("prepared_statements"), .init("statement_cache_size"),
    .init("pool_size"), .init("pool_timeout"), .init("pool_max_age"), .init("pool_idle_timeout"), .init("pool_pipeline_depth"),
  ]

  /// Refuses a name that no parameter has.
  /// - Throws: ``DatabaseError`` that names the nearest.
  static func check(_ name: String) throws {
    guard !all.contains(where: { $0.name == name }) else { return }
    let near = all.map { (name: $0.name, distance: distance($0.name, String(name.prefix(60)))) }.min { $0.distance < $1.distance }
    throw DatabaseError(
      .connection, "the PostgreSQL URL's parameter '\(name.prefix(60))' is unknown",
      hint: near.flatMap { $0.distance <= max(2, name.count / 3) ? "did you mean '\($0.name)'?" : nil }
        ?? "settings of the session go into options=-c%20name%3Dvalue")
  }

  /// Refuses what is not built, unless the value asks for nothing.
  func checkSupport(_ value: String) throws {
    guard let harmless, !value.isEmpty, !harmless.contains(value.lowercased()) else { return }
    throw DatabaseError(
      .unsupported(capability: name), "the PostgreSQL parameter '\(name)'\(variable.map { " (\($0))" } ?? "") is not supported",
      hint: name.hasPrefix("gss") || name == "krbsrvname"
        ? "GSSAPI is not built: use SCRAM, or a client certificate" : "leave it out")
  }

  /// Levenshtein's.
  private static func distance(_ left: String, _ right: String) -> Int {
    let right = Array(right)
    var row = Array(0...right.count)
    for (i, character) in left.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for j in right.indices {
        let above = row[j + 1]
        row[j + 1] = min(above + 1, row[j] + 1, diagonal + (character == right[j] ? 0 : 1))
        diagonal = above
      }
    }
    return row[right.count]
  }
}
