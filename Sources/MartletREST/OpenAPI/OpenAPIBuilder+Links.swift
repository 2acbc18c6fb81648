import MartletHTTP
import MartletORM

/// That a resource's operations follow from each other: what is created can be read, changed and deleted.
struct ResourceLink {
  /// The path of the collection; the rows' paths have `/{id}` behind it.
  var path: String
  /// The key's name in a row.
  var key: String
}

extension OpenAPIBuilder {
  mutating func noteLinks(of resource: ResourceOperation, _ route: RouteDescription) {
    guard resource.action == .create,
      let key = resource.shape.fields.first(where: { $0.index == resource.shape.schema.primaryKeyIndex })
    else { return }
    links.append(ResourceLink(path: route.path, key: key.name))
  }

  /// The paths, with links (OpenAPI 3.1, section 4.8.20) from the answer with a new row to what can be done with it.
  var linkedPaths: [String: [JSONTree.Member]] {
    var paths = paths
    for link in links {
      let targets = (paths[link.path + "/{id}"] ?? []).compactMap { $0.value["operationId"] }
      guard !targets.isEmpty, let collection = paths[link.path] else { continue }
      paths[link.path] = collection.map { operation in
        guard operation.name == "post" else { return operation }
        return .init(operation.name, operation.value.linking("201", targets, "$response.body#/\(link.key)"))
      }
    }
    return paths
  }

  /// The answer that an app documents for whatever fails.
  func failure(_ notes: RouteNotes) -> JSONTree {
    guard let failure = notes.failure else { return .reference("responses", "Problem") }
    let problem = JSONTree.reference("schemas", "Problem")
    return [
      "description": "What went wrong.",
      "content": [
        "application/json": ["schema": failure(schemas)], "application/problem+json": ["schema": problem],
      ],
    ]
  }
}

extension JSONTree {
  /// An operation whose answer leads to others, by the key in it.
  fileprivate func linking(_ status: String, _ operations: [JSONTree], _ key: String) -> JSONTree {
    guard let responses = self["responses"], let response = responses[status], response["$ref"] == nil else { return self }
    let links = operations.compactMap { id -> Member? in
      guard case .string(let name) = id else { return nil }
      return Member(name, ["operationId": id, "parameters": ["id": .string(key)]])
    }
    return adding("responses", responses.adding(status, response.adding("links", .object(links))))
  }
}
