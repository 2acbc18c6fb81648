public import MartletCore
import MartletSQL

/// What may be done to a row.
public enum PolicyAction: String, Sendable, Hashable, CaseIterable { case read, create, update, delete }

/// Who may read and change a model's rows: written once, beside the model.
///
/// Compiled into the WHERE of every surface's queries, and evaluated on the value where no row exists yet. Nothing is
/// allowed until a rule allows it; a superuser may do everything, as in Django.
///
/// ```swift
/// static let policy = Policy(Post.self) {
///   $0.allow(.read) { post, viewer in post.status == .published || post.author.id == viewer.id }
///   $0.allow(.create, .update) { post, viewer in post.author.id == viewer.id }
///   $0.allow(.delete) { post, viewer in viewer.isStaff }
/// }
/// ```
public struct Policy<M: Model>: Sendable {
  /// A rule: the condition under which a viewer may act on a row.
  public typealias Rule = @Sendable (M.Fields, PolicyViewer) -> Expr<Bool>

  private var rules: [PolicyAction: [Rule]] = [:]
  /// Whether the model declares a policy; one that does not is for staff alone.
  package private(set) var isDeclared = true

  /// A policy with these rules.
  public init(_ model: M.Type, _ build: (inout Policy) -> Void) { build(&self) }
  private init() {}

  /// What a model without a policy has: staff may do everything, others nothing.
  package static var undeclared: Policy {
    var policy = Policy()
    policy.allow(.read, .create, .update, .delete) { _, viewer in viewer.isStaff }
    policy.isDeclared = false
    return policy
  }

  /// Allows the actions where the condition holds; several rules for an action allow it where any of them does.
  public mutating func allow(_ actions: PolicyAction..., when rule: @escaping Rule) {
    for action in actions { rules[action, default: []].append(rule) }
  }
  /// Allows the actions to everyone.
  public mutating func allowAll(_ actions: PolicyAction...) {
    for action in actions { rules[action, default: []].append { _, _ in .always } }
  }

  /// Whether any rule allows the action to anyone.
  package func mentions(_ action: PolicyAction) -> Bool { rules[action] != nil }

  package func condition(_ action: PolicyAction, _ fields: M.Fields, _ viewer: Viewer) -> Node {
    if viewer.isSuperuser { return .alwaysTrue }
    let facts = PolicyViewer(viewer)
    return (rules[action] ?? []).reduce(.alwaysFalse) { .or($0, $1(fields, facts).node) }
  }
}

/// The viewer as rules see it: facts as expressions, so that they mix with columns.
public struct PolicyViewer: Sendable {
  /// The facts as plain values.
  public let value: Viewer
  package init(_ viewer: Viewer) { value = viewer }

  /// The viewer's key, to compare with a reference to a user. An anonymous viewer equals nobody, not even NULL.
  public var id: ViewerReference { ViewerReference(id: value.id) }
  /// Whether the viewer proved who they are.
  public var isAuthenticated: Expr<Bool> { Expr(.value(.bool(value.isAuthenticated))) }
  /// Whether the viewer is staff.
  public var isStaff: Expr<Bool> { Expr(.value(.bool(value.isStaff))) }
  /// Whether the viewer has a permission, by its Django code (`blog.change_post`).
  public func has(_ permission: String) -> Expr<Bool> { Expr(.value(.bool(value.has(permission)))) }
}

/// The viewer's key inside a rule.
public struct ViewerReference: Sendable {
  let id: ViewerID?

  private func compared(_ op: BinaryOperator, _ node: Node) -> Expr<Bool> {
    switch id {
    // An anonymous viewer is different from everyone: a NULL column must not match.
    case nil: Expr(.value(.bool(op == .notEqual)))
    case .int(let value): Expr(.binary(op, node, .value(.int(value))))
    case .uuid(let value): Expr(.binary(op, node, .value(.uuid(value))))
    case .text(let value): Expr(.binary(op, node, .value(.text(value))))
    }
  }
  /// Whether the key is the viewer's.
  public static func == <K: PrimaryKey>(l: Expr<K>, r: ViewerReference) -> Expr<Bool> { r.compared(.equal, l.node) }
  /// Whether the key is the viewer's; no key is nobody's.
  public static func == <K: PrimaryKey>(l: Expr<K?>, r: ViewerReference) -> Expr<Bool> { r.compared(.equal, l.node) }
  /// Whether the key is another's than the viewer's.
  public static func != <K: PrimaryKey>(l: Expr<K>, r: ViewerReference) -> Expr<Bool> { r.compared(.notEqual, l.node) }
  /// Whether the key is another's than the viewer's, or there is none.
  public static func != <K: PrimaryKey>(l: Expr<K?>, r: ViewerReference) -> Expr<Bool> { r.compared(.notEqual, l.node) }
}
