public import Foundation
public import Logging

/// The settings of an app, read from the environment once, at the start, and checked all together.
///
/// ```swift
/// let settings = try Settings.load()
/// settings.port                                     // PORT, or 8000
/// try settings.value("STRIPE_KEY", as: String.self) // the app's own
/// ```
/// A file named `.env` in the working directory is read too; the real environment always wins.
public struct Settings: Sendable {
  /// `ENVIRONMENT`
  public var environment: RuntimeEnvironment
  /// `DATABASE_URL`
  public var databaseURL: String
  /// `DATABASE_REPLICA_URLS`
  public var databaseReplicaURLs: [String]
  /// `DATABASE_POOL_SIZE`
  public var databasePoolSize: Int?
  /// `DATABASE_ACQUIRE_TIMEOUT`
  public var databaseAcquireTimeout: Duration?
  /// `DATABASE_CONNECT_TIMEOUT`
  public var databaseConnectTimeout: Duration?
  /// `DATABASE_STATEMENT_TIMEOUT`
  public var databaseStatementTimeout: Duration?
  /// `SECRET_KEY`; in development one of the project's own, see ``DevelopmentSecret``.
  public var secretKey: String
  /// `SECRET_KEY_FALLBACKS`
  public var secretKeyFallbacks: [String]
  /// `ALLOWED_HOSTS`
  public var allowedHosts: [String]
  /// `HOST`
  public var host: String
  /// `PORT`
  public var port: Int
  /// `TLS_CERTIFICATE`
  public var tlsCertificate: String?
  /// `TLS_KEY`
  public var tlsKey: String?
  /// `ACCESS_LOG`
  public var accessLog: Bool
  /// `LOG_LEVEL`
  public var logLevel: Logger.Level
  /// `LOG_FORMAT`
  public var logFormat: LogFormat
  /// `TRUSTED_PROXIES`
  public var trustedProxies: [String]
  /// `CORS_ORIGINS`
  public var corsOrigins: [String]
  /// `SESSION_COOKIE_AGE`
  public var sessionCookieAge: Duration
  /// `MAX_BODY_SIZE`
  public var maxBodySize: ByteSize
  /// `MAX_UPLOAD_SIZE`
  public var maxUploadSize: ByteSize
  /// `READ_TIMEOUT`
  public var readTimeout: Duration
  /// `IDLE_TIMEOUT`
  public var idleTimeout: Duration
  /// `SHUTDOWN_GRACE`
  public var shutdownGrace: Duration
  /// `HSTS_MAX_AGE`
  public var hstsMaxAge: Duration?
  /// `STATIC_ROOT`
  public var staticRoot: String?
  /// `MEDIA_ROOT`
  public var mediaRoot: String?

  private let source: SettingsSource
  private let declared: [any DeclaredSetting]

  /// Whether the app runs on its developer's machine.
  public var isDevelopment: Bool { environment == .development }

  /// Reads and checks every setting.
  ///
  /// - Parameters:
  ///   - variables: The environment.
  ///   - directory: Where `.env` is looked for and where development keeps its secret key; `nil` leaves both out.
  ///   - declared: The app's own settings, checked together with the framework's.
  /// - Throws: ``SettingsError``, naming every setting that is wrong.
  public static func load(
    variables: [String: String] = ProcessInfo.processInfo.environment,
    directory: String? = FileManager.default.currentDirectoryPath, declared: [any DeclaredSetting] = []
  ) throws(SettingsError) -> Settings {
    var file: [String: String] = [:]
    if let path = directory.map({ $0 + "/.env" }), FileManager.default.fileExists(atPath: path) {
      do {
        file = DotEnvFile.variables(in: try String(contentsOfFile: path, encoding: .utf8))
      } catch { throw SettingsError(unreadable: path, error.localizedDescription) }
    }
    let source = try SettingsSource(variables: variables, file: file)
    let problems = (framework + declared).compactMap { $0.problem(in: source) } + missingHalf(source)
    guard problems.isEmpty else { throw SettingsError(problems) }
    return try Settings(source, declared: declared) { directory.flatMap(DevelopmentSecret.key) ?? DevelopmentSecret.make() }
  }

  /// Every value was found to be right before.
  private init(_ source: SettingsSource, declared: [any DeclaredSetting], developmentKey: () -> String) throws(SettingsError) {
    self.source = source
    self.declared = declared
    environment = source.environment
    databaseURL = try source.value(.databaseURL)
    databaseReplicaURLs = DatabaseURLs.joined(try source.value(.databaseReplicaURLs))
    databasePoolSize = try source.optional(.databasePoolSize)
    databaseAcquireTimeout = try source.optional(.databaseAcquireTimeout)
    databaseConnectTimeout = try source.optional(.databaseConnectTimeout)
    databaseStatementTimeout = try source.optional(.databaseStatementTimeout)
    secretKey = try source.optional(.secretKey) ?? developmentKey()
    secretKeyFallbacks = try source.value(.secretKeyFallbacks)
    allowedHosts = try source.value(.allowedHosts)
    host = try source.value(.host)
    port = try source.value(.port)
    tlsCertificate = try source.optional(.tlsCertificate)
    tlsKey = try source.optional(.tlsKey)
    accessLog = try source.value(.accessLog)
    logLevel = try source.value(.logLevel)
    logFormat = try source.value(.logFormat)
    trustedProxies = try source.value(.trustedProxies)
    corsOrigins = try source.value(.corsOrigins)
    sessionCookieAge = try source.value(.sessionCookieAge)
    maxBodySize = try source.value(.maxBodySize)
    maxUploadSize = try source.value(.maxUploadSize)
    readTimeout = try source.value(.readTimeout)
    idleTimeout = try source.value(.idleTimeout)
    shutdownGrace = try source.value(.shutdownGrace)
    hstsMaxAge = try source.optional(.hstsMaxAge)
    staticRoot = try source.optional(.staticRoot)
    mediaRoot = try source.optional(.mediaRoot)
  }

  /// A certificate without its key, or the other way round.
  private static func missingHalf(_ source: SettingsSource) -> [SettingsError.Problem] {
    let pair: [SettingKey<String>] = [.tlsCertificate, .tlsKey]
    let missing = pair.filter { source.text($0.name) == nil }
    return missing.count == 1 ? missing.map { $0.problem(given: nil) } : []
  }

  /// The framework's declarations, in the order of `check --settings`.
  static var framework: [any DeclaredSetting] {
    [
      SettingKey<RuntimeEnvironment>.environment, SettingKey<String>.secretKey, SettingKey<[String]>.secretKeyFallbacks,
      SettingKey<String>.databaseURL, SettingKey<[String]>.databaseReplicaURLs, SettingKey<Int>.databasePoolSize,
      SettingKey<Duration>.databaseAcquireTimeout, SettingKey<Duration>.databaseConnectTimeout,
      SettingKey<Duration>.databaseStatementTimeout, SettingKey<[String]>.allowedHosts, SettingKey<String>.host,
      SettingKey<Int>.port, SettingKey<String>.tlsCertificate, SettingKey<String>.tlsKey, SettingKey<Bool>.accessLog,
      SettingKey<Logger.Level>.logLevel, SettingKey<LogFormat>.logFormat, SettingKey<[String]>.trustedProxies,
      SettingKey<[String]>.corsOrigins, SettingKey<Duration>.sessionCookieAge, SettingKey<ByteSize>.maxBodySize,
      SettingKey<ByteSize>.maxUploadSize,
      SettingKey<Duration>.readTimeout, SettingKey<Duration>.idleTimeout, SettingKey<Duration>.shutdownGrace,
      SettingKey<Duration>.hstsMaxAge, SettingKey<String>.staticRoot, SettingKey<String>.mediaRoot,
    ]
  }

  /// The value of a setting, its default where it is not set.
  /// - Throws: ``SettingsError`` where it is neither set nor has a default, or has another form.
  public func value<Value>(_ key: SettingKey<Value>) throws(SettingsError) -> Value { try source.value(key) }

  /// The value of a setting, its default, or `nil` where it has neither.
  /// - Throws: ``SettingsError`` where it has another form, or is missing although it is required.
  public func optional<Value>(_ key: SettingKey<Value>) throws(SettingsError) -> Value? { try source.optional(key) }

  /// The value of a setting that is declared nowhere else, `nil` where it is not set.
  ///
  /// ```swift
  /// let key = try settings.value("STRIPE_KEY", as: String.self)
  /// ```
  /// - Note: The value never appears in error messages, because nothing says that it is no secret.
  /// - Throws: ``SettingsError`` where the text has another form.
  public func value<Value: SettingValue>(_ name: String, as type: Value.Type) throws(SettingsError) -> Value? {
    try source.optional(SettingKey<Value>(name, isSecret: true, help: ""))
  }

  /// What `check --settings` lists: the framework's settings, then the app's.
  public var report: [SettingReport] { (Settings.framework + declared).map { $0.report(from: source) } }
}

extension SettingsSource {
  func optional<Value>(_ key: SettingKey<Value>) throws(SettingsError) -> Value? {
    switch key.read(from: self) {
    case .success(let value): return value
    case .failure(let problem): throw SettingsError([problem])
    }
  }
  func value<Value>(_ key: SettingKey<Value>) throws(SettingsError) -> Value {
    guard let value = try optional(key) else { throw SettingsError([key.problem(given: nil)]) }
    return value
  }
}
