import Foundation
import MartletCore
import MartletHTTP
import MartletORM
import MartletREST
import MartletSQL
import TestDatabases
import Testing

@Suite("types of fields", .onEveryDatabase)
struct TypeTests {
  let api: API
  init() async throws { api = try await API.blog() }
  private func create(_ body: String) async throws -> Answer { try await api.send(.post, "/api/things", body) }

  @Test("an empty object makes a thing of defaults, with a key of its own")
  func defaults() async throws {
    let answer = try await create("{}")
    #expect(answer.status == 201, "\(answer.text)")
    let id = answer.json["id"]?.plain ?? ""
    #expect(id.count == 36)
    #expect(
      answer.text
        == #"{"id":"\#(id)","small":0,"medium":0,"large":0,"flag":false,"ratio":0.0,"price":"0","code":null,"bytes":"","#
        + #""token":null,"moment":null,"day":null,"clock":null,"length":"PT0S","shape":null,"urgency":1,"revision":1,"#
        + #""changed_at":"1970-01-12T13:46:40Z"}"#)
    #expect(try await api.get("/api/things/\(id)").text == answer.text)
    #expect(try await api.get("/api/things/\(id.uppercased())").text == answer.text)
  }

  @Test("every type comes back as it was sent, with all its digits")
  func roundTrip() async throws {
    let body =
      #"{"small":-32768,"medium":2147483647,"large":9223372036854775807,"flag":true,"ratio":0.1,"price":"9999.99","code":"añ😀","#
      + #""bytes":"AP8=","token":"0f0e0d0c-0b0a-0908-0706-050403020100","moment":"2026-11-23T20:21:00.123456Z","day":"2024-02-29","#
      + #""clock":"23:59:59.000001","length":"P1DT2H0.5S","shape":{"name":"square","sides":4},"urgency":2}"#
    let answer = try await create(body)
    #expect(answer.status == 201, "\(answer.text)")
    let start = (answer.text.range(of: #""small""#)?.lowerBound).map { String(answer.text[$0...]) } ?? ""
    #expect("{" + start == body.dropLast() + #","revision":1,"changed_at":"1970-01-12T13:46:40Z"}"#)
  }

  @Test(
    "other forms that are read",
    arguments: [
      (#""moment": "2026-11-23T22:21:00+02:00""#, "moment", "2026-11-23T20:21:00Z"),
      (#""moment": "2026-11-23T20:21""#, "moment", "2026-11-23T20:21:00Z"),
      (#""price": 12.5"#, "price", "12.5"), (#""price": 1e3"#, "price", "1000"), (#""price": "-0.01""#, "price", "-0.01"),
      (#""length": 90"#, "length", "PT1M30S"), (#""length": -0.25"#, "length", "-PT0.25S"),
      (#""length": "PT36H""#, "length", "P1DT12H"),
      (#""length": "P2W""#, "length", "P14D"), (#""clock": "07:30""#, "clock", "07:30:00"), (#""small": 3.0"#, "small", "3"),
      (#""ratio": 3"#, "ratio", "3.0"), (#""large": -9223372036854775808"#, "large", "-9223372036854775808"),
      (#""token": "0F0E0D0C0B0A09080706050403020100""#, "token", "0f0e0d0c-0b0a-0908-0706-050403020100"),
      (#""code": "\u00e9\ud83d\ude00""#, "code", "é😀"), (#""code": """#, "code", ""),
    ])
  func forms(_ member: String, _ field: String, _ written: String) async throws {
    let answer = try await create("{\(member)}")
    #expect(answer.json[field]?.plain == written, "\(answer.text)")
  }

  @Test(
    "what does not fit is refused with Django REST framework's code and message",
    arguments: [
      (#""small": "3""#, "small: invalid", "A valid integer is required."),
      (#""small": 3.5"#, "small: invalid", "A valid integer is required."),
      (#""small": 1e2"#, "small: invalid", "A valid integer is required."),
      (#""small": true"#, "small: invalid", "A valid integer is required."),
      (#""small": 32768"#, "small: max_value", "Ensure this value is less than or equal to 32767."),
      (#""small": -32769"#, "small: min_value", "Ensure this value is greater than or equal to -32768."),
      (#""large": 9223372036854775808"#, "large: max_value", "Ensure this value is less than or equal to 9223372036854775807."),
      (
        #""large": -99999999999999999999"#, "large: min_value",
        "Ensure this value is greater than or equal to -9223372036854775808."
      ),
      (#""flag": 1"#, "flag: invalid", "Must be a valid boolean."),
      (#""flag": null"#, "flag: null", "This field may not be null."),
      (#""ratio": "x""#, "ratio: invalid", "A valid number is required."),
      (#""ratio": 1e999"#, "ratio: invalid", "A valid number is required."),
      (#""price": "x""#, "price: invalid", "A valid number is required."),
      (#""price": "NaN""#, "price: invalid", "A valid number is required."),
      (#""price": "1.234""#, "price: max_decimal_places", "Ensure that there are no more than 2 decimal places."),
      (
        #""price": "12345.6""#, "price: max_whole_digits", "Ensure that there are no more than 4 digits before the decimal point."
      ),
      (#""price": 1234567"#, "price: max_digits", "Ensure that there are no more than 6 digits in total."),
      (#""price": 1e99999"#, "price: invalid", "A valid number is required."),
      (#""code": 5"#, "code: invalid", "Not a valid string."),
      (#""code": "sixsix""#, "code: max_length", "Ensure this field has no more than 5 characters."),
      (#""code": "\u0000""#, "code: null_characters_not_allowed", "Null characters are not allowed."),
      (#""bytes": "%%""#, "bytes: invalid", "Must be valid base64."),
      (#""token": "0f""#, "token: invalid", "Must be a valid UUID."),
      (#""moment": "2026-02-30T00:00:00Z""#, "moment: invalid", "Datetime has wrong format."),
      (#""moment": 5"#, "moment: invalid", "Datetime has wrong format."),
      (#""day": "23.11.2026""#, "day: invalid", "Date has wrong format."),
      (#""clock": "24:00""#, "clock: invalid", "Time has wrong format."),
      (#""length": "1 day""#, "length: invalid", "Duration has wrong format."),
      (#""length": "P1M""#, "length: invalid", "Duration has wrong format."),
      (#""length": "PT""#, "length: invalid", "Duration has wrong format."),
      (#""length": "PT1S1M""#, "length: invalid", "Duration has wrong format."),
      (#""length": "PT99999999999999H""#, "length: invalid", "Duration has wrong format."),
      (#""shape": {"sides": "four"}"#, "shape: invalid", "The value does not have the form that this field needs."),
      (#""urgency": 3"#, "urgency: invalid_choice", "\"3\" is not a valid choice."),
      (#""urgency": "low""#, "urgency: invalid_choice", "\"low\" is not a valid choice."),
      (#""revision": 2"#, "revision: read_only", "This field is read-only."),
      (#""changed_at": null"#, "changed_at: read_only", "This field is read-only."),
    ])
  func refused(_ member: String, _ error: String, _ message: String) async throws {
    let answer = try await create("{\(member)}")
    #expect(answer.status == 422, "\(answer.text)")
    #expect(answer.errors == [error])
    #expect(answer.messages.first?.hasPrefix(message) == true, "\(answer.messages)")
  }

  @Test("half of a surrogate pair and nesting without end are no JSON")
  func unreadable() async throws {
    #expect(try await create(#"{"code": "\ud83d"}"#).status == 400)
    #expect(try await create(String(repeating: "[", count: 600)).status == 400)
    #expect(try await create("").status == 400)
  }

  @Test("numbers keep every digit through the JSON tree")
  func digits() throws {
    let text = #"{"a":123456789012345678901234567890.000000000000000000010,"b":[1e400,-0,null,"\"\\\u0001"]}"#
    #expect(try JSONParser.parse(Array(text.utf8)).text == text)
  }

  @Test(
    "durations are written in days, hours, minutes and seconds",
    arguments: [
      (0, "PT0S"), (1, "PT0.000001S"), (86_400_000_000, "P1D"), (90_061_500_000, "P1DT1H1M1.5S"), (-60_000_000, "-PT1M"),
      (Int64.max, "P106751991DT4H54.775807S"),
    ])
  func durations(_ microseconds: Int64, _ text: String) {
    #expect(ISODuration.text(microseconds: microseconds) == text)
    #expect(ISODuration.microseconds(text) == microseconds)
  }
}
