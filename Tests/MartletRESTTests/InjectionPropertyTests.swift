import Foundation
import MartletCore
import MartletHTTP
import MartletORM
import MartletREST
import MartletSQL
import TestDatabases
import Testing

/// Texts from outside through every part of a request from which a resource makes SQL.
///
/// A new parameter gets a line in ``targets``.
@Suite("SQL injection through requests", .serialized) struct InjectionPropertyTests {
  private static let targets: [(name: String, target: @Sendable (String) -> String)] = [
    ("a filter's value", { "/api/articles?title=\($0)" }), ("a filter of a number", { "/api/articles?views=\($0)" }),
    ("a filter of a key", { "/api/articles?id=\($0)" }), ("a filter of a moment", { "/api/articles?publishedAt=\($0)" }),
    ("a filter of an enum", { "/api/articles?status=\($0)" }),
    ("a filter across a relation", { "/api/articles?author.name=\($0)" }),
    ("a filter's name", { "/api/articles?\($0)=1" }), ("a filter's path", { "/api/articles?author.\($0)=1" }),
    ("a filter's operator", { "/api/articles?title__\($0)=1&title.\($0)=1" }), ("ordering", { "/api/articles?ordering=\($0)" }),
    ("a filter of several texts", { "/api/articles?title[in]=\($0)" }),
    ("a filter of quoted texts", { "/api/articles?title[in]=%22\($0)%22" }),
    ("how a text begins", { "/api/articles?title[istartswith]=\($0)" }),
    ("how a text ends", { "/api/articles?title[iendswith]=\($0)" }), ("a range", { "/api/articles?title[range]=\($0),\($0)" }),
    ("a part of a moment", { "/api/articles?published_at[year.gte]=\($0)" }),
    ("a part's name", { "/api/articles?published_at[\($0)]=1" }), ("a combination", { "/api/articles?or=\($0)" }),
    ("a combination's name", { "/api/articles?and=(\($0)=1)" }), ("a combination's value", { "/api/articles?not=(title=\($0))" }),
    ("a combination's quoted value", { "/api/articles?or=(title=%22\($0)%22,title[in]=(\($0)))" }),
    ("descending", { "/api/articles?ordering=-\($0)" }), ("ordering by a path", { "/api/articles?ordering=author.\($0)" }),
    ("page", { "/api/articles?page=\($0)" }), ("page_size", { "/api/articles?page_size=\($0)" }),
    ("fields", { "/api/articles?fields=\($0)" }), ("search", { "/api/articles?search=\($0)" }),
    ("a key", { "/api/articles/\($0)" }), ("a key of text", { "/api/countries/\($0)" }), ("a resource", { "/api/\($0)" }),
  ]

  @Test("every parameter of a request is bound or refused", arguments: TestDatabaseKind.allCases)
  func parameters(_ kind: TestDatabaseKind) async throws {
    try await EveryDatabase.$kind.withValue(kind) {
      let api = try await API.blog(), sample = try await Sample(api)
      let canary = try await Canary(api.db), rows = try await Article.query.count(api.db)
      for (name, target) in Self.targets {
        for (place, text) in HostileText.all.enumerated() {
          let escaped = text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
          let answer = try await api.get(target(escaped), as: sample.root), shown = String(reflecting: text.prefix(40))
          #expect(answer.status < 500, "\(name) \(shown): \(answer.status) \(answer.text.prefix(200))")
          #expect(!answer.text.contains("alive"), "\(name) \(shown)")
          if name == "a filter's value" || name == "a filter across a relation", answer.status == 200 {
            #expect(answer.results.isEmpty, "\(name) \(shown): \(answer.results.count) rows")
          }
          guard place % 32 == 31 || place == HostileText.all.count - 1 else { continue }
          if let damage = try await canary.damage() {
            Issue.record("\(name) \(shown): \(damage)")
            return
          }
        }
      }
      #expect(try await Article.query.count(api.db) == rows)
    }
  }

  @Test("every text in a body is stored as it is, or refused", arguments: TestDatabaseKind.allCases)
  func bodies(_ kind: TestDatabaseKind) async throws {
    try await EveryDatabase.$kind.withValue(kind) {
      let api = try await API.blog(), sample = try await Sample(api)
      let canary = try await Canary(api.db)
      for text in HostileText.all {
        let json = String(decoding: try JSONEncoder().encode(text), as: UTF8.self), shown = String(reflecting: text.prefix(40))
        let slug = "s\(UUID().uuidString)"
        let body = "{\"title\": \"t\", \"slug\": \"\(slug)\", \"body\": \(json), \"author\": \(sample.ann.id.raw ?? 0)}"
        let answer = try await api.send(.post, "/api/articles", body, as: sample.asAnn)
        #expect([201, 422].contains(answer.status), "\(shown): \(answer.text.prefix(200))")
        if answer.status == 201 {
          let stored = try await Article.filter { $0.slug == slug }.one(api.db).body
          #expect(
            stored.utf8.elementsEqual(text.utf8) || stored == text.trimmingCharacters(in: .whitespacesAndNewlines), "\(shown)")
        }
        let named = try await api.send(.post, "/api/articles", "{\(json): 1}", as: sample.asAnn)
        #expect((400..<500).contains(named.status), "\(shown): \(named.status)")
        if let damage = try await canary.damage() {
          Issue.record("\(shown): \(damage)")
          return
        }
      }
    }
  }
}
