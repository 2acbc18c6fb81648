import Foundation
import Martlet

// Every type of column: with defaults, required, and nullable.

/// Any JSON.
enum Anything: Codable, Hashable, Sendable {
  case null
  case bool(Bool)
  case number(Double)
  case text(String)
  case list([Anything])
  case object([String: Anything])

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .null
    } else if let found = try? value.decode(Bool.self) {
      self = .bool(found)
    } else if let found = try? value.decode(Double.self) {
      self = .number(found)
    } else if let found = try? value.decode(String.self) {
      self = .text(found)
    } else if let found = try? value.decode([Anything].self) {
      self = .list(found)
    } else {
      self = .object(try value.decode([String: Anything].self))
    }
  }

  func encode(to encoder: any Encoder) throws {
    var value = encoder.singleValueContainer()
    switch self {
    case .null: try value.encodeNil()
    case .bool(let found): try value.encode(found)
    case .number(let found): try value.encode(found)
    case .text(let found): try value.encode(found)
    case .list(let found): try value.encode(found)
    case .object(let found): try value.encode(found)
    }
  }
}

@Model(app: "nasty", key: .uuidV7)
struct Everything {
  var id: ID
  var small: Int16 = 1
  var medium: Int32 = 0
  var large: Int64 = 0
  var huge: UInt64 = 0
  var flag: Bool = false
  var ratio: Double = 0
  @Field(digits: (6, 2)) var price: Decimal = 0
  @Field(maxLength: 5) var code: String = ""
  var text: String = ""
  var bytes: [UInt8] = []
  var token: UUID = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1))
  var moment: Date = Date(timeIntervalSince1970: 0)
  var day: CalendarDate = CalendarDate(daysSince1970: 0)
  var clock: TimeOfDay = midnight
  var length: Duration = .zero
  var stage: Stage = .draft
  var urgency: Urgency = .low
  var words: [String] = []
  var numbers: [Int32] = []
  static let policy = Policy(Everything.self) { $0.allowAll(.read, .create, .update, .delete) }
}

@Model(app: "nasty")
struct Required {
  var id: ID
  var small: Int16
  var large: Int64
  var flag: Bool
  var ratio: Double
  @Field(digits: (6, 2)) var price: Decimal
  @Field(maxLength: 5) var code: String
  var text: String
  var bytes: [UInt8]
  var token: UUID
  var moment: Date
  var day: CalendarDate
  var clock: TimeOfDay
  var length: Duration
  var stage: Stage
  var words: [String]
  static let policy = Policy(Required.self) { $0.allowAll(.read, .create, .update, .delete) }
}

@Model(app: "nasty")
struct Optionals {
  var id: ID
  @Field(unique: true) var small: Int16?
  var large: Int64?
  var huge: UInt64?
  var flag: Bool?
  var ratio: Double?
  @Field(digits: (6, 2)) var price: Decimal?
  @Field(maxLength: 5) var code: String?
  var text: String?
  var bytes: [UInt8]?
  var token: UUID?
  var moment: Date?
  var day: CalendarDate?
  var clock: TimeOfDay?
  var length: Duration?
  var stage: Stage?
  var urgency: Urgency?
  var words: [String]?
  var anything: JSON<Anything>?
  @Relation(onDelete: .setNull) var owner: Ref<Person>?
  static let policy = Policy(Optionals.self) { $0.allowAll(.read, .create, .update, .delete) }
}

/// The day's first moment; every constructor checks what it is given.
let midnight: TimeOfDay = {
  guard let time = TimeOfDay(microseconds: 0) else { preconditionFailure("0 is a time of the day") }
  return time
}()
