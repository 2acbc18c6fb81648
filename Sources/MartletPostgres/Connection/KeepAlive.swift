import NIOCore
import NIOPosix

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// TCP's own test of silent connections.
enum KeepAlive {
  static func apply(_ configuration: PostgresConfiguration, _ bootstrap: ClientBootstrap) -> ClientBootstrap {
    var bootstrap = bootstrap.channelOption(.socketOption(.so_keepalive), value: 1)
    func set(_ option: CInt, _ value: Int?) {
      guard let value, value > 0 else { return }
      bootstrap = bootstrap.channelOption(
        .tcpOption(NIOBSDSocket.Option(rawValue: option)), value: SocketOptionValue(clamping: value))
    }
    #if canImport(Glibc)
      set(TCP_KEEPIDLE, configuration.keepAliveIdle)
    #elseif canImport(Darwin)
      set(TCP_KEEPALIVE, configuration.keepAliveIdle)
    #endif
    set(TCP_KEEPINTVL, configuration.keepAliveInterval)
    set(TCP_KEEPCNT, configuration.keepAliveCount)
    return bootstrap
  }
}
