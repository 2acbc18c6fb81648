import MartletHTTP
import MartletORM
import MartletREST
import Testing

@Suite("the document of resources that are written in other ways")
struct WritingDocumentTests {
  @Test("bulk and nested writes, actions and filled fields stand in the golden document")
  func golden() throws {
    let routes = RouteList {
      REST("api") {
        CustomActionTests.resource.actions(.create, .update, .delete).bulk(max: 100).nested {
          $0.tickets
          $0.labels
          $0.plan
          $0.helper
        }
        Resource(Ticket.self).nested(EventAPI.resource()) { $0.event }.actions(.create).bulk()
      }
    }
    try Golden.expect("writing.json", OpenAPIDocument(routes, info: OpenAPIInfo(title: "Events", version: "1")).text)
  }
}
