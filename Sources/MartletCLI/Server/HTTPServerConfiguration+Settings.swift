package import MartletCore
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
    accessLog = !settings.accessLog ? .off : settings.logFormat == .json ? .json : .text
    if let certificate = settings.tlsCertificate, let key = settings.tlsKey {
      tls = TLSFiles(certificate: certificate, key: key)
    }
    securityHeaders.strictTransport = settings.hstsMaxAge
    if let folder = settings.staticRoot { staticFiles = [StaticFiles(at: "/static", directory: folder)] }
    if !settings.corsOrigins.isEmpty { cors = CORSPolicy(origins: settings.corsOrigins) }
  }
}

/// The slot of a request that holds the app's settings.
package enum SettingsContext: ContextKey {
  /// The settings.
  package typealias Value = SharedSettings
}

/// Settings by reference: to put the struct with its many texts into every request's context would cost an
/// allocation and a reference count for each of them.
package final class SharedSettings: Sendable {
  /// The settings.
  package let value: Settings
  /// Shares settings.
  package init(_ value: Settings) { self.value = value }
}
