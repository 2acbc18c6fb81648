import MartletCore
public import MartletORM

/// A step to the rows of a to-many relation, without their type: a filter through it asks whether there is one.
package struct RelatedHop: Sendable {
  /// The relation's Swift property.
  package var name: String
  /// Where the relation begins in the declaration.
  package var parent: Path
  package var schema: ModelSchema
  package var hasPolicy: Bool
  private let plan: @Sendable (Path) -> RelatedPlan
  private let readable: @Sendable (Path, Viewer) -> Node

  init<O: Model, T: Model>(_ related: Related<O, T>) {
    name = related.relation.name
    parent = related.parent
    schema = T.schema
    hasPolicy = T.policy.isDeclared
    plan = { parent in
      var plan = related.plan
      plan.parent = parent
      return plan
    }
    // As with to-one relations: without a policy, naming the relation in the declaration is what grants it.
    readable = { path, viewer in T.policy.isDeclared ? T.policy.condition(.read, T.Fields(path), viewer) : .alwaysTrue }
  }

  /// The root of the inner rows.
  var target: Path { plan(parent).target }

  /// Whether there is a row that the viewer may read and for which the condition holds.
  func exists(at parent: Path, for viewer: Viewer, _ condition: (Path) -> Node) -> Node {
    var plan = plan(parent)
    let inner = Node.and(readable(plan.target, viewer), condition(plan.target))
    plan.filter = plan.filter.map { .and($0, inner) } ?? inner
    return .related(plan, .exists)
  }
}

extension Related {
  /// Fields of the related rows, for `.filters` and `.search`: they match where one of the rows does.
  ///
  /// ```swift
  /// .filters { $0.comments.each { $0.author; $0.text } }       // ?comments.author=3
  /// ```
  /// Only rows that the viewer may read count. `$0.comments` itself, without this, filters by their keys.
  public func each(@FieldListBuilder _ fields: (T.Fields) -> [FieldExpression]) -> [FieldExpression] {
    fields(T.Fields(inner.root)).map { field in
      var field = field
      field.related = RelatedHop(self)
      return field
    }
  }
}
