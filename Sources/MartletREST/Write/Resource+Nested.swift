import MartletCore
public import MartletORM

extension Resource {
  /// Writes the rows of these relations together with the row that has them, in one transaction.
  ///
  /// ```swift
  /// Resource(Post.self).nested { $0.comments; $0.tags }
  /// ```
  /// ```json
  /// {"title": "New", "comments": [{"text": "First"}, {"id": 3, "text": "Changed"}], "tags": [1, 2, {"name": "swift"}]}
  /// ```
  /// Rows that refer to this one: without a key they are created, with the key of one of its own they are changed, and
  /// those that the list leaves out are deleted. Many-to-many: the list is what is tied; objects create rows. A reference
  /// takes an object in place of a key. A relation that the input does not name stays as it is. The policy is asked for
  /// every row.
  ///
  /// The rows are read as the resource of their model in the same ``REST`` declares: its fields, values of the server, rules and
  /// hooks, but not its nested relations. Without one, all columns that can be edited are taken.
  public func nested(@NestedListBuilder<M> _ relations: (M.Fields) -> [NestedRelation<M>]) -> Self {
    var copy = self
    copy.writing.nested += relations(M.Fields(Path(M.self)))
    return copy
  }
  /// The same for one relation, whose rows are read as this resource declares: its fields, rules, hooks and nested relations.
  ///
  /// ```swift
  /// .nested(Resource(Comment.self).owner { $0.author }) { $0.comments }
  /// ```
  public func nested<T: Model>(_ resource: Resource<T>, _ relation: (M.Fields) -> Related<M, T>) -> Self {
    var copy = self
    copy.writing.nested.append(.many(relation(M.Fields(Path(M.self))), resource))
    return copy
  }
  /// The same for the row that this one refers to.
  public func nested<F: ModelFields>(_ resource: Resource<F.M>, _ relation: (M.Fields) -> F) -> Self {
    var copy = self
    copy.writing.nested.append(.one(relation(M.Fields(Path(M.self))).joinPath, F.M.self, resource))
    return copy
  }
  /// The same for a row that this one may refer to, or the one that refers to this one.
  public func nested<F: ModelFields>(_ resource: Resource<F.M>, _ relation: (M.Fields) -> Maybe<F>) -> Self {
    var copy = self
    copy.writing.nested.append(.one(relation(M.Fields(Path(M.self))).base.joinPath, F.M.self, resource))
    return copy
  }
}

/// Lists relations, one a line: `.nested { $0.comments; $0.tags }`.
@resultBuilder
public enum NestedListBuilder<M: Model> {
  /// A to-many relation.
  public static func buildExpression<T: Model>(_ relation: Related<M, T>) -> [NestedRelation<M>] {
    [.many(relation)]
  }
  /// The row that this one refers to.
  public static func buildExpression<F: ModelFields>(_ relation: F) -> [NestedRelation<M>] {
    [.one(relation.joinPath, F.M.self)]
  }
  /// A row that this one may refer to, or the one that refers to this one.
  public static func buildExpression<F: ModelFields>(_ relation: Maybe<F>) -> [NestedRelation<M>] {
    [.one(relation.base.joinPath, F.M.self)]
  }
  /// All relations of the block.
  public static func buildBlock(_ parts: [NestedRelation<M>]...) -> [NestedRelation<M>] { parts.flatMap { $0 } }
}

extension Resource {
  /// Relations that cannot be written together with the row.
  func nestedMistakes(_ shape: WritingShape) -> [CheckMessage] {
    let left = writing.nested.count - shape.nested.count, mistakes = shape.nested.flatMap(\.child.mistakes)
    guard left > 0 else { return mistakes }
    return mistakes + [
      CheckMessage(
        "rest.E001", .error, "\(left) of the relations in .nested of the resource “\(path)” cannot be written with the row.",
        hint: "List relations of \(M.self) itself, over references of one column and without a model in between.",
        object: "\(source.file):\(source.line)")
    ]
  }
}
