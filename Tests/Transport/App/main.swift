import Foundation
import Logging
import MartletCore
import MartletHTTP
import ServiceLifecycle
import UnixSignals

// The server of Tests/Transport/run.py: what a transport has to carry, and nothing else.
//
//     transport-app <port> [<certificate> <key>]

let routes = Group {
  Get("a") { request in "\(request.scheme) \(request.headers["x-echo"] ?? "-")" }
  Post("echo") { request in Response(body: .bytes(try await request.body.collect(64 << 20))) }
  Post("count") { request in
    var count = 0
    for try await chunk in request.body { count += chunk.count }
    return String(count)
  }
  Post("ignore") { _ in "ignored" }
  Get("stream/{pieces}") { (_, pieces: Int) in
    Response(body: .stream { writer in for _ in 0..<pieces { try await writer.write([UInt8](repeating: 120, count: 65_536)) } })
  }
  Get("bytes/{count}") { (_, count: Int) in Response(body: .bytes([UInt8](repeating: 120, count: count))) }
  Get("wait/{ms}") { (_, ms: Int) in
    try await Task.sleep(for: .milliseconds(ms))
    return "waited"
  }
  WebSocketRoute("echo") { socket, _ in
    for try await message in socket {
      switch message {
      case .text(let text): try await socket.send(text)
      case .binary(let bytes): try await socket.send(bytes)
      }
    }
  }
}

let arguments = CommandLine.arguments
guard arguments.count == 2 || arguments.count == 4, let port = Int(arguments[1]) else {
  print("usage: transport-app <port> [<certificate> <key>]")
  exit(64)
}
var configuration = HTTPServerConfiguration()
configuration.port = port
configuration.allowedHosts = ["*"]
configuration.accessLog = .off
configuration.headerTimeout = .seconds(2)
configuration.bodyTimeout = .seconds(2)
configuration.bodyLimits.memory = 64 << 20
if arguments.count == 4 { configuration.tls = TLSFiles(certificate: arguments[2], key: arguments[3]) }
signal(SIGPIPE, SIG_IGN)
var logger = Logger(label: "transport")
logger.logLevel = .warning
let server = try HTTPServer(router: Router(routes), configuration: configuration, logger: logger)
try await ServiceGroup(services: [server], gracefulShutdownSignals: [.sigterm], logger: logger).run()
