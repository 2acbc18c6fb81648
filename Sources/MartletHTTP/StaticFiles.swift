import NIOPosix

/// A folder whose files are served under a path.
///
/// ```swift
/// configuration.staticFiles = [StaticFiles(at: "static", directory: "public")]
/// ```
/// A file whose name holds a hash (`app.1f0e9a7c44d2.css`, as Django's `ManifestStaticFilesStorage` names them)
/// is cached for a year and never asked for again; others are asked for again by tag after
/// ``maxAge``. Hidden files, and links that lead out of the folder, are not found.
public struct StaticFiles: Sendable, Hashable {
  /// The path below which the files stand.
  public var path: String
  /// The folder.
  public var directory: String
  /// How long a browser may use a file without asking again.
  public var maxAge: Duration
  /// The file that stands for its folder; `nil` for none.
  public var index: String?

  /// A folder to serve.
  public init(at path: String, directory: String, maxAge: Duration = .seconds(60), index: String? = nil) {
    self.path = path
    self.directory = directory
    self.maxAge = maxAge
    self.index = index
  }
}

/// A folder that was checked and resolved.
struct StaticFolder: Sendable {
  private let prefix: [String]
  /// What every path of the folder begins with; empty beyond ASCII, where equal texts may have other bytes.
  private let pathPrefix: String
  private let root: String
  private let maxAge: Duration
  private let index: String?

  /// - Throws: ``HTTPError`` (`invalid-configuration`) where there is no such folder.
  init(_ files: StaticFiles) throws {
    guard let root = FileSystem.realPath(files.directory), FileSystem.facts(root)?.isDirectory == true else {
      throw HTTPError(
        .invalidConfiguration, "The static folder “\(files.directory)” is not there. Create it, or remove it from staticFiles.")
    }
    self.root = root
    prefix = files.path.split(separator: "/").map(String.init)
    let joined = prefix.map { "/" + $0 }.joined()
    pathPrefix = joined.utf8.allSatisfy { $0 < 128 } ? joined : ""
    maxAge = files.maxAge
    index = files.index
  }

  /// The file of a request, or `nil` where the path is not of this folder.
  ///
  /// - Throws: ``HTTPError``: 404 for a path of this folder without a file.
  func respond(to request: Request) async throws -> Response? {
    // Most requests are for something else: their paths need not be taken apart.
    guard request.method == .get || request.method == .head, request.path.utf8.starts(with: pathPrefix.utf8) else { return nil }
    let segments = request.segments
    guard segments.count >= prefix.count,
      Array(segments[..<prefix.count]) == prefix
    else { return nil }
    let rest = segments[prefix.count...]
    // A mount at the root shares its paths with the routes, so there a missing file is no answer.
    let missing: HTTPError? = prefix.isEmpty ? nil : .notFound("There is no file at “\(request.path.prefix(200))”.")
    guard rest.allSatisfy({ !$0.isEmpty && !$0.hasPrefix(".") && !$0.contains("/") }) else { return try missing.map { throw $0 } }
    let root = root, index = index
    let found = try await NIOThreadPool.singleton.runIfActive { StaticFolder.find(rest, in: root, index: index) }
    guard let (path, facts) = found else { return try missing.map { throw $0 } }
    var response = FileResponse(path: path, facts: facts).response(for: request)
    response.headers.setDefault(
      "Cache-Control",
      StaticFolder.isHashed(rest.last ?? "")
        ? "public, max-age=31536000, immutable" : "public, max-age=\(maxAge.components.seconds)")
    return response
  }

  private static func find(_ segments: ArraySlice<String>, in root: String, index: String?) -> (String, FileFacts)? {
    guard var path = FileSystem.realPath(root + "/" + segments.joined(separator: "/")), isInside(path, root),
      var facts = FileSystem.facts(path)
    else { return nil }
    if facts.isDirectory {
      guard let index, let inner = FileSystem.realPath(path + "/" + index), isInside(inner, root),
        let innerFacts = FileSystem.facts(inner)
      else { return nil }
      (path, facts) = (inner, innerFacts)
    }
    return facts.isRegular ? (path, facts) : nil
  }
  private static func isInside(_ path: String, _ root: String) -> Bool {
    path == root || path.hasPrefix(root == "/" ? "/" : root + "/")
  }

  /// `name.‹8 to 64 hexadecimal digits›.extension`, or with a dash before the digits.
  static func isHashed(_ name: String) -> Bool {
    let parts = name.split(separator: ".")
    guard parts.count >= 2 else { return false }
    let candidates = parts.count >= 3 ? parts[1..<(parts.count - 1)] : []
    let dashed = parts[0].lastIndex(of: "-").map { parts[0][parts[0].index(after: $0)...] }
    return (candidates + (dashed.map { [$0] } ?? [])).contains { part in
      (8...64).contains(part.utf8.count) && part.utf8.allSatisfy { PercentCoding.nibble($0) != nil }
        && part.utf8.contains { (48...57).contains($0) }
    }
  }
}
