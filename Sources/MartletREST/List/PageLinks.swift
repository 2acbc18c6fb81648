import MartletHTTP

/// The addresses of other pages of a list: absolute, as Django REST framework gives them, with the same filters.
struct PageLinks {
  let base: String
  private let rest: String

  /// - Parameter paging: The parameters that choose the page; they are left out of the addresses.
  init(_ request: Request, without paging: [String]) {
    let path = request.target.prefix { $0 != "?" }
    let origin = request.host.map { "\(request.scheme)://\($0)" } ?? ""
    // A target in absolute form holds the origin already.
    base = path.hasPrefix("/") ? origin + path : String(path)
    rest = request.queryString.split(separator: "&")
      .filter { part in !paging.contains { part == $0 || part.hasPrefix($0 + "=") } }.joined(separator: "&")
  }

  /// The address with a parameter; without it where there is no value.
  func url(_ name: String, _ value: String?) -> String {
    let query = [rest, value.map { "\(name)=\($0)" } ?? ""].filter { !$0.isEmpty }.joined(separator: "&")
    return query.isEmpty ? base : base + "?" + query
  }
}
