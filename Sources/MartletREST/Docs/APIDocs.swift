public import MartletHTTP
import Synchronization

/// A page to read the API and to try calls, and the OpenAPI document it shows.
///
/// ```swift
/// var routes: some Routes {
///   REST("api/v1") { Resource(Post.self) }
///   APIDocs("docs", info: OpenAPIInfo(title: "Blog"))      // /docs and /openapi.json
/// }
/// ```
/// The page is Martlet's own: no other host is asked, it works offline, and no script stands in the HTML, so that the
/// default `Content-Security-Policy` holds. Of an API with ``Versions`` the document is the default version's;
/// `/openapi.json?version=1` is another's.
public struct APIDocs: RouteComponent {
  private let path: String
  private let document: String
  private let info: OpenAPIInfo
  private let source: RouteSource

  /// The page and the document.
  ///
  /// - Parameters:
  ///   - path: Where the page is.
  ///   - document: Where the document is.
  ///   - info: What is said of the API as a whole.
  public init(
    _ path: String = "docs", document: String = "openapi.json", info: OpenAPIInfo, file: String = #fileID, line: Int = #line
  ) {
    self.path = path
    self.document = document
    self.info = info
    source = RouteSource(file: file, line: line)
  }

  /// The page, its style, its script, and the document.
  public var descriptions: [RouteDescription] {
    let path = path, document = document, title = info.title
    let style = Self.asset("text/css", DocsStyle.text), script = Self.asset("text/javascript", DocsScript.text)
    return [
      route(path, name: "api-docs") { request in
        let base = String((request.route ?? "/" + path).dropLast(path.count))
        return Response.html(DocsPage.html(title: title, page: base + path, document: base + document))
          .setting("Cache-Control", "no-cache")
      },
      route(path + "/style.css") { _ in style },
      route(path + "/app.js") { _ in script },
      documentRoute,
    ]
  }

  private var documentRoute: RouteDescription {
    let info = info
    var route = route(document, name: "openapi") { _ in Response(status: .notFound) }
    // All routes are known only when the router is made.
    route.bind = { routes in
      let answers = DocumentAnswers(routes: routes, info: info)
      return { request in
        let version = try request.query.value("version", as: String.self)
        return try await offload { try answers.response(version) }
      }
    }
    return route
  }

  private func route(_ path: String, name: String? = nil, handler: @escaping RequestHandler) -> RouteDescription {
    RouteDescription(.get, path, name: name, operation: APIDocsOperation(info: info), source: source, handler: handler)
  }
  private static func asset(_ type: String, _ text: String) -> Response {
    Response(headers: ["Content-Type": type + "; charset=utf-8", "Cache-Control": "no-cache"], body: .text(text))
  }
}

/// The document of each version, made when it is first asked for: it takes longer than all else that an application does at
/// its start, and most processes never serve it.
private final class DocumentAnswers: Sendable {
  private let routes: [RouteDescription]
  private let info: OpenAPIInfo
  private let versions: Set<String>
  private let made = Mutex<[String?: Response]>([:])

  init(routes: [RouteDescription], info: OpenAPIInfo) {
    self.routes = routes
    self.info = info
    versions = Set(routes.flatMap { $0.versions?.choice.names ?? [] })
  }

  func response(_ version: String?) throws -> Response {
    if let version, !versions.contains(version) {
      throw HTTPError.notFound("There is no version “\(version.prefix(40))”.")
    }
    return made.withLock { made in
      if let response = made[version] { return response }
      let response = Response.json(bytes: Array(OpenAPIDocument(RouteList(routes), info: info, version: version).text.utf8))
        .setting("Cache-Control", "no-cache")
      made[version] = response
      return response
    }
  }
}

/// The page's HTML: no script and no style of its own.
enum DocsPage {
  static func html(title: String, page: String, document: String) -> String {
    """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta name="openapi" content="\(escaped(document))">
    <title>\(escaped(title))</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="\(escaped(page))/style.css">
    <script src="\(escaped(page))/app.js" defer></script>
    </head>
    <body>
    <a class="skip" href="#main">Skip to the operation</a>
    <header>
    <h1><a href="#/">\(escaped(title))</a></h1>
    <input id="search" type="search" placeholder="Search  ( / )" aria-label="Search operations" autocomplete="off" spellcheck="false">
    <button id="credentials" type="button" aria-expanded="false" aria-controls="keys">Credentials</button>
    <button id="theme" type="button">◐</button>
    <details id="help"><summary aria-label="Keys" title="Keys">?</summary><dl>
    <dt><kbd>/</kbd></dt><dd>search</dd><dt><kbd>j</kbd> <kbd>k</kbd></dt><dd>next, previous operation</dd>
    <dt><kbd>Enter</kbd></dt><dd>open it</dd><dt><kbd>Ctrl</kbd> <kbd>Enter</kbd></dt><dd>send the call</dd>
    <dt><kbd>c</kbd></dt><dd>credentials</dd><dt><kbd>t</kbd></dt><dd>light, dark</dd>
    <dt><kbd>Esc</kbd></dt><dd>back to the page</dd></dl></details>
    </header>
    <section id="keys" hidden aria-label="Credentials"></section>
    <div id="frame">
    <nav id="nav" aria-label="Operations"></nav>
    <main id="main" tabindex="-1"><noscript>This page needs JavaScript. The document is at <a href="\(escaped(document))">\(escaped(document))</a>.</noscript></main>
    </div>
    </body>
    </html>

    """
  }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.append(character)
      }
    }
    return result
  }
}
