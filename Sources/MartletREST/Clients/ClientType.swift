/// A type of an API as a client needs it: a JSON Schema without the rules that only a server checks.
package indirect enum ClientType: Sendable, Hashable {
  /// Any JSON value.
  case any
  case boolean
  case integer
  case number
  /// A text, with its `format`.
  case string(format: String?)
  /// One of these texts or numbers.
  case choices([JSONTree])
  /// A component, by its name in the document.
  case reference(String)
  case array(ClientType)
  /// An object of any names.
  case map(ClientType)
  /// An object that has no name of its own.
  case object(ClientObject)
  /// The type, or `null`.
  case nullable(ClientType)
  case oneOf([ClientType])

  /// The type without `null`.
  var required: ClientType { if case .nullable(let type) = self { type.required } else { self } }
  var isNullable: Bool { self != required }
  var isCollection: Bool {
    switch self {
    case .array, .map: true
    default: false
    }
  }
  /// The type, or `null`; never twice.
  var nullable: ClientType { isNullable || self == .any ? self : .nullable(self) }
}

/// The members of an object.
package struct ClientObject: Sendable, Hashable {
  package var fields: [ClientField]
  /// What other members hold, where there may be others and the document says of which type.
  package var others: ClientType?
}

/// A member of an object.
package struct ClientField: Sendable, Hashable {
  /// The name in JSON.
  package var name: String
  package var type: ClientType
  package var isRequired: Bool
  package var isReadOnly: Bool
  package var text: String?
}

/// A component of the document.
package struct ClientSchema: Sendable, Hashable {
  /// The name in the document.
  package var name: String
  package var type: ClientType
  package var text: String?
}

/// A parameter of an operation.
package struct ClientParameter: Sendable, Hashable {
  package enum Place: String, Sendable { case path, query, header }
  package var name: String
  package var place: Place
  package var type: ClientType
  package var isRequired: Bool
  /// Whether a list is one text with commas, not one parameter for each of its elements.
  package var isJoined: Bool
  package var text: String?
}

/// What a body holds.
package enum ClientContent: Sendable, Hashable {
  case none
  case json(ClientType)
  case text
  case binary
  case form
}

/// The body that an operation takes.
package struct ClientBody: Sendable, Hashable {
  package var contentType: String
  package var content: ClientContent
  package var isRequired: Bool
}

/// An answer other than 2xx: `422`, `4XX`, or `default`.
package struct ClientFailure: Sendable, Hashable {
  package var status: String
  package var type: ClientType
}

/// How an operation's answer goes on.
package enum ClientPages: Sendable, Hashable {
  /// The address of the next page stands in the member `next`.
  case links
  /// By the parameters `limit` and `offset`.
  case offset
}

/// A list in pages.
package struct ClientPaging: Sendable, Hashable {
  package var pages: ClientPages
  /// The member with the rows.
  package var items: String
  package var item: ClientType
}

/// One operation of the API.
package struct ClientOperation: Sendable, Hashable {
  /// The `operationId`, or method and path where there is none.
  package var id: String
  package var method: String
  package var path: String
  package var text: String?
  package var isDeprecated: Bool
  package var parameters: [ClientParameter]
  package var body: ClientBody?
  package var answer: ClientContent
  package var failures: [ClientFailure]
  package var paging: ClientPaging?
}

/// A way to prove who one is.
package struct ClientScheme: Sendable, Hashable {
  package enum Place: Sendable, Hashable {
    /// A header, and what stands before the secret in it.
    case header(String, prefix: String)
    case cookie(String)
    case query(String)
  }
  package var name: String
  package var place: Place
  package var text: String?
}

/// An API as a client needs it: read from any OpenAPI 3.1 document that Martlet writes.
package struct ClientAPI: Sendable {
  package var title: String
  package var version: String
  package var text: String?
  package var server: String?
  package var schemas: [ClientSchema] = []
  package var operations: [ClientOperation] = []
  package var schemes: [ClientScheme] = []
  /// The component that problems (RFC 9457) are of.
  package var problem: String?
}
