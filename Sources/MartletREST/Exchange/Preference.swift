import MartletHTTP

/// What a client would like besides what it asks: the `Prefer` field, RFC 7240.
struct Preference: Sendable, Hashable {
  /// What the answer to a write holds.
  enum Returned: String, Sendable { case minimal, representation }
  /// `return=minimal` or `return=representation`; `nil` for neither.
  let returned: Returned?

  init(_ request: Request) {
    // The first of several counts (§2); what is not known is passed over.
    let wish = (request.headers["prefer"] ?? "").split(separator: ",").lazy.compactMap { part -> String? in
      let halves = part.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1).map { text in
        text.filter { $0 != " " && $0 != "\t" && $0 != "\"" }.lowercased()
      }
      return halves.count == 2 && halves[0] == "return" ? halves[1] : nil
    }.first
    returned = wish.flatMap(Returned.init(rawValue:))
  }
}
