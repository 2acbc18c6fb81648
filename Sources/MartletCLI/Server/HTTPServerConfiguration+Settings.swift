public import MartletCore
import MartletHTTP

extension HTTPServerConfiguration {
  /// How the settings say to serve.
  init(_ settings: Settings) {
    self.init()
    host = settings.host
    port = settings.port
    debug = settings.isDevelopment
    allowedHosts = settings.allowedHosts
    trustedProxies = settings.trustedProxies
    bodyLimits.memory = settings.maxBodySize.bytes
    bodyLimits.upload = max(settings.maxUploadSize.bytes, settings.maxBodySize.bytes)
    headerTimeout = settings.readTimeout
    bodyTimeout = settings.readTimeout
    idleTimeout = settings.idleTimeout
    shutdownGrace = settings.shutdownGrace
    accessLog = settings.logFormat == .json ? .json : .text
    securityHeaders.strictTransport = settings.hstsMaxAge
    if let folder = settings.staticRoot { staticFiles = [StaticFiles(at: "/static", directory: folder)] }
    if !settings.corsOrigins.isEmpty { cors = CORSPolicy(origins: settings.corsOrigins) }
  }
}

/// The slot of a request that holds the app's settings.
public enum SettingsContext: ContextKey {
  /// The settings.
  public typealias Value = Settings
}
