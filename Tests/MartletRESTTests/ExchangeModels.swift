import Foundation
import MartletCore
import MartletHTTP
import MartletORM
import MartletREST
import MartletSQL

/// Any JSON, as a column.
enum AnyJSON: Codable, Hashable, Sendable {
  case null
  case bool(Bool)
  case int(Int)
  case number(Double)
  case text(String)
  case list([AnyJSON])
  case object([String: AnyJSON])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Int.self) {
      self = .int(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .text(value)
    } else if let value = try? container.decode([AnyJSON].self) {
      self = .list(value)
    } else {
      self = .object(try container.decode([String: AnyJSON].self))
    }
  }
  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .int(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .text(let value): try container.encode(value)
    case .list(let value): try container.encode(value)
    case .object(let value): try container.encode(value)
    }
  }
}

/// A row with JSON, a secret, a hidden column and a version.
@Model(table: "note")
struct Note {
  var id: ID
  @Field(maxLength: 40) var title: String
  var body: String = ""
  var data: JSON<AnyJSON> = JSON(.null)
  var extra: JSON<AnyJSON>?
  @Field(hidden: true) var score: Int = 0
  @Field(secret: true) var pin: String = "0000"
  @Field(digits: (8, 2)) var price: Decimal = 0
  var ratio: Double = 0
  var moment: Date?
  var revision: Int = 1
  @Field(autoNow: true) var changedAt: Date

  static let policy = Policy(Note.self) {
    $0.allow(.read) { note, viewer in note.title != "unseen" || viewer.isStaff }
    $0.allow(.update, .create) { note, _ in note.title != "fixed" }
    $0.allow(.delete) { note, _ in note.title != "fixed" }
  }
}

extension API {
  static let exchangeModels: [any Model.Type] = [Note.self] + RESTModels.all

  static func notes(_ change: (Resource<Note>) -> Resource<Note> = { $0 }) async throws -> API {
    let resource = change(Resource(Note.self))
    return try await API(REST("api") { resource }, exchangeModels)
  }

  /// Sends a request with header fields.
  func ask(
    _ method: HTTPMethod, _ target: String, _ body: String? = nil, _ fields: KeyValuePairs<String, String> = [:]
  ) async -> Answer {
    var headers: HeaderFields = ["Host": "api.test"]
    if body != nil { headers["Content-Type"] = "application/json" }
    for (name, value) in fields { headers[name] = value }
    return Answer(await application.respond(to: Request(method, target, headers: headers, body: Array((body ?? "").utf8))))
  }
}

extension Answer {
  func header(_ name: String) -> String? { response.headers[name] }
  /// The entity tag.
  var tag: String { response.headers["etag"] ?? "none" }
}
