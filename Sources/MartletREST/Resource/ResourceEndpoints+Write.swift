import Foundation
import MartletCore
import MartletHTTP
import MartletORM
import MartletSQL

extension ResourceEndpoints {
  /// `POST`: 201 with `Location`; without a body where the viewer may not read what they created.
  func create(_ request: Request, _ db: Database) async throws -> Response {
    let input = try JSONParser.parse(try await request.jsonBytes()), viewer = request.viewer
    if case .array(let items) = input, writing.bulkLimit != nil { return try await createMany(items, request, db) }
    let draft = try await earlyDraft(input, ResourceContext(request, db))
    let (created, isReadable) = try await db.transaction { tx in
      let context = ResourceContext(request, tx)
      let ready = if let draft { draft } else { try await newDraft(input, context) }
      let created = try await stored(insert(ready, context), tx)
      return (created, try await created.permits(.read, to: viewer, in: tx))
    }
    var response = try await self.created(created, isReadable: isReadable, for: request, in: db)
    response.headers["Location"] = location(of: created, request)
    return response
  }

  /// `PUT` and `PATCH`: 200 with the row as it is now; without a body where the viewer may not read it any more.
  func change(_ request: Request, _ db: Database, isPartial: Bool) async throws -> Response {
    let viewer = request.viewer
    let visible = try await visibleRow(request, db)
    if isNever(.update, viewer) { throw refusal(viewer) }
    try requireCondition(request)
    let input = try JSONParser.parse(try await isPartial ? request.patchBytes() : request.jsonBytes())
    let (changed, isReadable) = try await db.transaction { tx in
      // Read again inside of the transaction: the row may have changed while the body came in.
      let original = try await lockedRow(visible.id, tx)
      try await original.authorize(.update, to: viewer, in: tx)
      try checkConditions(request, original)
      let draft = try changedDraft(original, by: input, isPartial: isPartial)
      let row = try await stored(save(draft, ResourceContext(request, tx)), tx)
      return (row, try await row.permits(.read, to: viewer, in: tx))
    }
    return try await self.changed(changed, isReadable: isReadable, for: request, in: db)
  }

  /// `DELETE`: 204; 409 where other rows still refer to it and forbid it.
  func delete(_ request: Request, _ db: Database) async throws -> Response {
    let visible = try await visibleRow(request, db), viewer = request.viewer
    if isNever(.delete, viewer) { throw refusal(viewer) }
    try requireCondition(request)
    try await db.transaction { tx in
      let row = try await lockedRow(visible.id, isDeleted: true, tx)
      try await row.authorize(.delete, to: viewer, in: tx)
      try checkConditions(request, row)
      try await remove([row], ResourceContext(request, tx))
    }
    return Response(status: .noContent)
  }

  /// The path of a row under the path of its collection.
  func location(of row: M, _ request: Request) -> String {
    let path = request.target.prefix { $0 != "?" }
    return (path.hasSuffix("/") ? path.dropLast() : path) + "/" + escaped(row.id.description)
  }

  /// A key as a segment of a path.
  private func escaped(_ text: String) -> String {
    let hex = Array("0123456789ABCDEF".utf8)
    let bytes = text.utf8.flatMap { byte -> [UInt8] in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
        UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "~"):
        [byte]
      default: [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
