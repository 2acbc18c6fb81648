// What a generated client sends and makes of answers, without a server: headers, credentials, media types, links.
import Foundation

struct Wrong: Error, CustomStringConvertible { var description: String }

func same<T: Equatable>(_ actual: T, _ expected: T, _ what: String) throws {
  guard actual == expected else { throw Wrong(description: "\(what) is \(actual), expected \(expected)") }
}

/// Answers from a list, and remembers what was asked.
actor Canned: ClientTransport {
  private(set) var sent: [ClientRequest] = []
  private var answers: [ClientResponse]
  init(_ answers: [ClientResponse]) { self.answers = answers }
  func send(_ request: ClientRequest) async throws -> ClientResponse {
    sent.append(request)
    return answers.removeFirst()
  }
}
func answer(_ text: String, _ status: Int = 200, _ headers: [String: String] = [:]) -> ClientResponse {
  ClientResponse(status: status, headers: headers, body: Data(text.utf8))
}
let note = #"{"id": "1", "text": null, "at": "2026-01-31T12:00:00.123456Z", "kind": "new-kind"}"#

var failed = 0
@MainActor func check(
  _ name: String, _ answers: [ClientResponse], _ credentials: Credentials = Credentials(),
  _ body: @MainActor (Client, Canned) async throws -> Void
) async {
  let canned = Canned(answers)
  do {
    try await body(Client(baseURL: "https://notes.example/", credentials: credentials, transport: canned), canned)
    print("passed  \(name)")
  } catch {
    failed += 1
    print("FAILED  \(name)\n        \(error)")
  }
}

await check(
  "a second writer is refused by If-Match, with the problem",
  [answer(note, 200, ["etag": "\"v1\""]), answer(#"{"type": "/problems/precondition-failed", "status": 412}"#, 412)]
) { api, canned in
  try same(try await api.calls.updateNotes(id: "1", .init(text: .value("a"))).answer().etag, "\"v1\"", "the tag")
  do throws(APIError) {
    _ = try await api.updateNotes(id: "1", .init(text: .null), ifMatch: "\"v0\"")
    throw APIError(kind: .undecodable, call: "it was not refused")
  } catch { try same(error.problem?.type, "/problems/precondition-failed", "the problem") }
  let second = await canned.sent[1]
  try same(second.headers["If-Match"], "\"v0\"", "the header")
  try same(second.headers["Content-Type"], "application/merge-patch+json", "the media type")
  try same(second.body.map { String(decoding: $0, as: UTF8.self) }, #"{"text":null}"#, "the body")
}

await check("times keep their microseconds, choices that are new are no error", [answer(note)]) { api, _ in
  let read = try await api.updateNotes(id: "1", .init())
  try same(read.kind, .unrecognized("new-kind"), "the choice")
  try same(read.kind?.rawValue, "new-kind", "its text")
  let again = try JSONEncoder().encode(["at": ClientCore.text(of: read.at)])
  try same(String(decoding: again, as: UTF8.self), #"{"at":"2026-01-31T12:00:00.123456Z"}"#, "the time")
}

await check(
  "every kind of credentials goes to its place", [answer(note, 201)],
  Credentials(bearer: Secret { "b" }, key: "k&1", session: "s")
) { api, canned in
  _ = try await api.createNotes(.init(), idempotencyKey: "k1", options: CallOptions(headers: ["X-Trace": "t"]))
  let sent = await canned.sent[0]
  try same(sent.url.absoluteString, "https://notes.example/notes?api_key=k%261", "the address")
  try same(
    ["Authorization", "Cookie", "Idempotency-Key", "X-Trace"].map { sent.headers[$0] }, ["Bearer b", "sessionid=s", "k1", "t"],
    "the headers")
}

await check(
  "lists are repeated or joined as the document says, and links are followed by their query alone",
  [
    answer(#"{"next": "https://evil.example/other?cursor=x%2F1&tag=a", "results": [\#(note)]}"#),
    answer(#"{"next": null, "results": [\#(note)]}"#),
  ]
) { api, canned in
  var count = 0
  for try await _ in api.calls.listNotes(tag: ["a", "b&c"], sort: ["x", "y"]).all { count += 1 }
  try same(count, 2, "the number of notes")
  try same(
    await canned.sent.map(\.url.absoluteString),
    ["https://notes.example/notes?tag=a&tag=b%26c&sort=x%2Cy", "https://notes.example/notes?cursor=x%2F1&tag=a"], "the requests")
}

await check("files and texts go up and come down", [answer("", 204), answer("bytes"), answer("id\n1\n")]) { api, canned in
  var form = MultipartForm()
  form.append("kind", "plain")
  form.append("file", file: "x\"\r\n.txt", Data("x".utf8))
  try await api.uploadFile(id: "a/b", form)
  let sent = await canned.sent[0], body = String(decoding: sent.body ?? Data(), as: UTF8.self)
  try same(sent.url.absoluteString, "https://notes.example/notes/a%2Fb/file", "the address")
  try same(body.contains(#"name="file"; filename="x%22%0D%0A.txt""#), true, "the file's name in \(body)")
  try same(try await api.downloadFile(id: "1"), Data("bytes".utf8), "the file")
  try same(try await api.exportNotes(), "id\n1\n", "the text")
}

await check("an answer of another form is an error with its text", [answer("<h1>", 502), answer("<h1>")]) { api, _ in
  do throws(APIError) {
    _ = try await api.exportNotes()
    throw APIError(kind: .undecodable, call: "it was not refused")
  } catch {
    try same(error.kind, .refused, "the kind")
    try same(error.fields, [:], "the fields")
  }
  do throws(APIError) {
    _ = try await api.updateNotes(id: "1", .init())
    throw APIError(kind: .refused, call: "it was decoded")
  } catch { try same(error.kind, .undecodable, "the kind") }
}

exit(failed == 0 ? 0 : 1)
