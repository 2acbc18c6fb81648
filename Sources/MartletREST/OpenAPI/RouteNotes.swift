public import MartletHTTP

/// What the app says of a route for the API's document; kept in the route's metadata.
struct RouteNotes: Sendable {
  struct Body: Sendable {
    var contentType: String
    /// Whether it is read as an ``Input``, which refuses what breaks its rules.
    var isChecked = false
    var schema: @Sendable (SchemaRegistry) -> JSONTree
  }
  struct Answer: Sendable {
    var status: HTTPStatus
    var description: String?
    var schema: (@Sendable (SchemaRegistry) -> JSONTree)?
  }
  struct Parameter: Sendable {
    var name: String
    var description: String?
    var isRequired: Bool
    var schema: JSONTree
  }
  struct Query: Sendable {
    var parameters: @Sendable (SchemaRegistry) -> [JSONTree]
  }
  static let key = "openapi"

  var operationID: String?
  var summary: String?
  var details: String?
  var tags: [String] = []
  var body: Body?
  /// The schemas of the inputs that the route takes, for the system checks.
  var inputs: [InputSchema] = []
  var query: Query?
  var answers: [Answer] = []
  var failure: (@Sendable (SchemaRegistry) -> JSONTree)?
  var parameters: [Parameter] = []
  var needsAuthentication = false
  var isHidden = false
  var deprecation: Deprecation?
}

extension RouteComponent {
  /// The name of the operation in the API's document, and so of the method in generated clients: `publishArticle`. Without it
  /// the route's name, or method and path.
  public func operationID(_ id: String) -> RouteList { noting { $0.operationID = id } }
  /// What the route does, in a few words, for the API's document.
  public func summary(_ text: String) -> RouteList { noting { $0.summary = text } }
  /// What the route does, in sentences, for the API's document.
  public func details(_ text: String) -> RouteList { noting { $0.details = text } }
  /// The chapters of the API's document that the routes stand in.
  public func tags(_ tags: String...) -> RouteList { noting { $0.tags = tags } }
  /// The type of the request's body.
  ///
  /// ```swift
  /// Post("articles") { request in … }.body(NewArticle.self).returns(Article.self, .created)
  /// ```
  public func body<T: Decodable & SendableMetatype>(_ type: T.Type, contentType: String = "application/json") -> RouteList {
    noting { $0.body = .init(contentType: contentType) { $0.schema(of: T.self) } }
  }
  /// The ``Input`` that the route reads from the request's body, with what comes of a body that is none.
  ///
  /// ```swift
  /// Post("articles") { request in
  ///   let input = try await request.input(NewArticle.self)
  ///   …
  /// }.body(NewArticle.self).returns(ArticleView.self, .created)
  /// ```
  public func body<T: Input>(_ type: T.Type, contentType: String = "application/json") -> RouteList {
    noting {
      $0.body = .init(contentType: contentType, isChecked: true) { $0.schema(of: T.self) }
      $0.inputs.append(T.inputSchema)
    }
  }
  /// The same for a type that is `Decodable`, too: its rules describe it.
  public func body<T: Input & Decodable>(_ type: T.Type, contentType: String = "application/json") -> RouteList {
    noting {
      $0.body = .init(contentType: contentType, isChecked: true) { $0.schema(of: T.self) }
      $0.inputs.append(T.inputSchema)
    }
  }
  /// The ``Input`` that the route reads from the query string; each of its fields is a parameter.
  public func query<T: Input>(_ type: T.Type) -> RouteList {
    noting {
      $0.query = .init { InputParameters.list(T.inputSchema, $0) }
      $0.inputs.append(T.inputSchema)
    }
  }
  /// A response with a JSON body. The type is described by what its `Decodable` conformance asks for, or by
  /// ``SchemaDescribing``; an `Encodable` without either is any value.
  public func returns<T: Encodable & SendableMetatype>(_ type: T.Type, _ status: HTTPStatus = .ok, _ description: String? = nil)
    -> RouteList
  {
    noting { $0.answers.append(.init(status: status, description: description) { $0.schema(of: T.self) }) }
  }
  /// A response without a body.
  public func returns(_ status: HTTPStatus, _ description: String? = nil) -> RouteList {
    noting { $0.answers.append(.init(status: status, description: description)) }
  }
  /// What failures look like, where the app has a form of its own; problem documents (RFC 9457) without this.
  ///
  /// What fails before the routes, such as a path that is no path, stays a problem document.
  public func fails<T: Encodable & SendableMetatype>(with type: T.Type) -> RouteList {
    noting { $0.failure = { $0.schema(of: T.self) } }
  }
  /// A number in the query string that has to lie in a range.
  public func parameter<T: PathParameter & Comparable & BinaryInteger>(
    _ name: String, _ type: T.Type, _ description: String? = nil, required: Bool = false, in range: ClosedRange<T>
  ) -> RouteList {
    let schema = JSONTree.parameter(type)
      .adding("minimum", .number("\(range.lowerBound)")).adding("maximum", .number("\(range.upperBound)"))
    return noting {
      $0.parameters.append(.init(name: name, description: description, isRequired: required, schema: schema))
    }
  }
  /// A parameter of the query string.
  public func parameter<T: PathParameter>(
    _ name: String, _ type: T.Type, _ description: String? = nil, required: Bool = false
  ) -> RouteList {
    noting {
      $0.parameters.append(
        .init(name: name, description: description, isRequired: required, schema: .parameter(type)))
    }
  }
  /// The routes answer only callers who proved who they are, says the API's document; the check itself is the routes' own.
  public func needsAuthentication() -> RouteList { noting { $0.needsAuthentication = true } }
  /// The routes stay out of the API's document.
  public func undocumented() -> RouteList { noting { $0.isHidden = true } }

  func noting(_ change: (inout RouteNotes) -> Void) -> RouteList {
    RouteList(
      descriptions.map { route in
        var route = route
        route.note(change)
        // What is said of all versions is said of each.
        route.changeVersions { $0.note(change) }
        return route
      })
  }
}

extension RouteDescription {
  fileprivate mutating func note(_ change: (inout RouteNotes) -> Void) {
    var notes = metadata[RouteNotes.key] as? RouteNotes ?? RouteNotes()
    change(&notes)
    metadata[RouteNotes.key] = notes
  }
}

extension JSONTree {
  /// The schema of a parameter's text.
  static func parameter(_ type: any PathParameter.Type) -> JSONTree {
    let (name, format) = type.parameterSchema
    return JSONTree.object([.init("type", .string(name))]).adding("format", format.map { .string($0) })
  }
  /// A placeholder of a path: a text holds no control characters and no backslashes.
  static func pathParameter(_ type: any PathParameter.Type, isRest: Bool) -> JSONTree {
    let schema = parameter(type)
    guard schema["type"] == "string", schema["format"] == nil, !isRest else { return schema }
    return segment
  }
  static var segment: JSONTree { ["type": "string", "pattern": "^[^\\u0000-\\u001F\\\\]+$"] }
}
