import MartletHTTP

/// The form in which a list is sent.
enum ListFormat: String, CaseIterable {
  case json, csv, ndjson

  /// The format of `?format=`.
  init(parameter text: String) throws(InputFault) {
    guard let format = ListFormat(rawValue: text) else {
      throw InputFault(
        "invalid_choice",
        "“\(text.prefix(40))” is no format. Allowed: \(ListFormat.allCases.map(\.rawValue).joined(separator: ", ")).")
    }
    self = format
  }

  /// The format that the request's Accept field likes best.
  /// - Throws: ``HTTPError`` (406) where it accepts none.
  static func accepted(by request: Request, isExportable: Bool) throws -> ListFormat {
    let offered = isExportable ? allCases : [.json]
    let type = try ContentNegotiation(offered.map(\.essence)).choice(for: request)
    return offered.first { $0.essence == type } ?? .json
  }

  private var essence: String {
    switch self {
    case .json: "application/json"
    case .csv: "text/csv"
    case .ndjson: "application/x-ndjson"
    }
  }
  var mediaType: String {
    switch self {
    case .json: "application/json"
    case .csv: "text/csv; charset=utf-8"
    case .ndjson: "application/x-ndjson"
    }
  }
}
