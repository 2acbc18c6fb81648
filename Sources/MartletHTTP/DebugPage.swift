import MartletCore

/// The page that shows a developer what went wrong. Never in production.
enum DebugPage {
  static func isWanted(by request: Request) -> Bool {
    request.headers["accept"]?.contains("text/html") == true
  }

  static func response(_ error: any Error, _ problem: ProblemDetails, _ request: Request) -> Response {
    var html = """
      <!doctype html><html lang="en"><head><meta charset="utf-8"><title>\(escape(problem.title))</title><style>
      body{font:16px/1.5 system-ui,sans-serif;margin:0;color:#222}header{background:#7a1f1f;color:#fff;padding:1.5rem 2rem}
      main{padding:1rem 2rem}pre,td{font:14px/1.5 ui-monospace,monospace;white-space:pre-wrap;word-break:break-word}
      th{text-align:left;vertical-align:top;padding-right:1rem}h1{margin:0;font-size:1.4rem}small{opacity:.8}
      </style></head><body><header><small>\(problem.status) · \(escape(request.method.name)) \(escape(request.path))</small>
      <h1>\(escape(String(describing: type(of: error))))</h1><pre>\(escape(String(describing: error)))</pre></header><main>
      """
    html += section(
      "Where", rows: [("route", request.lifetime.route?.description ?? "none"), ("request id", request.id)] + place(of: error))
    html += section("Error", text: dumped(error))
    html += section(
      "Request",
      rows: [
        ("target", request.target), ("peer", request.peer ?? "-"), ("viewer", request.lifetime.viewer ?? "anonymous"),
      ]
        + request.headers.map { ($0.name, isSecret($0.name) ? "…" : $0.value) })
    let statements = request[DebugTraceKey.self]?.lines ?? []
    html += section("SQL of this request (\(statements.count))", text: statements.joined(separator: "\n"))
    html += "<p>You see this page because debug is on. Switch it off in production.</p></main></body></html>"
    var response = Response.html(html, status: HTTPStatus(problem.status))
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    response.headers["Cache-Control"] = "no-store"
    return response
  }

  private static func isSecret(_ header: String) -> Bool {
    ["authorization", "cookie", "proxy-authorization", "x-csrftoken"].contains(header.lowercased())
  }
  private static func dumped(_ error: any Error) -> String {
    var text = ""
    dump(error, to: &text, maxDepth: 6, maxItems: 200)
    return text
  }
  /// File and line, where the error carries them in properties of those names.
  private static func place(of error: any Error) -> [(String, String)] {
    Mirror(reflecting: error).children.compactMap { child in
      guard let label = child.label, ["file", "line", "source", "location", "function"].contains(label) else { return nil }
      return (label, String(describing: child.value))
    }
  }
  private static func section(_ title: String, rows: [(String, String)]) -> String {
    "<h2>\(escape(title))</h2><table>"
      + rows.map { "<tr><th>\(escape($0.0))</th><td>\(escape($0.1))</td></tr>" }.joined() + "</table>"
  }
  private static func section(_ title: String, text: String) -> String { "<h2>\(escape(title))</h2><pre>\(escape(text))</pre>" }

  static func escape(_ text: String) -> String {
    var out = ""
    for character in text.unicodeScalars {
      switch character {
      case "&": out += "&amp;"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      case "\"": out += "&quot;"
      case "'": out += "&#x27;"
      default: out.unicodeScalars.append(character)
      }
    }
    return out
  }
}
