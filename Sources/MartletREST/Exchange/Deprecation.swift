public import Foundation
import MartletCore
public import MartletHTTP

/// From when on a route is deprecated, when it ends, and where to read about it.
struct Deprecation: Sendable, Hashable {
  var since: Date
  var sunset: Date?
  var link: String?

  /// The header fields that say so.
  var fields: [(name: String, value: String)] {
    // RFC 9745: a date of structured fields (RFC 9651 §3.3.7).
    var fields = [("Deprecation", "@\(Deprecation.seconds(since))")]
    // RFC 8594.
    if let sunset { fields.append(("Sunset", HTTPDate.text(secondsSince1970: Deprecation.seconds(sunset)))) }
    guard let link else { return fields }
    let target = String(
      link.unicodeScalars.filter { $0.value > 32 && $0 != "<" && $0 != ">" && $0.value != 127 }.map(Character.init))
    let relations = ["deprecation"] + (sunset == nil ? [] : ["sunset"])
    fields.append(("Link", relations.map { "<\(target)>; rel=\"\($0)\"" }.joined(separator: ", ")))
    return fields
  }

  private static func seconds(_ date: Date) -> Int { Int(date.timeIntervalSince1970.rounded(.down)) }

  func add(to headers: inout HeaderFields) {
    for field in fields {
      if field.name == "Link" { headers.append(field.name, field.value) } else { headers.setDefault(field.name, field.value) }
    }
  }

  /// The operation as deprecated, with the fields of its answers.
  func noted(_ operation: [JSONTree.Member]) -> [JSONTree.Member] {
    var headers: [JSONTree.Member] = [
      .init("Deprecation", ["description": "Since when the operation is deprecated (RFC 9745).", "schema": ["type": "string"]])
    ]
    if sunset != nil {
      headers.append(.init("Sunset", ["description": "When the operation ends (RFC 8594).", "schema": ["type": "string"]]))
    }
    if link != nil {
      headers.append(.init("Link", ["description": "Where to read about it.", "schema": ["type": "string"]]))
    }
    return operation.map { member in
      guard member.name == "responses", case .object(let answers) = member.value else { return member }
      return .init(
        member.name,
        .object(
          answers.map { answer in
            guard answer.value["$ref"] == nil else { return answer }
            let present = answer.value["headers"] ?? .object([])
            return .init(answer.name, answer.value.adding("headers", headers.reduce(present) { $0.adding($1.name, $1.value) }))
          }))
    } + [.init("deprecated", true)]
  }

  /// RFC 8594 with RFC 9745 §4: nothing ends before it is deprecated.
  static func mistakes(_ routes: [RouteDescription]) -> [CheckMessage] {
    routes.compactMap { route in
      guard let deprecation = (route.metadata[RouteNotes.key] as? RouteNotes)?.deprecation, let sunset = deprecation.sunset,
        sunset < deprecation.since
      else { return nil }
      return CheckMessage(
        "rest.E022", .error, "\(route.method) \(route.path) ends before it is deprecated.",
        hint: "Let sunset: be later than since:.", object: route.source.description)
    }
  }
}

private struct DeprecationMiddleware: Middleware {
  let deprecation: Deprecation

  func handle(_ request: Request, next: RequestHandler) async throws -> Response {
    do {
      var response = try await next(request)
      deprecation.add(to: &response.headers)
      return response
    } catch { throw AnnotatedFailure.changing(error) { deprecation.add(to: &$0) } }
  }
}

extension RouteComponent {
  /// Tells clients that the routes are deprecated, and when they end: `Deprecation` (RFC 9745), `Sunset` (RFC 8594), `Link`.
  ///
  /// ```swift
  /// REST("api/v1") { … }.deprecated(since: march, sunset: september, link: "https://example.com/api/v2")
  /// ```
  /// The API's document marks them as deprecated. They go on to work after the sunset: taking them away is the app's act.
  ///
  /// - Parameters:
  ///   - since: From when on; a date in the future announces it.
  ///   - sunset: When the routes end.
  ///   - link: A page that says what to use instead.
  public func deprecated(since: Date, sunset: Date? = nil, link: String? = nil) -> RouteList {
    let deprecation = Deprecation(since: since, sunset: sunset, link: link)
    return RouteList(
      noting { $0.deprecation = deprecation }.middleware(DeprecationMiddleware(deprecation: deprecation)).descriptions)
  }
}
