import MartletORM

/// A row is created: `.before(.create)`, `.after(.create)`.
public struct CreateEvent: Sendable {
  /// A row is created.
  public static var create: CreateEvent { CreateEvent() }
}
/// A row is changed: `.before(.update)`, `.after(.update)`.
public struct UpdateEvent: Sendable {
  /// A row is changed, by PUT or PATCH.
  public static var update: UpdateEvent { UpdateEvent() }
}
/// A row is deleted: `.before(.delete)`, `.after(.delete)`.
public struct DeleteEvent: Sendable {
  /// A row is deleted.
  public static var delete: DeleteEvent { DeleteEvent() }
}

/// What runs around the writes of a resource, in the order of its declaration.
struct WriteHooks<M: Model>: Sendable {
  typealias Changing = @Sendable (inout M, ResourceContext) async throws -> Void
  typealias Seeing = @Sendable (M, ResourceContext) async throws -> Void
  var beforeCreate: [Changing] = []
  var beforeUpdate: [@Sendable (inout M, M, ResourceContext) async throws -> Void] = []
  var beforeDelete: [Seeing] = []
  var afterCreate: [Seeing] = []
  var afterUpdate: [@Sendable (M, M, ResourceContext) async throws -> Void] = []
  var afterDelete: [Seeing] = []
}

extension Resource {
  /// Runs inside the transaction, on the valid row that is about to be inserted, and may change it.
  ///
  /// ```swift
  /// .before(.create) { article, context in article.slug = slug(of: article.title) }
  /// ```
  /// What it throws undoes everything, and is the answer where it is a `ProblemConvertible`.
  public func before(
    _ event: CreateEvent, _ hook: @escaping @Sendable (_ row: inout M, _ context: ResourceContext) async throws -> Void
  ) -> Self { hooking { $0.beforeCreate.append(hook) } }
  /// Runs inside the transaction, on the row as it is about to be saved and as it was, and may change the former.
  public func before(
    _ event: UpdateEvent,
    _ hook: @escaping @Sendable (_ row: inout M, _ original: M, _ context: ResourceContext) async throws -> Void
  ) -> Self { hooking { $0.beforeUpdate.append(hook) } }
  /// Runs inside the transaction, on the row that is about to be deleted.
  public func before(
    _ event: DeleteEvent, _ hook: @escaping @Sendable (_ row: M, _ context: ResourceContext) async throws -> Void
  ) -> Self { hooking { $0.beforeDelete.append(hook) } }
  /// Runs inside the transaction, on the row that was inserted, with its key.
  public func after(
    _ event: CreateEvent, _ hook: @escaping @Sendable (_ row: M, _ context: ResourceContext) async throws -> Void
  ) -> Self { hooking { $0.afterCreate.append(hook) } }
  /// Runs inside the transaction, on the row as it is now and as it was.
  public func after(
    _ event: UpdateEvent, _ hook: @escaping @Sendable (_ row: M, _ original: M, _ context: ResourceContext) async throws -> Void
  ) -> Self { hooking { $0.afterUpdate.append(hook) } }
  /// Runs inside the transaction, on the row that is no more.
  public func after(
    _ event: DeleteEvent, _ hook: @escaping @Sendable (_ row: M, _ context: ResourceContext) async throws -> Void
  ) -> Self { hooking { $0.afterDelete.append(hook) } }

  private func hooking(_ change: (inout WriteHooks<M>) -> Void) -> Self {
    var copy = self
    change(&copy.writing.hooks)
    return copy
  }
}
