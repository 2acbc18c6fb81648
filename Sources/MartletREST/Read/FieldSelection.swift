import MartletCore

/// What a request wants of rows: `?fields=title,author.name&expand=author,comments.author`.
package struct FieldSelection: Sendable {
  /// Only these fields, in the resource's order; `nil` for all of them.
  package var fields: Set<String>?
  /// The relations to show as rows, with what is wanted of those.
  package var expanded: [String: FieldSelection] = [:]

  /// Everything, nothing expanded.
  package static let plain = FieldSelection()
  package var isPlain: Bool { fields == nil && expanded.isEmpty }
  /// How many paths were read so far, of all parameters of the request.
  private var paths = (relations: 0, fields: 0)

  /// How deep relations of relations go.
  package static let depthLimit = 3
  /// How many paths of relations one request names.
  package static let relationLimit = 12
  /// How many paths of fields one request names.
  package static let fieldLimit = 200

  /// Adds relations of a parameter: `author,comments.author` expands comments too.
  mutating func expand(_ text: String) throws(InputFault) {
    let paths = text.split(separator: ",", omittingEmptySubsequences: false)
    self.paths.relations += paths.count
    guard self.paths.relations <= Self.relationLimit else {
      throw InputFault("max_length", "Ensure no more than \(Self.relationLimit) relations are expanded.")
    }
    for path in paths {
      let names = path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
      guard names.count <= Self.depthLimit else {
        throw InputFault(
          "max_depth", "Relations can be expanded \(Self.depthLimit) levels deep, and “\(path.prefix(80))” is deeper.")
      }
      expand(names[...])
    }
  }
  private mutating func expand(_ names: ArraySlice<String>) {
    guard let name = names.first else { return }
    expanded[name, default: .plain].expand(names.dropFirst())
  }

  /// Keeps only the fields of a parameter: `title,author.name` keeps of the expanded author the name.
  mutating func keep(_ text: String) throws(InputFault) {
    let paths = text.split(separator: ",", omittingEmptySubsequences: false)
    self.paths.fields += paths.count
    guard self.paths.fields <= Self.fieldLimit else {
      throw InputFault("max_length", "Ensure there are no more than \(Self.fieldLimit) fields.")
    }
    for path in paths { try keep(path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)[...], path) }
  }
  private mutating func keep(_ names: ArraySlice<String>, _ path: Substring) throws(InputFault) {
    guard let name = names.first else { return }
    fields = (fields ?? []).union([name])
    guard names.count > 1 else { return }
    guard expanded[name] != nil else {
      throw InputFault("not_expanded", "“\(path.prefix(80))” names a field of “\(name.prefix(80))”, which is not expanded.")
    }
    try expanded[name]?.keep(names.dropFirst(), path)
  }
}
