extension JSONTree {
  /// The value as YAML 1.2 with sorted names, but for the `properties` of schemas. Every text is in quotation marks: nothing turns into a number or a date.
  package func yaml(indent: String = "", isSorted: Bool = true) -> String {
    switch self {
    case .object(let members) where !members.isEmpty:
      (isSorted ? members.sortedByName : members).map { member in
        indent + Self.key(member.name) + ":" + member.value.yamlValue(indent: indent, isSorted: member.name != "properties")
      }.joined()
    case .array(let elements) where !elements.isEmpty:
      elements.map { element in
        // The first line of a block stands behind its dash.
        element.isBlock
          ? indent + "- " + element.yaml(indent: indent + "  ").dropFirst(indent.count + 2) : indent + "- " + element.text + "\n"
      }.joined()
    default: indent + text + "\n"
    }
  }
  private func yamlValue(indent: String, isSorted: Bool) -> String {
    isBlock ? "\n" + yaml(indent: indent + "  ", isSorted: isSorted) : " " + text + "\n"
  }

  private var isBlock: Bool {
    switch self {
    case .object(let members): !members.isEmpty
    case .array(let elements): !elements.isEmpty
    default: false
    }
  }
  private static func key(_ name: String) -> String {
    let isPlain =
      name.first?.isLetter == true && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") }
    // What YAML 1.1 takes for a boolean or nothing is quoted for those who still read it so.
    return isPlain && !["yes", "no", "on", "off", "true", "false", "null", "y", "n"].contains(name.lowercased())
      ? name : JSONTree.string(name).text
  }
}
