import Foundation
public import Logging

/// The framework's settings. Each is declared here and nowhere else.
extension SettingKey where Value == RuntimeEnvironment {
  /// `ENVIRONMENT`
  public static var environment: Self {
    SettingKey(
      "ENVIRONMENT", default: .production, example: "development",
      help: "Where the app runs. development shows errors in detail and accepts local hosts only; production is the default.")
  }
}

extension SettingKey where Value == String {
  /// `DATABASE_URL`
  public static var databaseURL: Self {
    SettingKey(
      "DATABASE_URL", form: databaseForms, defaultIn: { _ in "sqlite:///db.sqlite3" }, redacted: withoutPassword,
      example:
        "postgres://blog:password@127.0.0.1:5432/blog   (or sqlite:///db.sqlite3, or mariadb://blog:password@127.0.0.1/blog)",
      help: "The database.", accepts: isDatabaseURL)
  }
  /// `SECRET_KEY`
  public static var secretKey: Self {
    SettingKey(
      "SECRET_KEY", form: "random text of at least 50 characters, at least 5 of them different; required in production",
      defaultIn: { _ in nil }, requiredIn: { $0 == .production }, isSecret: true,
      example: "$(openssl rand -base64 48)   (or, on your own machine, ENVIRONMENT=development)",
      help: "Signs sessions and tokens. In development a key is made up and kept in .martlet/secret_key.",
      accepts: isStrongKey)
  }
  /// `HOST`
  public static var host: Self {
    SettingKey(
      "HOST", form: "an address to listen on: 127.0.0.1, 0.0.0.0, ::", default: "127.0.0.1", help: "The address to listen on.")
  }
  /// `STATIC_ROOT`
  public static var staticRoot: Self {
    SettingKey(
      "STATIC_ROOT", form: "the path of a folder that exists", example: "public",
      help: "A folder whose files are served under /static. Without it there are no static files.", accepts: isFolder)
  }
  /// `MEDIA_ROOT`
  public static var mediaRoot: Self {
    SettingKey(
      "MEDIA_ROOT", form: "the path of a folder that exists", example: "media",
      help: "The folder of the files that users upload into file fields. Nothing in it is served but through the fields.",
      accepts: isFolder)
  }
  /// `TLS_CERTIFICATE`
  public static var tlsCertificate: Self {
    SettingKey(
      "TLS_CERTIFICATE", form: "the path of a PEM file that exists, TLS_KEY beside it",
      example: "/etc/letsencrypt/live/www.example.com/fullchain.pem",
      help: "The certificate of HTTPS, with those between it and the root. Read again when it changes. Without it: plain HTTP.",
      accepts: isFile)
  }
  /// `TLS_KEY`
  public static var tlsKey: Self {
    SettingKey(
      "TLS_KEY", form: "the path of a PEM file that exists", example: "/etc/letsencrypt/live/www.example.com/privkey.pem",
      help: "The private key of TLS_CERTIFICATE.", accepts: isFile)
  }
}

extension SettingKey where Value == Bool {
  /// `ACCESS_LOG`
  public static var accessLog: Self {
    SettingKey(
      "ACCESS_LOG", default: true,
      help: "Whether each request is a line of the log. false where a proxy keeps such a log already.")
  }
}

extension SettingKey where Value == [String] {
  /// `SECRET_KEY_FALLBACKS`
  public static var secretKeyFallbacks: Self {
    SettingKey(
      "SECRET_KEY_FALLBACKS", form: "earlier keys between commas, each of at least 50 characters", default: [], isSecret: true,
      example: "the-former-SECRET_KEY",
      help: "Keys that are still accepted, for rotating SECRET_KEY without logging everyone out.",
      accepts: { $0.allSatisfy(isStrongKey) })
  }
  /// `DATABASE_REPLICA_URLS`
  public static var databaseReplicaURLs: Self {
    SettingKey(
      "DATABASE_REPLICA_URLS", form: "URLs between commas, of servers of the kind of DATABASE_URL", defaultIn: { _ in [] },
      redacted: { DatabaseURLs.list($0).map(withoutPassword).joined(separator: ",") },
      example: "postgres://blog:password@10.0.0.2/blog,postgres://blog:password@10.0.0.3/blog",
      help: "Replicas that may answer reads outside of transactions.",
      accepts: { DatabaseURLs.joined($0).allSatisfy { isDatabaseURL($0) && !$0.hasPrefix("sqlite") } })
  }
  /// `ALLOWED_HOSTS`
  public static var allowedHosts: Self {
    SettingKey(
      "ALLOWED_HOSTS", form: "host names between commas; .example.com includes its subdomains; required in production",
      defaultIn: { $0 == .development ? ["localhost", "127.0.0.1", "[::1]"] : nil }, requiredIn: { $0 == .production },
      example: "www.example.com,.example.org", help: "The values of the Host header that are answered.",
      accepts: { !$0.isEmpty && $0.allSatisfy { !$0.contains("/") && !$0.contains(" ") } })
  }
  /// `TRUSTED_PROXIES`
  public static var trustedProxies: Self {
    SettingKey(
      "TRUSTED_PROXIES", form: "addresses or networks between commas: 127.0.0.1,10.0.0.0/8,fd00::/8", default: [],
      example: "127.0.0.1,10.0.0.0/8", help: "Proxies whose X-Forwarded-For and X-Forwarded-Proto headers are believed.",
      accepts: { $0.allSatisfy(isNetwork) })
  }
  /// `CORS_ORIGINS`
  public static var corsOrigins: Self {
    SettingKey(
      "CORS_ORIGINS", form: "origins between commas: https://app.example.com,http://localhost:5173, or *", default: [],
      example: "https://app.example.com", help: "Other sites whose pages may call this one from the browser.",
      accepts: { $0.allSatisfy(isOrigin) })
  }
}

extension SettingKey where Value == Int {
  /// `DATABASE_POOL_SIZE`
  public static var databasePoolSize: Self {
    SettingKey(
      "DATABASE_POOL_SIZE", form: "a whole number from 1 to 10000", example: "20",
      help:
        "Connections to the database at most, and to each replica; 10 where neither this nor the URL says it. Not for SQLite.",
      accepts: { (1...10_000).contains($0) })
  }
  /// `PORT`
  public static var port: Self {
    SettingKey(
      "PORT", form: "a whole number from 0 to 65535; 0 takes any free port", default: 8000, help: "The TCP port to listen on.",
      accepts: { (0...65_535).contains($0) })
  }
}

extension SettingKey where Value == Logger.Level {
  /// `LOG_LEVEL`
  public static var logLevel: Self {
    SettingKey(
      "LOG_LEVEL", default: .info, help: "The least important lines to log; debug and trace include every SQL statement.")
  }
}

extension SettingKey where Value == LogFormat {
  /// `LOG_FORMAT`
  public static var logFormat: Self {
    SettingKey(
      "LOG_FORMAT", defaultIn: { $0 == .development ? .text : .json },
      help: "The form of log lines: text for people (the default in development), json for collectors.")
  }
}

extension SettingKey where Value == ByteSize {
  /// `MAX_BODY_SIZE`
  public static var maxBodySize: Self {
    SettingKey(
      "MAX_BODY_SIZE", default: .megabytes(10), help: "The largest request body but for file uploads; more is answered with 413.",
      accepts: { $0.bytes > 0 })
  }
  /// `MAX_UPLOAD_SIZE`
  public static var maxUploadSize: Self {
    SettingKey(
      "MAX_UPLOAD_SIZE", default: .megabytes(100), help: "The largest form with files; more is answered with 413.",
      accepts: { $0.bytes > 0 })
  }
}

extension SettingKey where Value == Duration {
  /// `DATABASE_ACQUIRE_TIMEOUT`
  public static var databaseAcquireTimeout: Self {
    SettingKey(
      "DATABASE_ACQUIRE_TIMEOUT", example: "5s",
      help: "How long a statement waits for a free connection before it fails; 10 s where this is not set.",
      accepts: { $0 > .zero })
  }
  /// `DATABASE_CONNECT_TIMEOUT`
  public static var databaseConnectTimeout: Self {
    SettingKey(
      "DATABASE_CONNECT_TIMEOUT", example: "3s",
      help: "How long opening a connection may take; 10 s where neither this nor the URL says it. Not for SQLite.",
      accepts: { $0 > .zero })
  }
  /// `DATABASE_STATEMENT_TIMEOUT`
  public static var databaseStatementTimeout: Self {
    SettingKey(
      "DATABASE_STATEMENT_TIMEOUT", example: "30s",
      help:
        "How long a statement may run before the server ends it; without a limit where neither this nor the URL says it. Not for SQLite.",
      accepts: { $0 > .zero })
  }
  /// `SESSION_COOKIE_AGE`
  public static var sessionCookieAge: Self {
    SettingKey(
      "SESSION_COOKIE_AGE", default: .seconds(1_209_600), help: "How long a login lasts.", accepts: { $0 >= .seconds(1) })
  }
  /// `READ_TIMEOUT`
  public static var readTimeout: Self {
    SettingKey(
      "READ_TIMEOUT", default: .seconds(30),
      help: "How long a client may take for the head of a request, and for each piece of its body.", accepts: { $0 > .zero })
  }
  /// `HSTS_MAX_AGE`
  public static var hstsMaxAge: Self {
    SettingKey(
      "HSTS_MAX_AGE", example: "365d",
      help: "How long browsers shall insist on HTTPS (Strict-Transport-Security); sent over HTTPS only, not at all by default.",
      accepts: { $0 >= .zero })
  }
  /// `IDLE_TIMEOUT`
  public static var idleTimeout: Self {
    SettingKey(
      "IDLE_TIMEOUT", default: .seconds(60), help: "How long a connection is kept open without a request.",
      accepts: { $0 > .zero })
  }
  /// `SHUTDOWN_GRACE`
  public static var shutdownGrace: Self {
    SettingKey(
      "SHUTDOWN_GRACE", default: .seconds(30), help: "How long running requests may take to finish after SIGTERM.",
      accepts: { $0 >= .zero })
  }
}

/// Django's rule of `security.W009`, as an error.
@Sendable func isStrongKey(_ key: String) -> Bool { key.count >= 50 && Set(key).count >= 5 }

@Sendable private func isFolder(_ path: String) -> Bool {
  var isDirectory: ObjCBool = false
  return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
}

@Sendable private func isFile(_ path: String) -> Bool {
  var isDirectory: ObjCBool = false
  return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && !isDirectory.boolValue
}

/// The forms of a database's URL, as error messages list them.
private let databaseForms =
  "sqlite:///file.sqlite3 (relative), sqlite:////srv/file.sqlite3 (absolute), sqlite::memory:, "
  + "postgres://user:password@host:5432/name (also postgresql://), mariadb://user:password@host:3306/name or mysql://…; "
  + "special characters in a password as percent escapes"

@Sendable private func isDatabaseURL(_ url: String) -> Bool {
  let scheme = url.prefix { $0 != ":" }.lowercased(), rest = url.dropFirst(scheme.count)
  return scheme == "sqlite"
    ? !rest.isEmpty : ["postgres", "postgresql", "mysql", "mariadb"].contains(scheme) && rest.hasPrefix("://")
}

/// URLs between commas. A PostgreSQL URL with several hosts has commas of its own: a new one begins with a scheme.
package enum DatabaseURLs {
  /// The URLs of a text.
  package static func list(_ text: String) -> [String] { joined(text.split(separator: ",").map(String.init)) }
  /// The URLs of the parts between commas.
  package static func joined(_ parts: [String]) -> [String] {
    var urls: [String] = []
    for part in parts {
      if part.contains("://") || urls.isEmpty { urls.append(part) } else { urls[urls.count - 1] += "," + part }
    }
    return urls
  }
}

/// `scheme://user:•••@host/…?password=•••`
@Sendable private func withoutPassword(_ url: String) -> String {
  var url = url
  if let start = url.range(of: "://"), let at = url[start.upperBound...].lastIndex(of: "@"),
    let colon = url[start.upperBound..<at].firstIndex(of: ":")
  {
    url = url[...colon] + "•••" + url[at...]
  }
  guard let question = url.firstIndex(of: "?") else { return url }
  let parameters = url[url.index(after: question)...].split(separator: "&", omittingEmptySubsequences: false).map { parameter in
    let name = parameter.prefix { $0 != "=" }
    return name.lowercased().contains("pass") ? "\(name)=•••" : String(parameter)
  }
  return url[...question] + parameters.joined(separator: "&")
}

@Sendable private func isNetwork(_ text: String) -> Bool {
  let parts = text.split(separator: "/", omittingEmptySubsequences: false)
  var address4 = in_addr(), address6 = in6_addr()
  let bits: Int
  if inet_pton(AF_INET, String(parts[0]), &address4) == 1 {
    bits = 32
  } else if inet_pton(AF_INET6, String(parts[0]), &address6) == 1 {
    bits = 128
  } else {
    return false
  }
  if parts.count == 1 { return true }
  guard parts.count == 2, let prefix = Int(parts[1]) else { return false }
  return (0...bits).contains(prefix)
}

/// RFC 6454: scheme, host and port, nothing behind them.
@Sendable private func isOrigin(_ text: String) -> Bool {
  if text == "*" { return true }
  guard let url = URLComponents(string: text), url.scheme == "https" || url.scheme == "http", let host = url.host, !host.isEmpty
  else { return false }
  return url.path.isEmpty && url.query == nil && url.fragment == nil && url.user == nil
}
