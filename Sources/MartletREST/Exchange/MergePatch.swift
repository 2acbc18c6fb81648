import MartletHTTP

/// JSON Merge Patch: RFC 7396.
package enum MergePatch {
  /// The media types of a body that PATCH takes, as `Accept-Patch` names them (RFC 5789 §3.1).
  static let mediaTypes = ["application/merge-patch+json", "application/json"]

  /// The target with the patch's members: `null` removes one, an object is merged, everything else replaces.
  package static func apply(_ patch: JSONTree, to target: JSONTree?) -> JSONTree {
    guard case .object(let changes) = patch else { return patch }
    var members: [JSONTree.Member] = []
    if case .object(let present)? = target { members = present }
    var places: [String: Int] = [:]
    for (place, member) in members.enumerated() { places[member.name] = place }
    var removed: Set<Int> = []
    for change in changes {
      let place = places[change.name]
      if change.value == .null {
        if let place { removed.insert(place) }
      } else if let place {
        members[place].value = apply(change.value, to: members[place].value)
      } else {
        members.append(JSONTree.Member(change.name, apply(change.value, to: nil)))
      }
    }
    return .object(removed.isEmpty ? members : members.enumerated().filter { !removed.contains($0.offset) }.map(\.element))
  }
}

extension Request {
  /// The bytes of a PATCH.
  ///
  /// - Throws: ``HTTPError``: 415 with `Accept-Patch` for another kind of patch, 413 past the limit.
  func patchBytes() async throws -> [UInt8] {
    let type = MediaRange(headers["content-type"] ?? "")?.essence
    guard let type, MergePatch.mediaTypes.contains(type) else {
      let wanted = MergePatch.mediaTypes.joined(separator: ", ")
      throw HTTPError(
        .unsupportedMediaType,
        "\(type.map { "The body is \($0)" } ?? "The body's type is not named"); a change is sent as \(wanted).",
        headers: ["Accept-Patch": wanted])
    }
    return try await body.collect()
  }
}
