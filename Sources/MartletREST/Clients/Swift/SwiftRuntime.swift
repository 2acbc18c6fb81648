/// The part of a Swift client that is the same for every API.
enum SwiftRuntime {
  static let imports = """

    import Foundation
    #if canImport(FoundationNetworking)
    import FoundationNetworking
    #endif

    """

  static let text = [transport, errors, calls, values, core].joined(separator: "\n")

  /// The members of every client.
  static func client(server: String?) -> String {
    """
    /// The operations as values: for an answer's headers, and for lists page by page.
    public let calls: ClientCalls
    /// What proves who calls.
    public let credentials: Credentials

    /// A client of the API at an address, such as `https://api.example.com`.
    public init(
      baseURL: String\(server.map { " = " + $0 } ?? ""), credentials: Credentials = Credentials(), headers: [String: String] = [:],
      transport: any ClientTransport = URLSessionTransport()
    ) {
      self.init(ClientCore(base: baseURL, credentials: credentials, headers: headers, transport: transport))
    }
    private init(_ core: ClientCore) {
      calls = ClientCalls(core: core)
      credentials = core.credentials
    }
    /// The client of the same server for someone else.
    public func with(_ credentials: Credentials) -> Client {
      var core = calls.core
      core.credentials = credentials
      return Client(core)
    }
    """
  }

  private static let transport = #"""
    /// A request as it leaves.
    public struct ClientRequest: Sendable {
      public var method: String
      public var url: URL
      public var headers: [String: String]
      public var body: Data?
    }
    /// A response as it came; the names of its headers are in lower case.
    public struct ClientResponse: Sendable {
      public var status: Int
      public var headers: [String: String]
      public var body: Data
      public init(status: Int, headers: [String: String] = [:], body: Data = Data()) {
        self.status = status
        self.headers = headers
        self.body = body
      }
    }
    /// What sends requests: `URLSession` unless the app has a transport of its own.
    public protocol ClientTransport: Sendable {
      func send(_ request: ClientRequest) async throws -> ClientResponse
    }
    /// Sends requests by a `URLSession`.
    public struct URLSessionTransport: ClientTransport {
      private let session: URLSession
      public init(_ session: URLSession = .shared) { self.session = session }
      public func send(_ request: ClientRequest) async throws -> ClientResponse {
        var sent = URLRequest(url: request.url)
        sent.httpMethod = request.method
        sent.httpBody = request.body
        sent.cachePolicy = .reloadIgnoringLocalCacheData
        if request.headers["Cookie"] != nil { sent.httpShouldHandleCookies = false }
        for (name, value) in request.headers { sent.setValue(value, forHTTPHeaderField: name) }
        let (body, response) = try await session.data(for: sent)
        guard let response = response as? HTTPURLResponse else { throw URLError(.badServerResponse) }
        var headers: [String: String] = [:]
        for (name, value) in response.allHeaderFields { headers["\(name)".lowercased()] = "\(value)" }
        return ClientResponse(status: response.statusCode, headers: headers, body: body)
      }
    }

    """#

  private static let errors = #"""
    /// A call that failed.
    public struct APIError: Error, Sendable, CustomStringConvertible {
      public enum Kind: Sendable, Hashable {
        /// The server refused: see the status and the body.
        case refused
        /// The server could not be reached, or the task was cancelled: see `underlying`.
        case transport
        /// The answer or an argument is not what the document says: see `underlying`.
        case undecodable
      }
      public var kind: Kind
      /// The status; 0 where there was no answer.
      public var status = 0
      public var headers: [String: String] = [:]
      public var body = Data()
      public var underlying: (any Error)?
      public var call: String

      /// The body as a type, where it is one.
      public func decoded<T: Decodable>(_ type: T.Type) -> T? { try? ClientCore.decoded(type, body) }
      /// The messages by field; `""` is the whole input.
      public var fields: [String: [String]] { entries("message") }
      /// The codes by field: `required`, `max_length`, …; `""` is the whole input.
      public var codes: [String: [String]] { entries("code") }
      private func entries(_ member: String) -> [String: [String]] {
        guard case .object(let problem)? = decoded(JSONValue.self), let errors = problem["errors"] else { return [:] }
        var result: [String: [String]] = [:]
        switch errors {
        case .array(let list):
          for case .object(let entry) in list {
            guard case .string(let field)? = entry["field"], case .string(let text)? = entry[member] else { continue }
            result[field, default: []].append(text)
          }
        case .object(let fields) where member == "message":
          for case (let field, .array(let texts)) in fields {
            result[field] = texts.compactMap { if case .string(let text) = $0 { text } else { nil } }
          }
        default: break
        }
        return result
      }
      public var description: String {
        let reason = underlying.map { ": \($0)" } ?? (body.isEmpty ? "" : ": " + String(decoding: body.prefix(500), as: UTF8.self))
        return status == 0 ? call + reason : "\(call): \(status)\(reason)"
      }
    }

    """#

  private static let calls = #"""
    /// What a single call can be told.
    public struct CallOptions: Sendable {
      public var headers: [String: String]
      public init(headers: [String: String] = [:]) { self.headers = headers }
    }

    /// An answer with its head.
    public struct Answer<Value: Sendable>: Sendable {
      /// The body; `nil` where the server sent none.
      public var value: Value?
      public var status: Int
      /// By their names in lower case.
      public var headers: [String: String]
      /// The version of what was read, for `ifMatch`.
      public var etag: String? { headers["etag"] }
    }

    /// A call that has not been made yet.
    public struct Call<Value: Sendable>: Sendable {
      fileprivate let core: ClientCore
      fileprivate let prepared: PreparedCall
      fileprivate let decode: @Sendable (Data) throws -> Value
      fileprivate init(_ core: ClientCore, _ prepared: PreparedCall, _ decode: @escaping @Sendable (Data) throws -> Value) {
        self.core = core
        self.prepared = prepared
        self.decode = decode
      }
      /// Makes the call: the body.
      public func value() async throws(APIError) -> Value {
        let answer = try await answer()
        guard let value = answer.value else {
          throw APIError(kind: .undecodable, status: answer.status, headers: answer.headers, call: prepared.name + ": no body")
        }
        return value
      }
      /// Makes the call: the body with status and headers.
      public func answer() async throws(APIError) -> Answer<Value> { try await answer(query: nil) }
      fileprivate func answer(query: String?) async throws(APIError) -> Answer<Value> {
        let response = try await core.send(prepared, query: query)
        do {
          let value: Value? = response.body.isEmpty && Value.self != Void.self ? nil : try decode(response.body)
          return Answer(value: value, status: response.status, headers: response.headers)
        } catch {
          throw APIError(
            kind: .undecodable, status: response.status, headers: response.headers, body: response.body, underlying: error,
            call: prepared.name)
        }
      }
    }

    /// A call whose answer is a page of a list.
    public struct PagedCall<Page: Sendable, Item: Sendable>: Sendable {
      fileprivate let call: Call<Page>
      /// The address of the next page; without it, the parameter `offset` goes on.
      fileprivate let next: (@Sendable (Page) -> String?)?
      fileprivate let items: @Sendable (Page) -> [Item]
      fileprivate init(_ call: Call<Page>, next: (@Sendable (Page) -> String?)? = nil, items: @escaping @Sendable (Page) -> [Item]) {
        self.call = call
        self.next = next
        self.items = items
      }
      /// Makes the call: one page.
      public func value() async throws(APIError) -> Page { try await call.value() }
      /// Makes the call: one page with status and headers.
      public func answer() async throws(APIError) -> Answer<Page> { try await call.answer() }
      /// The pages from the one that the arguments name.
      public var pages: PageSequence<Page> {
        let (call, next, items) = (call, next, items)
        return PageSequence { cursor in
          let answer = try await call.answer(query: cursor)
          guard let page = answer.value else { return nil }
          guard let next else {
            return (page, items(page).isEmpty ? nil : call.prepared.query(after: items(page).count, cursor))
          }
          // Only the query of the link counts: credentials go nowhere but to the server that the client was made for.
          guard let link = next(page), let start = link.firstIndex(of: "?") else { return (page, nil) }
          return (page, String(link[start...].prefix { $0 != "#" }))
        }
      }
      /// The rows of all pages.
      public var all: ItemSequence<Page, Item> { ItemSequence(pages: pages, items: items) }
    }

    /// The pages of a list, one request each.
    public struct PageSequence<Page: Sendable>: AsyncSequence, Sendable {
      public typealias Element = Page
      fileprivate let fetch: @Sendable (String?) async throws -> (page: Page, next: String?)?
      fileprivate init(_ fetch: @escaping @Sendable (String?) async throws -> (page: Page, next: String?)?) { self.fetch = fetch }
      public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(fetch: fetch) }
      public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let fetch: @Sendable (String?) async throws -> (page: Page, next: String?)?
        private var cursor: String?
        private var isAtEnd = false
        fileprivate init(fetch: @escaping @Sendable (String?) async throws -> (page: Page, next: String?)?) { self.fetch = fetch }
        public mutating func next() async throws -> Page? {
          guard !isAtEnd else { return nil }
          guard let (page, next) = try await fetch(cursor) else {
            isAtEnd = true
            return nil
          }
          (cursor, isAtEnd) = (next, next == nil)
          return page
        }
      }
    }
    /// The rows of a list, page after page.
    public struct ItemSequence<Page: Sendable, Item: Sendable>: AsyncSequence, Sendable {
      public typealias Element = Item
      fileprivate let pages: PageSequence<Page>
      fileprivate let items: @Sendable (Page) -> [Item]
      public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(pages: pages.makeAsyncIterator(), items: items) }
      public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate var pages: PageSequence<Page>.AsyncIterator
        fileprivate let items: @Sendable (Page) -> [Item]
        private var rest: ArraySlice<Item> = []
        fileprivate init(pages: PageSequence<Page>.AsyncIterator, items: @escaping @Sendable (Page) -> [Item]) {
          self.pages = pages
          self.items = items
        }
        public mutating func next() async throws -> Item? {
          while rest.isEmpty {
            guard let page = try await pages.next() else { return nil }
            rest = items(page)[...]
          }
          return rest.removeFirst()
        }
      }
    }

    """#
}
