import MartletCore
import MartletHTTP
import MartletORM

extension Resource {
  /// Resolves what a list can be filtered by and searched for.
  ///
  /// - Parameter standard: The fields that are filters where the resource names none.
  /// - Parameter note: Told of each mistake, with the modifier that it stands in.
  func addFilters(_ shape: inout ResourceShape, standard: [ResolvedField], note: (String, String, inout ResourceShape) -> Void) {
    let members = M.Fields(Path(M.self)), resolver = shape.resolver
    func resolve(_ list: FieldList, _ modifier: String) -> [FilterField] {
      list(members).compactMap { expression in
        let (field, mistake) = resolver.filter(expression)
        if let mistake { note(mistake, modifier, &shape) }
        return field
      }
    }
    shape.filters = filterFields.map { resolve($0, "filters") } ?? standard.map { FilterField($0, hasParts: false) }
    for filter in filtering.named {
      let column = ColumnSchema.value(
        filter.type, choices: filter.choices, isNullable: filter.isNullable, like: M.schema.primaryKey)
      shape.filters.append(FilterField(shape.naming.name(filter.name), column, help: filter.help, filter.place))
    }
    if let fields = filtering.search.map({ resolve($0, "search") }) {
      for field in fields where !field.column.type.isText { note("'\(field.name)' is no text", "search", &shape) }
      shape.search = ListSearch(fields: fields.filter(\.column.type.isText))
    }
    if let index = filtering.fullTextIndex {
      let name = index.isEmpty ? nil : index
      if case .invalid(let error) = members.search("word", index: name).node {
        note("cannot be searched: \(error.message)", "fullTextSearch", &shape)
      }
      shape.search = ListSearch(fields: []) { M.Fields($0).search($1, index: name).node }
    }
    addFilterMistakes(&shape)
  }

  private func addFilterMistakes(_ shape: inout ResourceShape) {
    let root = Path(M.self)
    for (what, fields) in [
      ("filter", shape.filters.map { ($0.name, $0.unguarded(in: root)) }),
      ("search", (shape.search?.fields ?? []).map { ($0.name, $0.unguarded(in: root)) }),
      ("ordering", shape.ordering.map { ($0.name, $0.unguarded(in: root)) }),
    ] {
      for (name, models) in fields {
        for model in models {
          shape.mistakes.append(
            CheckMessage(
              "rest.W002", .warning,
              "The \(what) “\(name)” of the resource “\(path)” goes through \(model), which has no policy: "
                + "whoever may read the list can find out what stands there.",
              hint: "Declare static let policy = Policy(\(model).self) { … }, leave the field out, or say that you mean it: "
                + ".filter(\"\(name)\") { … }.",
              object: shape.source.description))
        }
      }
    }
    var names = Set(Combination.allCases.map(\.rawValue) + ListParameterNames(shape).all + [ListSearch.parameter])
    for field in shape.filters where !names.insert(field.name).inserted {
      shape.mistakes.append(
        CheckMessage(
          "rest.E024", .error, "The filter “\(field.name)” of the resource “\(path)” has a name that is taken.",
          hint: "Filter by a name of its own: .filter(\"…\") { $0.… }.", object: shape.source.description))
    }
  }
}
