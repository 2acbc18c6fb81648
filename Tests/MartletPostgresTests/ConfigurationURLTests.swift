import Foundation
import Logging
import MartletPostgres
import MartletSQL
import Testing

@Suite("PostgreSQL URLs")
struct ConfigurationURLTests {
  static let urls = [
    "postgres://", "postgresql://", "postgres:///", "postgresql://localhost", "postgresql://localhost:5433",
    "postgres://localhost/mydb",
    "postgresql://user@localhost", "postgresql://user:secret@localhost", "postgresql://user:@localhost",
    "postgresql://:secret@localhost",
    "postgresql://@localhost", "postgresql://:@localhost", "postgresql://user@", "postgresql://user@/db",
    "postgresql://:12345/db",
    "postgresql://other@localhost/otherdb?connect_timeout=10&application_name=myapp",
    "postgresql://host1:123,host2:456/somedb?application_name=myapp",
    "postgresql://host1,host2:456/db", "postgresql://host1:1,host2/db", "postgresql://,/db", "postgresql://a,,b/",
    "postgresql://:1,:2",
    "postgresql:///mydb?host=localhost&port=5433", "postgresql://[2001:db8::1234]/database", "postgresql://[::1]:5433",
    "postgresql://[::1],[::2]:7/x",
    "postgresql://[::1", "postgresql://[]", "postgresql://[]/x", "postgresql://[::1]x", "postgresql://[::1]:",
    "postgresql://user@[::1]:1/db?sslmode=require",
    "postgresql://%2Fvar%2Flib%2Fpostgresql/dbname", "postgresql:///dbname?host=/var/lib/postgresql",
    "postgresql://h%6Fst:54%332/d%62",
    "postgresql://us%40er:p%3Aa%2Fs%25s@host/db", "postgresql://u:p:q@host/db", "postgresql://u:p@q@host/db",
    "postgresql://u:p/q@host/db",
    "postgresql://user?x@host", "postgresql://host?user=a@b", "postgresql://host/db?user=a%40b", "postgresql://host/db/more",
    "postgresql://host//", "postgresql://host/?",
    "postgresql://host/db?", "postgresql://host/db?&", "postgresql://host/db?sslmode", "postgresql://host/db?sslmode=",
    "postgresql://host/db?=x", "postgresql://host/db?sslmode=a=b",
    "postgresql://host/db?sslmode=require&", "postgresql://host/db?&sslmode=require",
    "postgresql://host/db?sslmode=require&&user=a", "postgresql://host/db?ssl=true", "postgresql://host/db?ssl=false",
    "postgresql://host/db?ssl%6dode=require", "postgresql://host/db?nonsense=1",
    "postgresql://host/db?sslmode=disable&sslmode=require", "postgresql://h/db?host=other&dbname=otherdb&password=x",
    "postgresql://host/db?options=-c%20geqo%3Doff", "postgresql://host/db?application_name=a+b", "postgresql://host/%",
    "postgresql://host/%4", "postgresql://host/%zz", "postgresql://host/%00",
    "postgresql://h%00/db", "postgresql://u%g0@host", "postgresql://ünï@höst/dätabase", "postgresql://host/db#frag",
    "postgresql:// host / db ", "http://host/db", "postgresql:/host", "",
    "POSTGRES://host", "postgres://host:notaport/db",
    "postgres://host?keepalives=0&keepalives_idle=5&target_session_attrs=primary&channel_binding=require",
  ]

  @Test("a URL is taken apart as libpq does it, also an odd one", arguments: urls)
  func oracle(_ url: String) throws {
    // Without the prefix libpq reads "host=… port=…", which is another language.
    guard url.hasPrefix("postgres://") || url.hasPrefix("postgresql://") else {
      #expect(throws: DatabaseError.self) { try PostgresURL(url) }
      return
    }
    switch LibPQ.parse(url) {
    case .success(let values): #expect(try PostgresURL(url).values == values, "\(url)")
    case .failure(let refusal): #expect(throws: DatabaseError.self, "\(refusal.text)") { try PostgresURL(url) }
    }
  }

  @Test("random URLs are taken apart as libpq does it")
  func oraclePropertyTest() throws {
    var random = SystemRandomNumberGenerator()
    let pieces = [
      "a", "b1", ":", "@", "/", "?", "&", "=", ",", "%41", "%", "[", "]", "::1", "5432", "user", "sslmode", "host", "dbname", "é",
      ".",
    ]
    for _ in 0..<5000 {
      let url =
        "postgresql://" + (0..<Int.random(in: 0...14, using: &random)).map { _ in pieces.randomElement(using: &random)! }.joined()
      let mine = try? PostgresURL(url).values
      // libpq passes on bytes that are no UTF-8, or forgets them for a later parameter; here they are refused.
      if mine == nil, url.contains(/%[89a-f][0-9a-f]/) { continue }
      let theirs = try? LibPQ.parse(url).get()
      #expect(mine == theirs, "\(url)")
    }
  }

  @Test("every parameter and every variable of libpq is known")
  func keywords() throws {
    let known = PostgresURL.knownParameters
    for (keyword, variable) in LibPQ.keywords {
      #expect(known.keys.contains(keyword), "\(keyword)")
      #expect(known[keyword] ?? nil == variable, "\(keyword)")
    }
  }

  private func read(_ url: String, _ environment: [String: String] = [:]) throws -> PostgresConfiguration {
    try PostgresConfiguration(url: url, environment: environment.merging(["HOME": "/nonexistent"]) { mine, _ in mine })
  }
  private func refusal(_ url: String, _ environment: [String: String] = [:]) -> DatabaseError? {
    do {
      _ = try read(url, environment)
      return nil
    } catch { return error as? DatabaseError }
  }

  @Test("parameters of libpq and of this driver reach the configuration")
  func parameters() throws {
    let it = try read(
      "postgres://u:p%40@h1:1,h2:2/d?sslmode=verify-full&sslrootcert=/r&sslcert=/c&sslkey=/k&sslpassword=kp&sslsni=0&connect_timeout=7"
        + "&application_name=app&options=-cgeqo%3Doff&target_session_attrs=prefer-standby&channel_binding=require&require_auth=scram-sha-256,none"
        + "&keepalives=0&keepalives_idle=1&keepalives_interval=2&keepalives_count=3&ssl_min_protocol_version=TLSv1.3&load_balance_hosts=random"
        + "&statement_timeout=30s&lock_timeout=500&prepared_statements=false&statement_cache_size=9&pool_size=20&pool_timeout=2s&pool_max_age=1h"
        + "&pool_idle_timeout=5min&pool_pipeline_depth=3")
    #expect(it.hosts == [.init("h1", port: 1), .init("h2", port: 2)])
    #expect((it.user, it.password, it.database) == ("u", "p@", "d"))
    #expect((it.sslMode, it.sslRootCertificate, it.sslCertificate, it.sslKey) == (.verifyFull, "/r", "/c", "/k"))
    #expect((it.sslKeyPassword, it.sslSNI, it.minimumTLSVersion, it.channelBinding) == ("kp", false, .v13, .require))
    #expect((it.connectTimeout, it.applicationName, it.options) == (.seconds(7), "app", "-cgeqo=off"))
    #expect(it.targetSession == .preferStandby && it.loadBalanceHosts && it.requireAuthentication == [.scramSHA256, .none])
    #expect(!it.keepAlive && (it.keepAliveIdle, it.keepAliveInterval, it.keepAliveCount) == (1, 2, 3))
    #expect((it.statementTimeout, it.lockTimeout) == (.seconds(30), .milliseconds(500)))
    #expect(
      !it.preparedStatements && it.statementCacheSize == 9 && it.pool.maximumConnections == 20 && it.pool.pipelineDepth == 3)
    #expect((it.pool.acquireTimeout, it.pool.maximumAge, it.pool.idleTimeout) == (.seconds(2), .seconds(3600), .seconds(300)))
  }

  @Test("variables fill in what the URL does not say")
  func environment() throws {
    let environment = [
      "PGHOST": "h", "PGPORT": "7", "PGUSER": "u", "PGPASSWORD": "p", "PGDATABASE": "d", "PGSSLMODE": "require", "PGAPPNAME": "a",
      "PGCONNECT_TIMEOUT": "1", "PGTARGETSESSIONATTRS": "primary", "PGCHANNELBINDING": "disable", "PGOPTIONS": "-cx=y",
      "PGGEQO": "off",
    ]
    let it = try read("postgres://", environment)
    #expect(it.hosts == [.init("h", port: 7)])
    #expect((it.user, it.password, it.database, it.sslMode) == ("u", "p", "d", .require))
    #expect((it.applicationName, it.connectTimeout, it.targetSession, it.options) == ("a", .seconds(2), .primary, "-cx=y"))
    #expect(it.channelBinding == .disable && it.parameters == ["geqo": "off"])
    let other = try read("postgres://me:mine@there:8/base?sslmode=disable", environment)
    #expect((other.hosts, other.user, other.password, other.database) == ([.init("there", port: 8)], "me", "mine", "base"))
    #expect(other.sslMode == .disable)
    #expect(try read("postgres://h", ["PGREQUIRESSL": "1"]).sslMode == .require)
    #expect(try read("postgres://u@h").database == "u")
    #expect(try read("postgres://h?connect_timeout=0").connectTimeout > .seconds(1_000_000))
    #expect(try read("postgres://h?fallback_application_name=f").applicationName == "f")
  }

  @Test("hosts are names, addresses, sockets and lists of them")
  func hosts() throws {
    #expect(try read("postgres:///d?host=/run/pg&port=9").hosts[0].socketPath == "/run/pg/.s.PGSQL.9")
    #expect(try read("postgres://%2Frun%2Fpg/d").hosts[0].isSocket)
    #expect(try read("postgres://a,b/d?port=9").hosts.map(\.port) == [9, 9])
    #expect(try read("postgres://a:1,b/d").hosts.map(\.port) == [1, 5432])
    #expect(try read("postgres://a/d?hostaddr=10.0.0.1").hosts == [.init("a", address: "10.0.0.1")])
    #expect(try read("postgres:///d?hostaddr=10.0.0.1").hosts == [.init("10.0.0.1", address: "10.0.0.1")])
    #expect(try read("postgres://[::1]:3/d").hosts == [.init("::1", port: 3)])
    for wrong in [
      "postgres://a:0", "postgres://a:65536", "postgres://a:x", "postgres://a,b,c/?port=1,2", "postgres://a,b/?hostaddr=1.1.1.1",
      "postgres://%40abstract",
    ] { #expect(refusal(wrong) != nil, "\(wrong)") }
  }

  @Test("a mistake names the parameter, and the nearest that there is")
  func mistakes() {
    #expect(refusal("postgres://h?ssl_mode=require")?.hint == "did you mean 'sslmode'?")
    #expect(refusal("postgres://h?poolsize=3")?.hint == "did you mean 'pool_size'?")
    #expect(refusal("postgres://h?search_path=x")?.hint == "settings of the session go into options=-c%20name%3Dvalue")
    #expect(refusal("postgres://h?sslmode=on")?.message.contains("is one of 'disable', 'allow', 'prefer', 'require'") == true)
    #expect(refusal("postgres://h", ["PGSSLMODE": "on"])?.message.contains("(PGSSLMODE)") == true)
    for (parameter, wrong) in [
      ("connect_timeout", "x"), ("connect_timeout", "99999999999999999999"), ("keepalives", "y"),
      ("statement_timeout", "3 weeks"),
      ("statement_timeout", "99999999999h"), ("pool_size", "0"), ("pool_size", "-1"), ("prepared_statements", "maybe"),
      ("load_balance_hosts", "x"),
      ("require_auth", "scram-sha-256,!md5"), ("require_auth", "magic"), ("ssl_min_protocol_version", "SSLv3"),
      ("channel_binding", "on"),
      ("target_session_attrs", "master"), ("sslrootcert", "system&sslmode=require"),
    ] { #expect(refusal("postgres://h?\(parameter)=\(wrong)")?.kind == .connection, "\(parameter)=\(wrong)") }
    #expect(refusal("postgres://h?gssencmode=require")?.kind == .unsupported(capability: "gssencmode"))
    #expect(refusal("postgres://h?gssencmode=prefer") == nil)
    #expect(refusal("postgres://h?sslcrl=/x")?.kind == .unsupported(capability: "sslcrl"))
    #expect(refusal("postgres://h", ["PGSERVICE": "x"])?.kind == .unsupported(capability: "service"))
  }

  @Test("no error tells a password")
  func secrets() throws {
    for url in [
      "postgres://u:hunter2@h:x/d", "postgres://u:hunter2@h/d?nonsense=hunter2", "postgres://u:hunter2%@h",
      "postgres://u:hunter2@[h",
      "postgres://u@h/d?password=hunter2&password=hunter2=", "postgres://h/d?sslpassword=hunter2&sslmode=x",
      "mysql://u:hunter2@h", "postgres://u:hunter2@h?pool_size=x",
    ] {
      let error = refusal(url)
      #expect(error != nil && error?.description.contains("hunter2") == false, "\(url)")
    }
    #expect(!PostgresDriver(try read("postgres://u:hunter2@h/d")).displayName.contains("hunter2"))
  }

  @Test("a password file is read as libpq reads it, and not at all where others may")
  func passwordFile() throws {
    let path = FileManager.default.temporaryDirectory.path + "/pgpass-\(UUID().uuidString)"
    let text =
      "# comment\nbad line\nh1:5432:db:u:one\n*:5433:*:u:t\\:w\\\\o:x\nlocalhost:*:*:u:socket\nh3:*:*:*:\n*:*:*:late:last\n"
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let environment = ["PGPASSFILE": path]
    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
    #expect(try read("postgres://u@h1/db", environment).hosts[0].password == nil)
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    #expect(try read("postgres://u@h1,h2:5433,h3,h4/db", environment).hosts.map(\.password) == ["one", "t:w\\o:x", nil, nil])
    #expect(try read("postgres://u:own@h1/db", environment).hosts[0].password == nil)
    #expect(try read("postgres://u@/db?host=/tmp", environment).hosts[0].password == "socket")
    #expect(try read("postgres://late@h9/db?passfile=\(path)").hosts[0].password == "last")
    #expect(try read("postgres://u@h1/db?passfile=/nonexistent").hosts[0].password == nil)
  }
}
