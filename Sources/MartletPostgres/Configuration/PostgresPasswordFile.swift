import Foundation
package import Logging

/// A file of passwords: lines of `host:port:database:user:password`, `*` for any (libpq, "34.16. The Password File").
package struct PostgresPasswordFile: Sendable {
  private struct Line: Sendable { var fields: [String], wild: [Bool] }
  private var lines: [Line] = []

  /// Reads a file's text.
  package init(text: String) {
    for line in text.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
      var fields = [""], escaped = false
      for character in line {
        if escaped {
          fields[fields.count - 1].append(character)
          escaped = false
        } else if character == "\\" {
          escaped = true
        } else if character == ":", fields.count < 5 {
          fields.append("")
        } else {
          fields[fields.count - 1].append(character)
        }
      }
      let written = line.split(separator: ":", maxSplits: 4, omittingEmptySubsequences: false)
      if fields.count == 5 { lines.append(Line(fields: fields, wild: written.map { $0 == "*" })) }
    }
  }

  /// Reads the file, unless it is missing or others than its owner may read it, which libpq takes for none, too.
  package init?(path: String, logger: Logger) {
    guard let attributes = try? FileManager.default.attributesOfItem(atPath: path) else { return nil }
    guard attributes[.type] as? FileAttributeType == .typeRegular else {
      logger.warning("the password file is ignored: it is no plain file", metadata: ["path": "\(path)"])
      return nil
    }
    if let mode = (attributes[.posixPermissions] as? NSNumber)?.intValue, mode & 0o077 != 0 {
      logger.warning("the password file is ignored: others may read it; run chmod 0600", metadata: ["path": "\(path)"])
      return nil
    }
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
    self.init(text: text)
  }

  /// The password of the first line that fits.
  package func password(host: String, port: Int, database: String, user: String) -> String? {
    let wanted = [host, String(port), database, user]
    return lines.first { line in wanted.indices.allSatisfy { line.wild[$0] || line.fields[$0] == wanted[$0] } }
      .flatMap { $0.fields[4].isEmpty ? nil : $0.fields[4] }
  }
}
