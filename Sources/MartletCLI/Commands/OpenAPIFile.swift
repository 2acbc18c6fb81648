import Foundation
import MartletREST

/// Documents that commands read and texts that they write.
enum OpenAPIFile {
  /// The document in a file.
  /// - Throws: ``CommandError`` where the file cannot be read or is no JSON.
  static func read(_ path: String) throws -> JSONTree {
    let data: Data
    do { data = try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
      throw CommandError(.invalidInput, "cannot read \(path): \(error.localizedDescription)")
    }
    do { return try JSONParser.parse(Array(data)) } catch {
      throw CommandError(.invalidInput, "\(path) is no JSON: \(error)")
    }
  }

  /// Writes a text to a file, or to the console without one.
  /// - Throws: ``CommandError`` where the file cannot be written.
  static func write(_ text: String, to path: String?, _ console: Console) throws {
    guard let path else { return console.write(text) }
    do { try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic) } catch {
      throw CommandError(.unavailable, "cannot write \(path): \(error.localizedDescription)")
    }
    console.print("wrote \(path)")
  }
}
