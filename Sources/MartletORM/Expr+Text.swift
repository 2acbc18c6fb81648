public import MartletSQL

/// Text or nullable text: what can be matched.
public protocol TextColumnValue: ColumnValue {}
extension String: TextColumnValue {}
extension Optional: TextColumnValue where Wrapped == String {}

/// Text is compared by code points: `contains` and its kin are case-sensitive on every database, the ones that begin
/// with `i` ignore case by lower-casing both sides with the rules of Unicode.
extension Expr where V: TextColumnValue {
  /// Whether the text holds `part`, with the same case.
  public func contains(_ part: String) -> Expr<Bool> { match(.contains, .value(.text(part))) }
  /// Whether the text holds another column's text, with the same case.
  public func contains(_ part: Expr<String>) -> Expr<Bool> { match(.contains, part.node) }
  /// Whether the text begins with `part`, with the same case.
  public func hasPrefix(_ part: String) -> Expr<Bool> { match(.prefix, .value(.text(part))) }
  /// Whether the text ends with `part`, with the same case.
  public func hasSuffix(_ part: String) -> Expr<Bool> { match(.suffix, .value(.text(part))) }
  /// Whether the text holds `part`, in any case.
  public func icontains(_ part: String) -> Expr<Bool> { match(.contains, .value(.text(part)), ignoringCase: true) }
  /// Whether the text begins with `part`, in any case.
  public func ihasPrefix(_ part: String) -> Expr<Bool> { match(.prefix, .value(.text(part)), ignoringCase: true) }
  /// Whether the text ends with `part`, in any case.
  public func ihasSuffix(_ part: String) -> Expr<Bool> { match(.suffix, .value(.text(part)), ignoringCase: true) }
  /// Whether the text is `other`, in any case.
  public func iequals(_ other: String) -> Expr<Bool> { match(.equal, .value(.text(other)), ignoringCase: true) }

  /// The text in lower case, by the rules of Unicode.
  public var lowercased: Expr<V> { .init(.function(.lower, [node])) }
  /// How many code points the text has.
  public var length: Expr<Int?> { .init(.function(.length, [node])) }
  /// The text without spaces at its ends.
  public var trimmed: Expr<V> { .init(.function(.trim, [node])) }
  /// The text followed by another.
  public func appending(_ other: String) -> Expr<V> { .init(.binary(.concat, node, .value(.text(other)))) }
  /// The text followed by another.
  public func appending(_ other: Expr<V>) -> Expr<V> { .init(.binary(.concat, node, other.node)) }

  private func match(_ kind: TextMatch, _ pattern: Node, ignoringCase: Bool = false) -> Expr<Bool> {
    .init(.match(node, kind, pattern: pattern, ignoringCase: ignoringCase))
  }
}
