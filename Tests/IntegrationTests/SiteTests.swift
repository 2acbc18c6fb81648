import Martlet
import MartletTesting
import Testing

@testable import ConduitApp

@Suite("Conduit: the page at /")
struct SiteTests {
  @Test("it counts what is here, in six statements, and escapes what came from outside")
  func page() async throws {
    let test = try await ConduitTest()
    let (ada, _) = try await test.user("ada")
    try await test.article(#"<script>alert("x")</script> & more"#, by: ada, tags: ["<b>"])
    let page = try await test.client.expectStatements(6) { try await test.client.get("/").expect(.ok) }
    #expect(page.headers["content-type"]?.hasPrefix("text/html") == true)
    #expect(page.text.contains("<b>1</b> article"))
    #expect(page.text.contains("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; more"))
    #expect(!page.text.contains("<script"))
    #expect(page.text.contains("&lt;b&gt;</span>"))
  }

  @Test("every place that it names is there, and so is its style")
  func places() async throws {
    let test = try await ConduitTest()
    let page = try await test.client.get("/").expect(.ok).text
    for part in page.split(separator: "href=\"").dropFirst() {
      let path = String(part.prefix { $0 != "\"" })
      try await test.client.get(path).expect(.ok)
    }
    #expect(try await test.client.get("/conduit.css").expect(.ok).headers["content-type"]?.hasPrefix("text/css") == true)
  }

  @Test("an empty database says how to fill it")
  func empty() async throws {
    #expect(try await ConduitTest().client.get("/").expect(.ok).text.contains("conduit seed"))
  }
}
