public import MartletORM
import MartletCore

/// A model as a REST resource: list, retrieve, create, update and delete under the model's policy.
///
/// ```swift
/// REST("api") {
///   Resource(Post.self)
///     .readOnly { $0.views }
///     .filters { $0.status; $0.author; $0.author.name }
///     .ordering { $0.publishedAt; $0.id }
///     .order { $0.publishedAt.desc }
///     .pageSize(25, max: 100)
/// }
/// ```
/// Nothing is exposed beyond the policy: a row that the viewer may not read answers 404, a model without a policy
/// answers staff alone. Columns marked `hidden` or `secret` never leave, whatever is listed here.
public struct Resource<M: Model>: Sendable {
  package typealias FieldList = @Sendable (M.Fields) -> [FieldExpression]

  var path: String
  var actions = Set(ResourceAction.allCases)
  var shown: FieldList?
  var hidden: [FieldList] = []
  var readOnlyFields: [FieldList] = []
  var filterFields: FieldList?
  var orderingFields: FieldList?
  var defaultOrder: [@Sendable (M.Fields) -> Ordering] = []
  var pageSize = 25
  var maxPageSize = 100
  var summary: String?
  var reading = ResourceReading<M>()
  var exchange = ResourceExchange<M>()
  var filtering = ResourceFiltering<M>()
  var writing = ResourceWriting<M>()
  var naming = ResourceNaming<M>()
  let source: (file: String, line: Int)

  /// The model's resource, at its plural in kebab case: `BlogPost` → `blog-posts`.
  public init(_ model: M.Type, file: String = #fileID, line: Int = #line) {
    path = Naming.plural(Naming.snakeCase(M.schema.name)).split(separator: "_").joined(separator: "-")
    source = (file, line)
  }

  /// At another path: `.path("posts")`.
  public func path(_ path: String) -> Self { with { $0.path = path } }
  /// Only these actions.
  public func actions(_ actions: ResourceAction...) -> Self { with { $0.actions = Set(actions) } }
  /// Only list and retrieve.
  public func readOnly() -> Self { with { $0.actions.formIntersection([.list, .retrieve]) } }
  /// These fields are shown, and refused as input.
  public func readOnly(@FieldListBuilder _ fields: @escaping @Sendable (M.Fields) -> [FieldExpression]) -> Self {
    with { $0.readOnlyFields.append(fields) }
  }
  /// Only these fields, in this order.
  public func fields(@FieldListBuilder _ fields: @escaping @Sendable (M.Fields) -> [FieldExpression]) -> Self {
    with { $0.shown = fields }
  }
  /// Without these fields.
  public func hidden(@FieldListBuilder _ fields: @escaping @Sendable (M.Fields) -> [FieldExpression]) -> Self {
    with { $0.hidden.append(fields) }
  }
  /// What a list can be filtered by. Without this: the key, foreign keys, and columns that are unique, indexed, boolean
  /// or an enum.
  ///
  /// A field of a related row (`$0.author.name` goes by the name `author.name`) matches only where the viewer may read
  /// that row, if its model declares a policy.
  public func filters(@FieldListBuilder _ fields: @escaping @Sendable (M.Fields) -> [FieldExpression]) -> Self {
    with { $0.filterFields = fields }
  }
  /// What a list can be ordered by. Without this: the key, and columns that are unique or indexed.
  public func ordering(@FieldListBuilder _ fields: @escaping @Sendable (M.Fields) -> [FieldExpression]) -> Self {
    with { $0.orderingFields = fields }
  }
  /// The order of a list for which the client asks for none; by the key without this. The key always decides last.
  public func order(_ keys: (@Sendable (M.Fields) -> Ordering)...) -> Self { with { $0.defaultOrder += keys } }
  /// How many rows a page of a list has, and how many a client may ask for with `page_size`.
  public func pageSize(_ size: Int, max: Int = 100) -> Self {
    with {
      $0.pageSize = Swift.max(1, size)
      $0.maxPageSize = Swift.max(size, max, 1)
    }
  }
  /// What the resource is, in a sentence or two, for the API's document.
  public func describe(_ text: String) -> Self { with { $0.summary = text } }

  func with(_ change: (inout Self) -> Void) -> Self {
    var copy = self
    change(&copy)
    return copy
  }
}
