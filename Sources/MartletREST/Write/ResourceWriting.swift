public import MartletCore
public import MartletHTTP
import MartletORM
public import MartletSQL

/// What a ``Resource`` was told about writes: values of the server, hooks, rules, actions, bulk and nested writes.
struct ResourceWriting<M: Model>: Sendable {
  var fills: [ColumnFill<M>] = []
  var hooks = WriteHooks<M>()
  var rules: [RowRule<M>] = []
  var actions: [CustomAction<M>] = []
  /// The most rows of one bulk request; `nil` where none are taken.
  var bulkLimit: Int?
  var nested: [NestedRelation<M>] = []
}

/// Where a hook, a rule or an action of a ``Resource`` runs: the request, who sent it, and the open transaction.
///
/// ```swift
/// .after(.create) { article, context in
///   try await Event(kind: "new", article: Ref(article)).insert(context.db)
///   await context.db.onCommit { await mail.announce(article) }   // only once it is certain
/// }
/// ```
public struct ResourceContext: Sendable {
  /// The request that is answered.
  public let request: Request
  /// The transaction: what is written through it is undone together with the row.
  public let db: Database

  /// A place to run in.
  package init(_ request: Request, _ db: Database) {
    self.request = request
    self.db = db
  }
  /// Who sent the request.
  public var viewer: Viewer { request.viewer }
}

extension ModelSchema {
  /// The place of the model's own column that an expression stands for; a relation stands for its foreign key.
  func ownColumn(of node: Node) -> Int? {
    guard case .column(let column) = node, column.path.root.schema.table == table else { return nil }
    if column.path.parent == nil { return column.index }
    guard column.isKey, column.path.parent?.parent == nil, let foreignKey = column.path.relation?.foreignKeyColumn else {
      return nil
    }
    return columns.firstIndex { $0.name == foreignKey }
  }
}
