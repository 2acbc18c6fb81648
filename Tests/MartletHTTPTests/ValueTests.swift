import Foundation
import MartletCore
import Testing

@testable import MartletHTTP

@Suite struct ValueTests {
  @Test("header fields are found without regard to case and keep their order")
  func headers() {
    var headers: HeaderFields = ["Accept": "a", "X-A": "1", "accept": "b"]
    #expect(headers["ACCEPT"] == "a, b")
    #expect(headers.values(for: "accept") == ["a", "b"])
    headers["Accept"] = "c"
    #expect(headers.map(\.name) == ["Accept", "X-A"])
    headers["x-a"] = nil
    #expect(headers.count == 1)
    headers.addToken("Origin", to: "Vary")
    headers.addToken("origin", to: "vary")
    #expect(headers["Vary"] == "Origin")
    // Bytes that differ by the case bit but are no letters stay different.
    #expect(HeaderFields.equal("a@", "a`") == false)
  }

  @Test("a header value cannot split a response")
  func splitting() {
    var headers = HeaderFields()
    headers["Location"] = "/a\r\nSet-Cookie: x=1\0"
    headers.append("Bad Name\r\n", "x")
    #expect(headers["Location"] == "/a  Set-Cookie: x=1 ")
    #expect(headers.map(\.name) == ["Location", "Bad-Name--"])
    #expect(Response.redirect(to: "/a b\r\né").headers["location"] == "/a%20b%0D%0A%C3%A9")
  }

  @Test("cookies are read by name, quotes and broken parts included")
  func cookies() {
    let cookies = RequestCookies(["Cookie": #"a=1; b="two"; broken; =x; a=3; c=x=y"#])
    #expect(cookies["a"] == "1")
    #expect(cookies["b"] == "two")
    #expect(cookies["c"] == "x=y")
    #expect(cookies["broken"] == nil)
  }

  @Test("a cookie is safe by default and cannot smuggle attributes")
  func setCookie() {
    #expect(Cookie("s", "v").header(secureRequest: false) == "s=v; Path=/; HttpOnly; SameSite=Lax")
    #expect(Cookie("s", "v").header(secureRequest: true) == "s=v; Path=/; Secure; HttpOnly; SameSite=Lax")
    #expect(
      Cookie("s", "v; Domain=evil", maxAge: .seconds(60), path: "/a;b", domain: "x.org", httpOnly: false, sameSite: .some(.none))
        .header(secureRequest: false)
        == "s=v%3B%20Domain=evil; Max-Age=60; Path=/ab; Domain=x.org; Secure; SameSite=None")
    #expect(Cookie.removal(of: "s").header(secureRequest: false).contains("Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT"))
    var response = Response()
    response.setCookie(Cookie("s", "1"))
    response.setCookie(Cookie("s", "2"))
    #expect(response.cookies.map(\.value) == ["2"])
  }

  @Test("query parameters have types, defaults and bounds, and name themselves when they are wrong")
  func query() throws {
    let query = QueryParameters("limit=5&tag=a&tag=b+c&empty=&flag&n=%zz")
    #expect(query["tag"] == "b c")
    #expect(query.all("tag") == ["a", "b c"])
    #expect(query["flag"] == "")
    let clean = QueryParameters("limit=5&page=-1&big=500&x=1.5")
    #expect(try clean.value("limit", as: Int.self) == 5)
    #expect(try clean.value("none", as: Int.self) == nil)
    #expect(try clean.value("none", as: Int.self, default: 20, in: 1...100) == 20)
    let low = #expect(throws: HTTPError.self) { try clean.value("page", as: Int.self, default: 1, in: 1...100) }
    #expect(low?.errors == [FieldError("page", code: "min_value", "-1 is not between 1 and 100.")])
    let high = #expect(throws: HTTPError.self) { try clean.value("big", as: Int.self, default: 1, in: 1...100) }
    #expect(high?.errors.first?.code == "max_value")
    let text = #expect(throws: HTTPError.self) { try clean.value("x", as: Int.self) }
    #expect(text?.errors.first?.message == "“1.5” is not a whole number.")
    let escape = #expect(throws: HTTPError.self) { try query.value("limit", as: Int.self) }
    #expect(escape?.errors.first?.field == "n")
  }

  @Test("a query decodes into a type, with lists, optionals and enums")
  func decodeQuery() throws {
    enum Order: String, Decodable { case newest, oldest }
    struct Filter: Decodable {
      var limit: Int?
      var tag: [String]
      var order: Order
      var since: Date?
      var exact: Bool
    }
    let filter = try QueryParameters("limit=&tag=a&tag=b&order=newest&since=2026-11-23T20:21:00Z&exact=on").decode(Filter.self)
    #expect(filter.limit == nil)
    #expect(filter.tag == ["a", "b"])
    #expect(filter.order == .newest)
    #expect(filter.since == Date(microsecondsSince1970: 1_795_465_260_000_000))
    #expect(filter.exact)
    #expect(try QueryParameters("order=newest&exact=0").decode(Filter.self).tag == [])
    let missing = #expect(throws: ValidationError.self) { try QueryParameters("exact=1").decode(Filter.self) }
    #expect(missing?.errors == [FieldError("order", code: "required", "This field is required.")])
    let wrong = #expect(throws: ValidationError.self) { try QueryParameters("limit=x&order=newest&exact=1").decode(Filter.self) }
    #expect(wrong?.errors.first == FieldError("limit", code: "invalid", "“x” is not a whole number."))
    let order = #expect(throws: ValidationError.self) { try QueryParameters("order=up&exact=1").decode(Filter.self) }
    #expect(order?.errors.first?.field == "order")
  }

  @Test("an HTTP date is written and read back")
  func dates() {
    #expect(HTTPDate.text(secondsSince1970: 784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
    #expect(HTTPDate.parse("Sun, 06 Nov 1994 08:49:37 GMT") == 784_111_777)
    #expect(HTTPDate.parse("Sunday, 06-Nov-94 08:49:37 GMT") == nil)
    #expect(HTTPDate.text(secondsSince1970: -1) == "Wed, 31 Dec 1969 23:59:59 GMT")
  }

  @Test("an entity tag compares weakly for reading and strongly for writing")
  func tags() throws {
    #expect(EntityTag("x").isListed(in: #""a", W/"x""#, strong: false))
    #expect(!EntityTag("x").isListed(in: #""a", W/"x""#, strong: true))
    #expect(EntityTag("x").isListed(in: "*", strong: true))
    var sent = Request(.put, "/", headers: ["If-Match": #""v1""#])
    try sent.requireMatch(EntityTag("v1"))
    let error = #expect(throws: HTTPError.self) { try sent.requireMatch(EntityTag("v2")) }
    #expect(error?.problem.status == 412)
    sent = Request(.put, "/")
    try sent.requireMatch(EntityTag("v2"))
  }

  @Test("gzip is chosen by quality")
  func acceptEncoding() {
    #expect(AcceptEncoding.prefersGzip("gzip, deflate, br"))
    #expect(AcceptEncoding.prefersGzip("*"))
    #expect(AcceptEncoding.prefersGzip("gzip;q=0.5"))
    #expect(!AcceptEncoding.prefersGzip("gzip;q=0, *"))
    #expect(!AcceptEncoding.prefersGzip("identity;q=1, gzip;q=0.5"))
    #expect(!AcceptEncoding.prefersGzip("br"))
    #expect(!AcceptEncoding.prefersGzip(nil))
  }

  @Test("request ids of clients are taken when they are sane, else made up")
  func ids() {
    #expect(Request(.get, "/", headers: ["X-Request-ID": "abc-1_2.3"]).id == "abc-1_2.3")
    let made = Request(.get, "/", headers: ["X-Request-ID": "a b\"{}"]).id
    #expect(made.count == 32 && made.allSatisfy(\.isHexDigit))
    #expect(Request(.get, "/").id != Request(.get, "/").id)
  }

  @Test("a status outside of what can be sent becomes 500")
  func status() {
    #expect(HTTPStatus(99) == .internalServerError)
    #expect(HTTPStatus(404).description == "404 Not Found")
  }
}
