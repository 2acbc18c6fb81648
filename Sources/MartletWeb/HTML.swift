public import MartletHTTP

/// HTML that is safe to send: what is interpolated into it is escaped.
///
/// ```swift
/// let row: HTML = "<td>\(article.title)</td>"        // a title of <script> shows as text
/// let page: HTML = "<table>\(rows)</table>"          // HTML inside of HTML stays as it is
/// let icon = HTML(unescaped: trustedSVG)
/// ```
/// Escaping is for text and for attributes in quotes. Inside of `<script>`, of `style` or of a URL other rules
/// hold: put such values into a `data-` attribute or a query parameter that you encode.
public struct HTML: Sendable, Hashable, CustomStringConvertible, ExpressibleByStringInterpolation, ResponseConvertible {
  /// The markup.
  public let text: String

  /// Markup that is trusted as it is.
  public init(unescaped text: String) { self.text = text }
  /// Text, escaped.
  public init(escaping text: some StringProtocol) { self.text = HTML.escape(text) }
  /// Markup written in the source.
  public init(stringLiteral value: String) { text = value }
  /// Markup written in the source with values in it.
  public init(stringInterpolation: Interpolation) { text = stringInterpolation.text }

  /// The markup.
  public var description: String { text }
  /// Nothing.
  public static let empty = HTML(unescaped: "")
  /// One after the other.
  public static func + (l: HTML, r: HTML) -> HTML { HTML(unescaped: l.text + r.text) }

  /// `text/html`.
  public func response(for request: Request) throws -> Response { .html(text) }
  /// `text/html` with a status.
  public func response(status: HTTPStatus) -> Response { .html(text, status: status) }

  /// `&`, `<`, `>`, `"` and `'` as entities, in Django's form.
  public static func escape(_ text: some StringProtocol) -> String {
    var out: [UInt8] = []
    out.reserveCapacity(text.utf8.count)
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "&"): out += "&amp;".utf8
      case UInt8(ascii: "<"): out += "&lt;".utf8
      case UInt8(ascii: ">"): out += "&gt;".utf8
      case UInt8(ascii: "\""): out += "&quot;".utf8
      case UInt8(ascii: "'"): out += "&#x27;".utf8
      default: out.append(byte)
      }
    }
    return String(decoding: out, as: UTF8.self)
  }

  /// Gathers a literal: its own text as it is, its values escaped.
  public struct Interpolation: StringInterpolationProtocol {
    var text = ""

    /// An empty literal.
    public init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(literalCapacity) }
    /// The literal's own text.
    public mutating func appendLiteral(_ literal: String) { text += literal }
    /// HTML as it is.
    public mutating func appendInterpolation(_ html: HTML) { text += html.text }
    /// Several pieces of HTML as they are.
    public mutating func appendInterpolation(_ parts: [HTML]) { for part in parts { text += part.text } }
    /// HTML as it is, or nothing.
    public mutating func appendInterpolation(_ html: HTML?) { text += html?.text ?? "" }
    /// A value's description, escaped.
    public mutating func appendInterpolation(_ value: some CustomStringConvertible) { text += HTML.escape(value.description) }
    /// A value's description, escaped, or nothing.
    public mutating func appendInterpolation(_ value: (some CustomStringConvertible)?) {
      if let value { text += HTML.escape(value.description) }
    }
  }
}

extension Sequence where Element == HTML {
  /// The pieces one after the other.
  public func joined(separator: HTML = .empty) -> HTML {
    HTML(unescaped: map(\.text).joined(separator: separator.text))
  }
}
