import Foundation
import MartletSQL

extension PostgresConfiguration {
  /// A configuration from a URL of one host.
  /// - Throws: ``DatabaseError`` of kind `connection` where the URL cannot be read.
  public init(url: String) throws {
    guard let parts = URLComponents(string: url), parts.scheme == "postgres" || parts.scheme == "postgresql" else {
      throw DatabaseError(.connection, "the PostgreSQL URL cannot be read", hint: "postgres://user:password@host:5432/database")
    }
    let host = parts.host?.removingPercentEncoding ?? "127.0.0.1"
    self.init(
      hosts: [Host(host.isEmpty ? "127.0.0.1" : host, port: parts.port ?? 5432)], user: parts.user ?? NSUserName(),
      password: parts.password,
      database: String(parts.path.dropFirst()))
    for item in parts.queryItems ?? [] {
      switch (item.name, item.value) {
      case ("sslmode", let value?):
        guard let mode = SSLMode(rawValue: value) else { throw DatabaseError(.connection, "sslmode '\(value)' does not exist") }
        sslMode = mode
      case ("host", let value?): hosts = [Host(value, port: parts.port ?? 5432)]
      case ("sslrootcert", let value?): sslRootCertificate = value
      default: throw DatabaseError(.connection, "the PostgreSQL URL has the unknown parameter '\(item.name)'")
      }
    }
  }
}
