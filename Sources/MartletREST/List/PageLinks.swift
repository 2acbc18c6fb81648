import MartletHTTP

/// The addresses of the pages before and after: absolute, as Django REST framework gives them, with the same filters.
struct PageLinks {
  let base: String
  private let rest: String

  init(_ request: Request) {
    let path = request.target.prefix { $0 != "?" }
    let origin = request.host.map { "\(request.scheme)://\($0)" } ?? ""
    // A target in absolute form holds the origin already.
    base = path.hasPrefix("/") ? origin + path : String(path)
    rest = request.queryString.split(separator: "&").filter { $0 != "page" && !$0.hasPrefix("page=") }.joined(separator: "&")
  }

  /// The first page goes without its number.
  func url(page: Int) -> String {
    let query = [rest, page > 1 ? "page=\(page)" : ""].filter { !$0.isEmpty }.joined(separator: "&")
    return query.isEmpty ? base : base + "?" + query
  }
}
