import MartletSQL

/// How the rows of a to-many relation are tied to their owner.
package enum ToManyLink: Sendable, Hashable {
  /// Columns of the other table refer to the owner: one, or as many as its key has.
  case foreignKey([String])
  /// A table in between refers to both.
  case table(String, owner: String, target: String)

  /// The join that reaches the link, and the columns that hold the owner's key.
  func tie(inner: String, targetKey: String, quote: (String) -> String) -> (join: String, keys: [String]) {
    switch self {
    case .foreignKey(let columns): ("", columns.map { inner + "." + quote($0) })
    case .table(let table, let owner, let target):
      (
        " JOIN \(quote(table)) \(inner)l ON \(inner)l.\(quote(target)) = \(inner).\(quote(targetKey))",
        ["\(inner)l." + quote(owner)]
      )
    }
  }
}

/// A to-many relation between two models; made by the code that `@Model` writes.
public final class ToMany<O: Model, T: Model>: Sendable {
  package let name: String
  package let link: @Sendable () -> ToManyLink
  /// The rows that were loaded, or nil.
  package let get: @Sendable (O) -> [T]?
  let set: @Sendable (inout O, [T]) -> Void

  private init(
    _ name: String, _ link: @escaping @Sendable () -> ToManyLink, _ get: @escaping @Sendable (O) -> [T]?,
    _ set: @escaping @Sendable (inout O, [T]) -> Void
  ) {
    self.name = name
    self.link = link
    self.get = get
    self.set = set
  }
  /// The rows whose reference points here.
  /// - Parameter get: The rows that were loaded; without it the relation is for filters and computed values alone.
  public convenience init(
    _ name: String, foreignKey: @escaping @Sendable (T.Fields) -> O.Fields, get: @escaping @Sendable (O) -> [T]? = { _ in nil },
    set: @escaping @Sendable (inout O, [T]) -> Void
  ) {
    self.init(name, { .foreignKey(Self.columns(foreignKey(T.Fields(Path(T.self))).joinPath)) }, get, set)
  }
  /// The rows whose nullable reference points here.
  public convenience init(
    _ name: String, foreignKey: @escaping @Sendable (T.Fields) -> Maybe<O.Fields>,
    get: @escaping @Sendable (O) -> [T]? = { _ in nil },
    set: @escaping @Sendable (inout O, [T]) -> Void
  ) {
    self.init(name, { .foreignKey(Self.columns(foreignKey(T.Fields(Path(T.self))).base.joinPath)) }, get, set)
  }
  /// Many-to-many over a link table of the framework's making.
  public convenience init(
    _ name: String, link: String, owner: String, target: String, get: @escaping @Sendable (O) -> [T]? = { _ in nil },
    set: @escaping @Sendable (inout O, [T]) -> Void
  ) {
    self.init(name, { .table(link, owner: owner, target: target) }, get, set)
  }
  /// Many-to-many over a model in between.
  public convenience init<L: Model>(
    _ name: String, through: L.Type, owner: @escaping @Sendable (L.Fields) -> O.Fields,
    target: @escaping @Sendable (L.Fields) -> T.Fields, get: @escaping @Sendable (O) -> [T]? = { _ in nil },
    set: @escaping @Sendable (inout O, [T]) -> Void
  ) {
    self.init(
      name,
      {
        let fields = L.Fields(Path(L.self))
        return .table(L.table, owner: Self.column(owner(fields).joinPath), target: Self.column(target(fields).joinPath))
      }, get, set)
  }
  /// The far side of a many-to-many relation.
  public convenience init(
    _ name: String, inverseOf other: @escaping @Sendable () -> ToMany<T, O>, get: @escaping @Sendable (O) -> [T]? = { _ in nil },
    set: @escaping @Sendable (inout O, [T]) -> Void
  ) {
    self.init(
      name,
      {
        switch other().link() {
        case .table(let table, let owner, let target): .table(table, owner: target, target: owner)
        case .foreignKey(let columns): .foreignKey(columns)
        }
      }, get, set)
  }

  private static func columns(_ path: Path) -> [String] { path.relation?.foreignKeyColumns ?? [] }
  private static func column(_ path: Path) -> String { path.relation?.foreignKeyColumn ?? "" }
}
