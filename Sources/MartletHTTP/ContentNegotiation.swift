/// One range of an `Accept` field with its weight: RFC 9110 §12.5.1.
package struct MediaRange: Sendable, Hashable {
  /// `application/json`, `text/*` or `*/*`, in lower case.
  package let essence: String
  /// The parameters before the weight, names in lower case.
  package let parameters: [String: String]
  /// From 0 (not at all) to 1.
  package let quality: Double

  /// A range as it stands in a field; `nil` where it is none.
  package init?(_ text: some StringProtocol) {
    // `*` alone is what some clients write for `*/*`.
    let text = text.trimmed
    guard let type = MediaType(text == "*" || text.hasPrefix("*;") ? "*/*" + text.dropFirst() : text) else { return nil }
    guard type.essence == "*/*" || !type.essence.hasPrefix("*/") else { return nil }
    essence = type.essence
    var parameters = type.parameters
    let weight = parameters.removeValue(forKey: "q").map { Double($0) ?? 0 } ?? 1
    quality = weight.isFinite ? min(max(weight, 0), 1) : 0
    self.parameters = parameters
  }

  /// The ranges of an `Accept` field, in order; what is no range is passed over.
  package static func list(_ field: String) -> [MediaRange] {
    // Commas inside of quotes belong to a parameter.
    var ranges: [MediaRange] = [], start = field.startIndex, quoted = false
    for index in field.indices {
      if field[index] == "\"" { quoted.toggle() }
      guard field[index] == ",", !quoted else { continue }
      if let range = MediaRange(field[start..<index]) { ranges.append(range) }
      start = field.index(after: index)
    }
    if let range = MediaRange(field[start...]) { ranges.append(range) }
    return ranges
  }

  /// How exactly the range names a media type: 3 by its name, 2 by `type/*`, 1 by `*/*`; `nil` where it does not.
  ///
  /// Parameters other than the weight do not count: `application/json; version=2` is JSON.
  package func precision(for type: String) -> Int? {
    if essence == type { return 3 }
    if essence == "*/*" { return 1 }
    return essence.hasSuffix("/*") && type.hasPrefix(essence.dropLast()) ? 2 : nil
  }
}

/// Which of the media types that a server offers a client gets: RFC 9110 §12.5.1.
///
/// ```swift
/// let type = try ContentNegotiation("application/json", "text/csv").choice(for: request)
/// ```
package struct ContentNegotiation: Sendable, Hashable {
  /// The media types, the preferred first.
  package let offered: [String]

  /// No choice: JSON.
  package static let json = ContentNegotiation("application/json")

  /// A choice among these types; the first is what a client without wishes gets.
  package init(_ offered: String...) { self.offered = offered }
  /// A choice among these types.
  package init(_ offered: [String]) { self.offered = offered }

  /// The type that an `Accept` field likes best, `nil` where it accepts none. Of equals the one offered first.
  ///
  /// No field, an empty one, and one without a single valid range accept everything.
  package func choice(forAccept field: String?) -> String? {
    guard let field else { return offered.first }
    if field == "*/*" || field == offered.first { return offered.first }
    let ranges = MediaRange.list(field)
    guard !ranges.isEmpty else { return offered.first }
    var best: (type: String, quality: Double)?
    for type in offered {
      let matches = ranges.compactMap { range in range.precision(for: type).map { (precision: $0, quality: range.quality) } }
      // The most precise range decides, even where it says 0 and another would allow it.
      guard let most = matches.map(\.precision).max() else { continue }
      let quality = matches.filter { $0.precision == most }.map(\.quality).max() ?? 0
      if quality > 0, quality > best?.quality ?? 0 { best = (type, quality) }
    }
    return best?.type
  }

  /// The type that a request likes best.
  ///
  /// - Throws: ``HTTPError`` (406, `not-acceptable`), which names what is offered.
  package func choice(for request: Request) throws -> String {
    if let type = choice(forAccept: request.headers["accept"]) { return type }
    throw HTTPError(.notAcceptable, "This is offered as \(offered.joined(separator: ", ")), which “Accept” does not allow.")
  }
}
