import MartletCore
import MartletORM
import MartletSQL

/// The filters of a request, read and checked.
indirect enum FilterExpression: Sendable {
  case condition(FilterField, FilterLookup, [SQLValue])
  /// Each of the words, in any of the fields.
  case words([String], in: [FilterField])
  /// What a person typed, by a full-text index.
  case fullText(@Sendable (Path) -> Node)
  case all([FilterExpression])
  case any([FilterExpression])
  case not(FilterExpression)

  /// The condition in a query, for what the viewer may read.
  func node(in root: Path, for viewer: Viewer) -> Node {
    switch self {
    case .condition(let field, let lookup, let values): field.condition(lookup, values, in: root, for: viewer)
    case .words(let words, let fields):
      words.reduce(.alwaysTrue) { all, word in
        .and(
          all,
          fields.reduce(.alwaysFalse) {
            .or($0, $1.condition(FilterLookup(.icontains), [.text(word)], in: root, for: viewer))
          })
      }
    case .fullText(let node): node(root)
    case .all(let parts): parts.reduce(.alwaysTrue) { .and($0, $1.node(in: root, for: viewer)) }
    case .any(let parts): parts.reduce(.alwaysFalse) { .or($0, $1.node(in: root, for: viewer)) }
    case .not(let part): .not(part.node(in: root, for: viewer))
    }
  }
}

/// How much a request may ask of a list.
enum FilterLimits {
  /// Most conditions of one request: one may nest only so deep in a database. A list with more parameters than that takes as
  /// many: each of them may be used.
  static let conditions = 50
  /// Most values of all conditions together: a statement binds only so many.
  static let allValues = 10_000
  /// Most values of one `[in]`: keeps a statement within every database's number of bindings.
  static let values = 500
  /// How deep `or(…)`, `and(…)` and `not(…)` may stand in each other.
  static let depth = 5
  /// Most words and phrases of one search.
  static let words = 16
}
