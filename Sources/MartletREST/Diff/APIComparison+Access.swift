import MartletHTTP

extension APIComparison {
  /// Who may call an operation, by kind of viewer: what `x-martlet-access` says, or what the credentials that it asks for
  /// let one conclude.
  static func access(_ operation: JSONTree, _ document: JSONTree, ignoringExtension: Bool = false)
    -> [String: RouteAccess.Extent]
  {
    if !ignoringExtension, let members = operation["x-martlet-access"]?.members {
      return Dictionary(
        members.compactMap { member in
          member.value.textValue.flatMap(RouteAccess.Extent.init).map { (member.name, $0) }
        }, uniquingKeysWith: { $1 })
    }
    let demanded = (operation["security"] ?? document["security"])?.elements ?? []
    let isOpen = demanded.isEmpty || demanded.contains(.object([]))
    return ["anonymous": isOpen ? .always : .never]
  }

  mutating func compareAccess(_ before: JSONTree, _ after: JSONTree, _ name: String) {
    let isTold = before["x-martlet-access"] != nil && after["x-martlet-access"] != nil
    let was = Self.access(before, old, ignoringExtension: !isTold), now = Self.access(after, new, ignoringExtension: !isTold)
    for (viewer, words) in [
      ("anonymous", "anyone, without credentials,"), ("authenticated", "anyone who logged in"), ("staff", "staff"),
    ] {
      guard let was = was[viewer], let now = now[viewer], was != now else { continue }
      let change = "\(words) \(Self.words(now)); before, \(Self.words(was))"
      if now < was {
        report(.breaking, "access-narrowed", name, change)
      } else {
        // Staff see more by their office; that everyone does is a finding.
        report(viewer == "staff" ? .safe : .exposed, viewer == "anonymous" ? "access-public" : "access-widened", name, change)
      }
    }
    compareCredentials(before, after, name)
  }
  private static func words(_ extent: RouteAccess.Extent) -> String {
    switch extent {
    case .never: "may not call it"
    case .some: "may call it for some rows or with a permission"
    case .always: "may call it"
    }
  }

  private mutating func compareCredentials(_ before: JSONTree, _ after: JSONTree, _ name: String) {
    func schemes(_ operation: JSONTree, _ document: JSONTree) -> [String] {
      ((operation["security"] ?? document["security"])?.elements ?? []).flatMap { $0.members?.map(\.name) ?? [] }
    }
    let was = schemes(before, old), now = schemes(after, new)
    for scheme in was where !now.contains(scheme) && !now.isEmpty {
      report(.breaking, "credentials-removed", name, "the credentials “\(scheme)” are not taken any more")
    }
    for scheme in now where !was.contains(scheme) && !was.isEmpty {
      report(.safe, "credentials-added", name, "the credentials “\(scheme)” are taken as well")
    }
  }
}
