import Foundation
import MartletCore
import MartletHTTP
import MartletORM
import MartletREST
import MartletSQL
import Testing

@Suite("hostile input to a resource")
struct HostileInputTests {
  let api: API
  let sample: Sample
  init() async throws {
    api = try await API.blog()
    sample = try await Sample(api)
  }

  @Test(
    "an exponent of any size in a decimal is an error of the field, not a crash",
    arguments: ["1e-9223372036854775808", "1e9223372036854775807", "1e-99999999999999999999", "0e201"])
  func exponents(_ number: String) async throws {
    for written in [number, "\"\(number)\""] {
      let answer = try await api.send(.post, "/api/things", "{\"price\": \(written)}")
      #expect(answer.status == 422)
      #expect(answer.errors == ["price: invalid"])
    }
  }
}
