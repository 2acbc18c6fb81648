import Foundation
import Testing

/// A file that holds what is expected; `RECORD=1` rewrites it.
enum Golden {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Goldens")

  static func expect(_ name: String, _ found: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let file = folder.appendingPathComponent(name)
    if ProcessInfo.processInfo.environment["RECORD"] == "1" {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      return try found.write(to: file, atomically: true, encoding: .utf8)
    }
    let expected = try String(contentsOf: file, encoding: .utf8)
    #expect(found == expected, "Goldens/\(name) differs; RECORD=1 rewrites it", sourceLocation: sourceLocation)
  }
}
