import MartletCore
import MartletHTTP
import MartletORM

extension Resource {
  /// What the shape says of reading, and mistakes in it.
  func addReading(_ shape: inout ResourceShape) {
    shape.computed = reading.computed.map(\.field)
    shape.pagination = reading.pagination
    shape.count = reading.pagination == .cursor ? .none : reading.count
    shape.isExportable = reading.isExportable
    shape.isSparse = reading.isSparse
    for relation in relations {
      if relation.isOwn, !relation.name.isEmpty {
        shape.expansions.append((shape.resolver.name(ofRelation: relation.name), relation))
      } else {
        mistake(
          "rest.E001", .error, "A relation in .expand of the resource “\(path)” is left out: it is none of \(M.self) itself.",
          "List the model's own relations; relations of relations are declared by the resource of their model.", &shape)
      }
      if !relation.fallback.isPolicyDeclared {
        mistake(
          "rest.W003", .warning,
          "\(relation.target.name) has no policy, so “\(relation.name)” of the resource “\(path)” expands for staff alone.",
          "Declare static let policy = Policy(\(relation.target.name).self) { … }.", &shape)
      }
    }
    let taken = Set(shape.fields.map(\.name) + shape.expansions.map(\.name))
    for field in shape.computed where taken.contains(field.name) {
      mistake(
        "rest.E004", .error, "The computed field “\(field.name)” of the resource “\(path)” has the name of another field.",
        "Give it another name, or hide the other one.", &shape)
    }
    let query = M.query
    if reading.pagination == .cursor,
      SortKeys((defaultOrder.map { $0(query.fields) } + [query.keyOrder]).map { .init($0) }, root: query.root) == nil
    {
      mistake(
        "rest.E005", .error, "The order of the resource “\(path)” is none that cursors can go along.",
        "Order by columns, without nullsFirst and nullsLast, and let the key be one column.", &shape)
    }
  }

  private func mistake(
    _ id: String, _ level: CheckMessage.Level, _ text: String, _ hint: String, _ shape: inout ResourceShape
  ) {
    shape.mistakes.append(CheckMessage(id, level, text, hint: hint, object: shape.source.description))
  }
}

extension Resource {
  package var isPolicyDeclared: Bool { M.policy.isDeclared }
}

extension ResourceOperation {
  /// Which of two resources says what an expanded row shows should not be left to their order.
  var ambiguousExpansions: [CheckMessage] {
    directory.ambiguous(shape).map { name, model in
      CheckMessage(
        "rest.W005", .warning,
        "“\(name)” of the resource “\(shape.path)” expands to \(model), which several resources show: the first one decides.",
        hint: "Put the one that may be seen there first, or into a REST of its own.", object: shape.source.description)
    }
  }
}

extension Query {
  /// By the key, which decides last.
  var keyOrder: Ordering { Ordering(node: keyNode, isDescending: false) }
}
