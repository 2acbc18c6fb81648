import Foundation

/// The secret key of a project in development: random, made once, kept in `.martlet/secret_key`.
///
/// The file belongs to one machine: it is readable by its owner only and has no place in version control.
public enum DevelopmentSecret {
  /// Where the key is kept, below the project's folder.
  public static let path = ".martlet/secret_key"

  /// The project's key; made and kept when there is none.
  ///
  /// - Returns: `nil` where the file can be neither read nor written.
  public static func key(in directory: String) -> String? {
    let file = URL(fileURLWithPath: directory).appendingPathComponent(path)
    if let kept = try? String(contentsOf: file, encoding: .utf8).trimmingSpacesAndNewlines, isStrongKey(kept) { return kept }
    let key = make()
    do {
      let folder = file.deletingLastPathComponent()
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      // A folder of local state ignores itself, as Python's tools do with theirs.
      try Data("*\n".utf8).write(to: folder.appendingPathComponent(".gitignore"))
    } catch { return nil }
    let made = FileManager.default.createFile(
      atPath: file.path, contents: Data((key + "\n").utf8), attributes: [.posixPermissions: 0o600])
    return made ? key : nil
  }

  /// A new key: 64 characters, 384 bits from the system's generator.
  public static func make() -> String {
    var random = SystemRandomNumberGenerator()
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    return String((0..<64).map { _ in alphabet[Int.random(in: 0..<64, using: &random)] })
  }
}

extension String {
  fileprivate var trimmingSpacesAndNewlines: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
