import MartletHTTP

/// What a client would like besides what it asks: the `Prefer` field, RFC 7240.
struct Preference: Sendable, Hashable {
  /// What the answer to a write holds.
  enum Returned: String, Sendable { case minimal, representation }
  /// `return=minimal` or `return=representation`; `nil` for neither.
  let returned: Returned?

  /// Whether of many rows those are to be written that can be: `handling=lenient` (§4.4).
  let isLenient: Bool

  init(_ request: Request) {
    var wishes: [String: String] = [:]
    for part in (request.headers["prefer"] ?? "").split(separator: ",") {
      let halves = part.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1).map { text in
        text.filter { $0 != " " && $0 != "\t" && $0 != "\"" }.lowercased()
      }
      // The first of several counts (§2); what is not known is passed over.
      if halves.count == 2, wishes[halves[0]] == nil { wishes[halves[0]] = halves[1] }
    }
    returned = wishes["return"].flatMap(Returned.init(rawValue:))
    isLenient = wishes["handling"] == "lenient"
  }
}
