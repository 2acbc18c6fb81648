import Foundation
import Logging
import MartletCore
import Testing

private let production = [
  "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghij", "ALLOWED_HOSTS": "example.com",
]

/// Settings of these variables alone: no file, no folder.
func settings(_ variables: [String: String], declared: [any DeclaredSetting] = []) throws -> Settings {
  try Settings.load(variables: variables, directory: nil, declared: declared)
}

private func problems(_ variables: [String: String], declared: [any DeclaredSetting] = []) throws -> [SettingsError.Problem] {
  let error = #expect(throws: SettingsError.self) { try settings(variables, declared: declared) }
  return try #require(error).problems
}

@Suite("Settings")
struct SettingsTests {
  @Test("development needs no setting at all")
  func developmentDefaults() throws {
    let settings = try settings(["ENVIRONMENT": "development"])
    #expect(settings.isDevelopment)
    #expect(settings.databaseURL == "sqlite:///db.sqlite3")
    #expect(settings.allowedHosts == ["localhost", "127.0.0.1", "[::1]"])
    #expect(settings.host == "127.0.0.1")
    #expect(settings.port == 8000)
    #expect(settings.logLevel == .info)
    #expect(settings.logFormat == .text)
    #expect(settings.sessionCookieAge == .seconds(14 * 86_400))
    #expect(settings.maxBodySize == .megabytes(10))
    #expect(settings.staticRoot == nil)
    #expect(settings.secretKey.count == 64)
  }

  @Test("without ENVIRONMENT the app is in production, which demands a key and hosts, both named at once")
  func productionDemands() throws {
    #expect(try problems([:]).map(\.name) == ["SECRET_KEY", "ALLOWED_HOSTS"])
    let settings = try settings(production)
    #expect(settings.environment == .production)
    #expect(settings.logFormat == .json)
  }

  @Test("every setting is read in its own form")
  func everyForm() throws {
    let settings = try settings([
      "ENVIRONMENT": "Development", "DATABASE_URL": "sqlite::memory:", "HOST": "::", "PORT": "0", "LOG_LEVEL": "trace",
      "LOG_FORMAT": "JSON", "TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/8,fd00::/8",
      "CORS_ORIGINS": "https://a.example,http://localhost:5173",
      "SESSION_COOKIE_AGE": "12h", "MAX_BODY_SIZE": "512KB", "READ_TIMEOUT": "1.5s", "IDLE_TIMEOUT": "90",
      "SHUTDOWN_GRACE": "250ms",
      "STATIC_ROOT": "/tmp", "MEDIA_ROOT": "/tmp", "ALLOWED_HOSTS": " a.example , .b.example ,",
    ])
    #expect(settings.databaseURL == "sqlite::memory:")
    #expect(settings.host == "::")
    #expect(settings.port == 0)
    #expect(settings.logLevel == .trace)
    #expect(settings.logFormat == .json)
    #expect(settings.trustedProxies == ["127.0.0.1", "10.0.0.0/8", "fd00::/8"])
    #expect(settings.corsOrigins == ["https://a.example", "http://localhost:5173"])
    #expect(settings.sessionCookieAge == .seconds(43_200))
    #expect(settings.maxBodySize.bytes == 524_288)
    #expect(settings.readTimeout == .milliseconds(1500))
    #expect(settings.idleTimeout == .seconds(90))
    #expect(settings.shutdownGrace == .milliseconds(250))
    #expect(settings.staticRoot == "/tmp" && settings.mediaRoot == "/tmp")
    #expect(settings.allowedHosts == ["a.example", ".b.example"])
  }

  @Test(
    "a wrong value is refused under its own name",
    arguments: [
      ("PORT", "eighty"), ("PORT", "65536"), ("PORT", "-1"), ("LOG_LEVEL", "loud"), ("LOG_FORMAT", "xml"),
      ("MAX_BODY_SIZE", "10 apples"), ("MAX_BODY_SIZE", "9999999999GB"), ("READ_TIMEOUT", "soon"), ("READ_TIMEOUT", "0"),
      ("SESSION_COOKIE_AGE", "-5"), ("SHUTDOWN_GRACE", "1e400"), ("TRUSTED_PROXIES", "proxy.example"),
      ("TRUSTED_PROXIES", "10.0.0.0/33"), ("CORS_ORIGINS", "app.example.com"), ("CORS_ORIGINS", "https://a.example/path"),
      ("ALLOWED_HOSTS", "https://a.example"), ("ALLOWED_HOSTS", ","), ("DATABASE_URL", "db.sqlite3"), ("ENVIRONMENT", "staging"),
      ("STATIC_ROOT", "/nowhere/at/all"), ("ACCESS_LOG", "perhaps"),
      ("MEDIA_ROOT", "/nowhere/at/all"),
    ])
  func wrongValues(name: String, value: String) throws {
    let found = try problems(production.merging([name: value]) { $1 })
    #expect(found.map(\.name) == [name])
    #expect(found.first?.given == value)
    #expect(found.first?.fix.hasPrefix("\(name)=") == true)
  }

  @Test("all wrong settings are listed at once, each with what was given, the form and a fix")
  func allAtOnce() throws {
    let error = try #require(
      #expect(throws: SettingsError.self) { try settings(production.merging(["PORT": "http", "LOG_LEVEL": "loud"]) { $1 }) })
    #expect(error.problems.map(\.name) == ["PORT", "LOG_LEVEL"])
    #expect(
      error.description == """
        2 settings are wrong:

          PORT is "http"
            expected: a whole number from 0 to 65535; 0 takes any free port
            fix:      PORT=8000

          LOG_LEVEL is "loud"
            expected: one of trace, debug, info, notice, warning, error, critical
            fix:      LOG_LEVEL=info
        """)
  }

  @Test("a weak secret key is refused without being shown", arguments: ["hunter2-hunter2", String(repeating: "ab", count: 40)])
  func weakKeys(_ key: String) throws {
    let problem = try #require(try problems(["SECRET_KEY": key, "ALLOWED_HOSTS": "a.example"]).first)
    #expect(problem.name == "SECRET_KEY")
    #expect(problem.given == "••• (\(key.count) characters)")
    #expect(try problems(production.merging(["SECRET_KEY_FALLBACKS": key]) { $1 }).map(\.name) == ["SECRET_KEY_FALLBACKS"])
  }

  @Test("a certificate without its key is told by the key's name, and the other way round")
  func halfOfTLS() throws {
    for (given, missing) in [("TLS_CERTIFICATE", "TLS_KEY"), ("TLS_KEY", "TLS_CERTIFICATE")] {
      let found = try problems(production.merging([given: #filePath]) { $1 })
      #expect(found.map(\.name) == [missing] && found.first?.given == nil)
    }
    let wrong = try problems(production.merging(["TLS_CERTIFICATE": "/nowhere", "TLS_KEY": "/tmp"]) { $1 })
    #expect(wrong.map(\.name) == ["TLS_CERTIFICATE", "TLS_KEY"] && wrong.map(\.given) == ["/nowhere", "/tmp"])
    let both = try settings(production.merging(["TLS_CERTIFICATE": #filePath, "TLS_KEY": #filePath, "ACCESS_LOG": "no"]) { $1 })
    #expect(both.tlsCertificate == #filePath && both.tlsKey == #filePath && !both.accessLog)
  }

  @Test("an empty variable counts as absent")
  func emptyVariables() throws {
    #expect(try settings(["ENVIRONMENT": "development", "PORT": "", "STATIC_ROOT": ""]).port == 8000)
  }
}

@Suite("An app's own settings")
struct DeclaredSettingsTests {
  enum Mode: String, CaseIterable, SettingValue { case smtp, log }
  private let stripe = SettingKey<String>("STRIPE_KEY", isRequired: true, isSecret: true, example: "sk_live_…", help: "Payments.")
  private let mode = SettingKey<Mode>("MAIL_MODE", default: .log, help: "How mail is sent.")
  private let workers = SettingKey<Int>("WORKERS", help: "How many.", accepts: { $0 > 0 })

  @Test("are checked together with the framework's")
  func checkedTogether() throws {
    let found = try problems(production.merging(["PORT": "x", "MAIL_MODE": "pigeon"]) { $1 }, declared: [stripe, mode, workers])
    #expect(found.map(\.name) == ["PORT", "STRIPE_KEY", "MAIL_MODE"])
    #expect(found.last?.form == "one of smtp, log")
  }

  @Test("are read by their keys, with defaults and absence")
  func readByKey() throws {
    let settings = try settings(production.merging(["STRIPE_KEY": "sk_1"]) { $1 }, declared: [stripe, mode, workers])
    #expect(try settings.value(stripe) == "sk_1")
    #expect(try settings.value(mode) == .log)
    #expect(try settings.optional(workers) == nil)
    #expect(throws: SettingsError.self) { try settings.value(workers) }
  }

  @Test("can be read by a name that nothing declares; the error does not show the text")
  func undeclared() throws {
    let settings = try settings(production.merging(["LIMIT": "12", "WORD": "swordfish"]) { $1 })
    #expect(try settings.value("LIMIT", as: Int.self) == 12)
    #expect(try settings.value("NOTHING", as: Int.self) == nil)
    let error = #expect(throws: SettingsError.self) { try settings.value("WORD", as: Int.self) }
    #expect(error?.description.contains("swordfish") == false)
  }

  @Test("the report names every setting with its origin and hides secrets and passwords")
  func report() throws {
    let variables = production.merging(["STRIPE_KEY": "sk_1", "DATABASE_URL": "postgres://me:pw@db/app"]) { $1 }
    let report = try settings(variables, declared: [stripe, mode]).report
    let rows = Dictionary(uniqueKeysWithValues: report.map { ($0.name, $0) })
    #expect(rows.count == 30)
    #expect(rows["SECRET_KEY"]?.value == "••• (56 characters)")
    #expect(rows["SECRET_KEY"]?.origin == .environment)
    #expect(rows["SECRET_KEY"]?.isRequired == true)
    #expect(rows["STRIPE_KEY"]?.value == "••• (4 characters)")
    #expect(rows["DATABASE_URL"]?.value == "postgres://me:•••@db/app")
    #expect(rows["MAIL_MODE"]?.value == "log")
    #expect(rows["MAIL_MODE"]?.origin == .default)
    #expect(rows["STATIC_ROOT"]?.value == nil)
    #expect(report.allSatisfy { !$0.help.isEmpty && !$0.form.isEmpty })
  }
}
