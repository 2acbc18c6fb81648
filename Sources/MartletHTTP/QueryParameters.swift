import MartletCore

/// The parameters of a query string, by name, with typed and checked access.
///
/// ```swift
/// let limit = try request.query.value("limit", as: Int.self, default: 20, in: 1...100)
/// let tags = request.query.all("tag")
/// ```
public struct QueryParameters: Sendable, Hashable {
  /// One parameter.
  public struct Item: Sendable, Hashable {
    /// The decoded name.
    public let name: String
    /// The decoded value; empty where there was none.
    public let value: String

    /// A parameter.
    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  /// Every parameter in the order sent.
  public let items: [Item]
  /// The names whose escapes could not be decoded.
  let malformed: [String]

  /// The parameters of a query string without its `?`: `application/x-www-form-urlencoded`.
  public init(_ text: some StringProtocol) {
    var items: [Item] = [], malformed: [String] = []
    for part in text.split(separator: "&") {
      let equals = part.firstIndex(of: "=")
      let rawName = equals.map { part[..<$0] } ?? part[...]
      let rawValue = equals.map { part[part.index(after: $0)...] } ?? part[part.endIndex...]
      if let name = PercentCoding.decode(rawName, plusIsSpace: true),
        let value = PercentCoding.decode(rawValue, plusIsSpace: true)
      {
        items.append(Item(name: name, value: value))
      } else {
        malformed.append(String(rawName))
      }
    }
    self.items = items
    self.malformed = malformed
  }
  /// The parameters given.
  public init(items: [Item]) {
    self.items = items
    malformed = []
  }

  /// The names in the order sent, each once.
  public var names: [String] {
    var seen = Set<String>()
    return items.compactMap { seen.insert($0.name).inserted ? $0.name : nil }
  }

  /// The last value of a parameter, as in Django's `QueryDict`.
  public subscript(_ name: String) -> String? { items.last { $0.name == name }?.value }
  /// Every value of a parameter in the order sent.
  public func all(_ name: String) -> [String] { items.filter { $0.name == name }.map(\.value) }

  /// A parameter as a type, `nil` where it is not there.
  ///
  /// - Throws: ``HTTPError`` (400, `invalid-parameter`) naming the parameter, where its text is no such value.
  public func value<T: PathParameter>(_ name: String, as type: T.Type) throws -> T? {
    try check()
    guard let text = self[name] else { return nil }
    guard let value = T(pathParameter: text) else {
      throw QueryParameters.invalid(name, code: "invalid", "“\(text.prefix(80))” is not \(T.parameterDescription).")
    }
    return value
  }

  /// A parameter as a type, with a default and, where given, the bounds it must keep.
  ///
  /// - Throws: ``HTTPError`` (400, `invalid-parameter`) naming the parameter.
  public func value<T: PathParameter & Comparable>(
    _ name: String, as type: T.Type, default fallback: T, in bounds: ClosedRange<T>? = nil
  ) throws -> T {
    guard let value = try value(name, as: type) else { return fallback }
    if let bounds, !bounds.contains(value) {
      let code = value < bounds.lowerBound ? "min_value" : "max_value"
      throw QueryParameters.invalid(name, code: code, "\(value) is not between \(bounds.lowerBound) and \(bounds.upperBound).")
    }
    return value
  }

  /// Fails where an escape of the query string could not be decoded.
  func check() throws {
    if let name = malformed.first {
      throw QueryParameters.invalid(String(name.prefix(80)), code: "invalid", "The percent-encoding is not valid UTF-8.")
    }
  }

  static func invalid(_ name: String, code: String, _ message: String) -> HTTPError {
    HTTPError(
      .invalidParameter, "The query parameter “\(name)” is not valid: \(message)", errors: [FieldError(name, code: code, message)]
    )
  }
}
