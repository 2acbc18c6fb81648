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

  var mediaType: String {
    switch self {
    case .json: "application/json"
    case .csv: "text/csv; charset=utf-8"
    case .ndjson: "application/x-ndjson"
    }
  }
}
