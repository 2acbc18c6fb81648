import Foundation
import MartletCore
import MartletHTTP
import Testing

@testable import MartletWeb

@Suite struct HTMLTests {
  @Test("interpolated values are escaped, HTML is not")
  func interpolation() {
    let title = "<script>alert('x') & \"y\"", none: String? = nil, number = 5
    let bold: HTML = "<b>\(title)</b>"
    #expect(bold.text == "<b>&lt;script&gt;alert(&#x27;x&#x27;) &amp; &quot;y&quot;</b>")
    #expect(("<p>\(bold)\(none)\(number)\([bold, bold].joined(separator: ", "))</p>" as HTML).text.hasPrefix("<p><b>&lt;script"))
    #expect(("<p title=\"\(title)\">" as HTML).text.contains("&quot;y&quot;\">"))
    #expect(HTML(escaping: "<").text == "&lt;")
  }

  @Test("HTML is a response of its own type")
  func response() throws {
    let html: HTML = "<p>"
    let response = try html.response(for: Request(.get, "/"))
    #expect(response.headers["content-type"] == "text/html; charset=utf-8")
    #expect(html.response(status: .notFound).status == .notFound)
  }

  @Test("templates escape, repeat, include and inherit")
  func templates() throws {
    struct Article { var title: String, tags: [String] }
    let templates = try Templates([
      "layout": "<title>{{$title}}Site{{/title}}</title>{{$body}}{{/body}}",
      "list":
        "{{<layout}}{{$title}}{{name}}{{/title}}{{$body}}{{#articles}}{{>row}}{{/articles}}{{^articles}}none{{/articles}}{{/body}}{{/layout}}",
      "row": "<li>{{title}}:{{#tags}} {{.}}{{/tags}}</li>",
      "raw": "{{{html}}}{{html}}",
    ])
    let page = try templates.render(
      "list", ["name": "A & B", "articles": [Article(title: "<x>", tags: ["a", "b"])]] as [String: Any])
    #expect(page.text == "<title>A &amp; B</title><li>&lt;x&gt;: a b</li>")
    #expect(try templates.render("list", ["name": "n"]).text == "<title>n</title>none")
    let html: HTML = "<b>"
    #expect(try templates.render("raw", ["html": html]).text == "<b>&lt;b&gt;")
  }

  @Test("a folder of templates is read with its subfolders, anew in development")
  func folder() throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("martlet-web-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: path) }
    try FileManager.default.createDirectory(at: path.appendingPathComponent("admin"), withIntermediateDirectories: true)
    try Data("one {{x}}".utf8).write(to: path.appendingPathComponent("admin/list.mustache"))
    try Data("no template {{".utf8).write(to: path.appendingPathComponent("notes.txt"))
    let fixed = try Templates(directory: path.path), fresh = try Templates(directory: path.path, reload: true)
    #expect(try fixed.render("admin/list", ["x": "1"]).text == "one 1")
    try Data("two {{x}}".utf8).write(to: path.appendingPathComponent("admin/list.mustache"))
    #expect(try fixed.render("admin/list", ["x": "1"]).text == "one 1")
    #expect(try fresh.render("admin/list", ["x": "1"]).text == "two 1")
  }

  @Test("an unknown, broken or missing template is an error that names it")
  func failures() throws {
    let unknown = #expect(throws: HTTPError.self) { try Templates(["a": ""]).render("b") }
    #expect(unknown?.message == "There is no template “b”.")
    let broken = #expect(throws: HTTPError.self) { try Templates(["bad": "line\n{{#open}}"]) }
    #expect(broken?.kind == .templateFailed && broken?.message.contains("“bad” is not valid at line 2") == true)
    #expect(throws: HTTPError.self) { try Templates(directory: "/nowhere/at/all") }
  }

  @Test("a form gives its input, or every mistake and what was typed")
  func forms() throws {
    enum Topic: String, Decodable, CaseIterable { case praise, blame }
    struct Contact: Decodable, Sendable { var name: String, age: Int, topic: Topic, born: Date?, tags: [String] }
    func read(_ text: String) throws -> WebForm<Contact> {
      try WebForm(FormData(fields: QueryParameters(text))) { contact in
        if contact.name.isEmpty { FieldError("name", code: "required", "Enter a <name>.") }
        if contact.age < 0 { FieldError("age", code: "min_value", "Enter an age.") }
      }
    }
    let good = try read("name=Ann&age=5&topic=blame&tags=a&tags=b&born=")
    #expect(good.input?.topic == .blame && good.input?.tags == ["a", "b"] && good.isValid)
    let rules = try read("name=&age=-1&topic=praise")
    #expect(rules.errors.map(\.code) == ["required", "min_value"] && rules.input == nil)
    #expect(rules.errorList(of: "name").text == "<ul class=\"errorlist\"><li>Enter a &lt;name&gt;.</li></ul>")
    #expect(rules.errorList(of: "topic") == .empty)
    let types = try read("age=x&topic=other&born=soon")
    #expect(types.errors.map(\.field) == ["name", "age", "topic", "born"])
    #expect(types.errors.map(\.code) == ["required", "invalid", "invalid", "invalid"])
    #expect(types.value("age") == "x" && types.value("name") == "")
  }
}
