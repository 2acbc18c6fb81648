import Crypto
import Foundation
import MartletCore

/// What a connection becomes after its response.
package struct WebSocketUpgrade: Sendable {
  let options: WebSocketOptions
  let run: @Sendable (WebSocket) async throws -> Void
}

extension Response {
  /// The answer that turns the request's connection into a WebSocket: RFC 6455 §4.2.
  ///
  /// ```swift
  /// Get("chat") { request in
  ///   let room = try await room(of: request)
  ///   return try Response.webSocket(for: request) { socket in try await room.join(socket) }
  /// }
  /// ```
  /// - Throws: ``HTTPError``: 426 where the request does not ask for a WebSocket of version 13, 400 where it asks wrongly, 403
  ///   where it comes from the page of another origin.
  public static func webSocket(
    for request: Request, options: WebSocketOptions = WebSocketOptions(),
    handler: @escaping @Sendable (WebSocket) async throws -> Void
  ) throws -> Response {
    let headers = request.headers
    guard hasToken("websocket", headers["upgrade"]), hasToken("upgrade", headers["connection"]),
      headers["sec-websocket-version"]?.trimmed == "13"
    else {
      throw HTTPError(
        .upgradeRequired,
        "This is a WebSocket: connect with “Upgrade: websocket” and “Sec-WebSocket-Version: 13”, over HTTP/1.1.",
        headers: ["Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"])
    }
    guard request.method == .get, let key = headers["sec-websocket-key"]?.trimmed, Data(base64Encoded: key)?.count == 16 else {
      throw HTTPError.badRequest("A WebSocket is asked for by GET with a Sec-WebSocket-Key of 16 bytes in base64.")
    }
    try checkOrigin(request, options)
    var response = Response(status: 101, headers: ["Upgrade": "websocket", "Connection": "Upgrade"])
    response.headers["Sec-WebSocket-Accept"] = accept(key)
    let offered = headers.values(for: "sec-websocket-protocol").flatMap { $0.split(separator: ",").map { String($0).trimmed } }
    if let chosen = options.subprotocols.first(where: offered.contains) { response.headers["Sec-WebSocket-Protocol"] = chosen }
    response.upgrade = WebSocketUpgrade(options: options, run: handler)
    return response
  }

  private static func accept(_ key: String) -> String {
    let digest = Insecure.SHA1.hash(data: Data((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))
    return Data(digest).base64EncodedString()
  }

  private static func hasToken(_ token: String, _ field: String?) -> Bool {
    field?.split(separator: ",").contains { HeaderFields.equal(String($0).trimmed, token) } ?? false
  }

  /// Pages of other sites may open WebSockets, with the viewer's cookies: the same-origin policy does not hold for them.
  private static func checkOrigin(_ request: Request, _ options: WebSocketOptions) throws {
    guard let origin = request.headers["origin"], !options.allowedOrigins.contains("*"), !options.allowedOrigins.contains(origin)
    else { return }
    guard let host = request.host, HeaderFields.equal(origin, "\(request.scheme)://\(host)") else {
      throw HTTPError.forbidden(
        "Pages of \(origin.prefix(200)) may not connect here. Name the origin in WebSocketOptions.allowedOrigins to allow it.")
    }
  }
}
