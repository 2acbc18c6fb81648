import MartletHTTP
import MartletORM
import MartletSQL

/// What stands for files in the JSON of rows: the path of the file under that of its row, never where it is stored.
struct FileLinks: Sendable {
  /// The path of the rows' resource.
  private let base: String
  private let segments: [Int: String]

  /// - Parameter prefix: The path under which the API's resources stand.
  init(_ shape: ResourceShape, under prefix: String) {
    base = prefix + shape.path
    segments = Dictionary(shape.exchange.files.map { ($0.index, $0.segment) }) { $1 }
  }

  /// The value that is shown for a file column.
  func value(_ value: SQLValue, _ index: Int, key: String) -> SQLValue {
    // Without a path of its own the file is nobody's to see.
    guard let segment = segments[index], case .text(let path) = value, !path.isEmpty else { return .null }
    return .text("\(base)/\(PercentCoding.encode(key))/\(segment)")
  }

  /// Whether the input repeats what a row shows for a file column, wherever the API stands.
  func shows<M: Model>(_ input: JSONTree, of row: M, _ index: Int) -> Bool {
    switch (value(row.columnValue(at: index), index, key: row.id.description), input) {
    case (.text(let link), .string(let text)): text.hasSuffix(link)
    case (.null, .null): true
    default: false
    }
  }
}

extension Request {
  /// The path under which the API of a resource stands, as the client wrote it: that of the request up to the resource's own.
  func path(above shape: ResourceShape) -> String {
    let template = (route ?? "").split(separator: "/")
    let below = template.lastIndex(of: "{id}").map { template.count - $0 } ?? 0
    let path = target.prefix { $0 != "?" }.split(separator: "/", omittingEmptySubsequences: false)
    let whole = path.last == "" ? path.dropLast() : path[...]
    let own = shape.path.split(separator: "/").count
    return whole.dropLast(below + own).joined(separator: "/") + "/"
  }
}
