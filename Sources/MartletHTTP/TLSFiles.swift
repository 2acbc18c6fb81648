/// The certificate and the private key that a server shows, as PEM files.
///
/// ```swift
/// configuration.tls = TLSFiles(certificate: "/etc/letsencrypt/live/example.com/fullchain.pem",
///                              key: "/etc/letsencrypt/live/example.com/privkey.pem")
/// ```
/// Files that change are read again within seconds: a renewed certificate needs no restart. Where they do not fit together,
/// the server keeps those it has and logs why.
public struct TLSFiles: Sendable, Hashable {
  /// The certificate, followed by those of the authorities between it and the root.
  public var certificate: String
  /// The private key of the certificate.
  public var key: String

  /// A certificate and its key.
  public init(certificate: String, key: String) {
    self.certificate = certificate
    self.key = key
  }
}

/// The limits of HTTP/2 connections: RFC 9113. HTTP/2 is offered to every client of a server with ``TLSFiles``.
public struct HTTP2Limits: Sendable, Hashable {
  /// The most requests that a client may have open on a connection.
  public var concurrentStreams = 100
  /// How old a connection may become before its client is asked to open another, so that clients spread over new servers.
  public var maximumAge: Duration? = .seconds(3600)
  /// How many requests a client may reset in ``resetWindow``; more end the connection (CVE-2023-44487, "rapid reset").
  public var resets = 200
  /// The time in which ``resets`` are counted.
  public var resetWindow: Duration = .seconds(30)

  /// The defaults.
  public init() {}
}
