extension SwiftRuntime {
  static let values = #"""
    /// A secret, or a function that gives it: for tokens that are renewed.
    public struct Secret: Sendable, ExpressibleByStringLiteral {
      let text: @Sendable () async throws -> String?
      public init(_ text: String) { self.text = { text } }
      public init(_ text: @escaping @Sendable () async throws -> String?) { self.text = text }
      public init(stringLiteral value: String) { self.init(value) }
    }
    enum CredentialPlace: Sendable {
      case header(String, prefix: String)
      case cookie(String)
      case query(String)
    }

    /// A value that may be `null`, where leaving it out means something else.
    public enum Nullable<Value: Codable & Hashable & Sendable>: Codable, Hashable, Sendable {
      case null
      case value(Value)
      public init(_ value: Value?) { self = value.map { .value($0) } ?? .null }
      public var value: Value? { if case .value(let value) = self { value } else { nil } }
      public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        self = container.decodeNil() ? .null : .value(try container.decode(Value.self))
      }
      public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if case .value(let value) = self { try container.encode(value) } else { try container.encodeNil() }
      }
    }

    /// A value that holds others of its own type.
    public indirect enum Indirect<Value: Codable & Hashable & Sendable>: Codable, Hashable, Sendable {
      case value(Value)
      public init(_ value: Value) { self = .value(value) }
      public var value: Value { switch self { case .value(let value): value } }
      public init(from decoder: any Decoder) throws { self = .value(try Value(from: decoder)) }
      public func encode(to encoder: any Encoder) throws { try value.encode(to: encoder) }
    }

    /// Any JSON value.
    public enum JSONValue: Codable, Hashable, Sendable {
      case null
      case bool(Bool)
      case integer(Int)
      case number(Double)
      case string(String)
      case array([JSONValue])
      case object([String: JSONValue])
      public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() { self = .null }
        else if let value = try? container.decode(Bool.self) { self = .bool(value) }
        else if let value = try? container.decode(Int.self) { self = .integer(value) }
        else if let value = try? container.decode(Double.self) { self = .number(value) }
        else if let value = try? container.decode(String.self) { self = .string(value) }
        else if let value = try? container.decode([JSONValue].self) { self = .array(value) }
        else { self = .object(try container.decode([String: JSONValue].self)) }
      }
      public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
      }
    }

    /// A value as a parameter's text.
    public protocol ParameterValue { var parameterText: String { get } }
    extension String: ParameterValue { public var parameterText: String { self } }
    extension Int: ParameterValue { public var parameterText: String { String(self) } }
    extension Double: ParameterValue { public var parameterText: String { String(self) } }
    extension Bool: ParameterValue { public var parameterText: String { self ? "true" : "false" } }
    extension UUID: ParameterValue { public var parameterText: String { uuidString.lowercased() } }
    extension Date: ParameterValue { public var parameterText: String { ClientCore.text(of: self) } }
    extension Array: ParameterValue where Element: ParameterValue {
      public var parameterText: String { map(\.parameterText).joined(separator: ",") }
    }
    extension RawRepresentable where RawValue: ParameterValue, Self: ParameterValue {
      public var parameterText: String { rawValue.parameterText }
    }
    extension JSONValue: ParameterValue {
      public var parameterText: String {
        switch self {
        case .string(let text): text
        case .integer(let value): String(value)
        case .number(let value): String(value)
        case .bool(let value): value.parameterText
        default: (try? ClientCore.encoded(self)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        }
      }
    }

    /// A form with files (`multipart/form-data`).
    public struct MultipartForm: Sendable {
      fileprivate let boundary = "form-" + UUID().uuidString
      private var parts = Data()
      public init() {}
      public mutating func append(_ name: String, _ value: String) { part(name, file: nil, type: nil, Data(value.utf8)) }
      public mutating func append(_ name: String, file: String, type: String = "application/octet-stream", _ content: Data) {
        part(name, file: file, type: type, content)
      }
      private mutating func part(_ name: String, file: String?, type: String?, _ content: Data) {
        func quoted(_ text: String) -> String {
          "\"" + text.replacingOccurrences(of: "\"", with: "%22").replacingOccurrences(of: "\r", with: "%0D")
            .replacingOccurrences(of: "\n", with: "%0A") + "\""
        }
        var head = "--\(boundary)\r\nContent-Disposition: form-data; name=\(quoted(name))"
        if let file { head += "; filename=\(quoted(file))" }
        if let type { head += "\r\nContent-Type: \(type)" }
        parts += Data((head + "\r\n\r\n").utf8) + content + Data("\r\n".utf8)
      }
      fileprivate var data: Data { parts + Data("--\(boundary)--\r\n".utf8) }
    }

    """#

  static let core = #"""
    /// A call with its arguments filled in.
    struct PreparedCall: Sendable {
      fileprivate let method: String
      fileprivate let template: String
      fileprivate var path: String
      private var queries: [(name: String, value: String)] = []
      fileprivate var headers: [String: String] = [:]
      fileprivate let own: [String: String]
      fileprivate var content: Data?
      fileprivate var mistake: String?
      var name: String { "\(method) \(template)" }

      init(_ method: String, _ path: String, _ options: CallOptions) {
        self.method = method
        self.path = path
        template = path
        own = options.headers
      }
      mutating func path(_ name: String, _ value: some ParameterValue) {
        let text = value.parameterText
        // An empty part, or one of dots, would name another path.
        if ["", ".", ".."].contains(text) { mistake = "“\(text)” is no \(name)" }
        path = path.replacingOccurrences(of: "{\(name)}", with: ClientCore.escaped(text))
      }
      mutating func query(_ name: String, _ value: (some ParameterValue)?) {
        if let value { queries.append((name, value.parameterText)) }
      }
      mutating func list(_ name: String, _ values: [some ParameterValue]?, isJoined: Bool) {
        guard let texts = values?.map(\.parameterText) else { return }
        for text in isJoined ? [texts.joined(separator: ",")] : texts { queries.append((name, text)) }
      }
      mutating func header(_ name: String, _ value: (some ParameterValue)?) {
        if let value { headers[name] = value.parameterText }
      }
      mutating func body(_ value: (some Encodable)?, _ type: String) {
        guard let value else { return }
        do { data(try ClientCore.encoded(value), type) } catch { mistake = "\(error)" }
      }
      mutating func text(_ text: String?, _ type: String) { data(text.map { Data($0.utf8) }, type) }
      mutating func form(_ form: MultipartForm?) {
        if let form { data(form.data, "multipart/form-data; boundary=\(form.boundary)") }
      }
      mutating func data(_ data: Data?, _ type: String) {
        guard let data else { return }
        content = data
        headers["Content-Type"] = type
      }

      fileprivate var query: String { Self.text(queries) }
      /// The query of the page after one of so many rows.
      fileprivate func query(after rows: Int, _ query: String?) -> String {
        let given = query?.split(separator: "=").last.flatMap { Int($0) } ?? queries.last { $0.name == "offset" }.flatMap { Int($0.value) } ?? 0
        return Self.text(queries.filter { $0.name != "offset" } + [("offset", String(given + rows))])
      }
      private static func text(_ queries: [(name: String, value: String)]) -> String {
        queries.isEmpty ? "" : "?" + queries.map { ClientCore.escaped($0.name) + "=" + ClientCore.escaped($0.value) }.joined(separator: "&")
      }
    }

    /// Sends calls.
    struct ClientCore: Sendable {
      let base: String
      var credentials: Credentials
      let headers: [String: String]
      let transport: any ClientTransport

      func send(_ call: PreparedCall, query: String?) async throws(APIError) -> ClientResponse {
        if let mistake = call.mistake { throw APIError(kind: .undecodable, call: "\(call.name): \(mistake)") }
        let response: ClientResponse
        do { response = try await transport.send(try await request(call, query)) } catch {
          throw APIError(kind: .transport, underlying: error, call: call.name)
        }
        if (200..<300).contains(response.status) { return response }
        throw APIError(kind: .refused, status: response.status, headers: response.headers, body: response.body, call: call.name)
      }
      private func request(_ call: PreparedCall, _ query: String?) async throws -> ClientRequest {
        var headers = ["Accept": "application/json, application/problem+json;q=0.9, */*;q=0.8"]
        headers.merge(self.headers) { $1 }
        headers.merge(call.headers) { $1 }
        var query = query ?? call.query
        for (place, secret) in credentials.schemes {
          guard let text = try await secret?.text() else { continue }
          switch place {
          case .header(let name, let prefix): headers[name] = prefix + text
          case .cookie(let name): headers["Cookie"] = (headers["Cookie"].map { $0 + "; " } ?? "") + "\(name)=\(text)"
          case .query(let name): query += (query.isEmpty ? "?" : "&") + Self.escaped(name) + "=" + Self.escaped(text)
          }
        }
        headers.merge(call.own) { $1 }
        let root = base.hasSuffix("/") ? String(base.dropLast()) : base
        guard let url = URL(string: root + call.path + query) else { throw URLError(.badURL) }
        return ClientRequest(method: call.method, url: url, headers: headers, body: call.content)
      }

      static func escaped(_ text: String) -> String {
        let plain = CharacterSet(charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
        return text.addingPercentEncoding(withAllowedCharacters: plain) ?? ""
      }
      static func encoded(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .custom { date, encoder in
          var container = encoder.singleValueContainer()
          try container.encode(text(of: date))
        }
        return try encoder.encode(value)
      }
      static func decoded<T: Decodable>(_ type: T.Type, _ data: Data) throws -> T {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { decoder in
          let container = try decoder.singleValueContainer(), text = try container.decode(String.self)
          guard let date = date(of: text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "“\(text)” is no time of RFC 3339")
          }
          return date
        }
        return try decoder.decode(type, from: data)
      }
      /// RFC 3339 to the microsecond.
      static func text(of date: Date) -> String {
        let microseconds = (date.timeIntervalSince1970 * 1_000_000).rounded()
        let seconds = (microseconds / 1_000_000).rounded(.down), rest = Int(microseconds - seconds * 1_000_000)
        let whole = Date(timeIntervalSince1970: seconds).formatted(.iso8601)
        return rest == 0 ? whole : whole.dropLast() + "." + String(1_000_000 + rest).dropFirst() + "Z"
      }
      static func date(of text: String) -> Date? {
        guard let dot = text.firstIndex(of: ".") else { return try? Date(text, strategy: .iso8601) }
        let digits = text[text.index(after: dot)...].prefix { $0.isNumber }
        guard let whole = try? Date(text[..<dot] + text[digits.endIndex...], strategy: .iso8601), let rest = Double("0." + digits) else {
          return nil
        }
        return whole.addingTimeInterval(rest)
      }
    }

    """#
}
