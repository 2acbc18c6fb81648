import Foundation
import MartletCore
import Testing

/// A folder for one test, removed behind it.
func withTemporaryFolder<T>(_ body: (String) throws -> T) throws -> T {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("martlet-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder.path)
}

@Suite("The .env file and the development key")
struct SettingsFileTests {
  @Test("the file fills in what the environment leaves out and never overrides it")
  func environmentWins() throws {
    try withTemporaryFolder { folder in
      try "ENVIRONMENT=development\nPORT=9000\nHOST=0.0.0.0\n".write(toFile: folder + "/.env", atomically: true, encoding: .utf8)
      let settings = try Settings.load(variables: ["PORT": "9100"], directory: folder)
      #expect(settings.isDevelopment)
      #expect(settings.port == 9100)
      #expect(settings.host == "0.0.0.0")
      #expect(settings.report.first { $0.name == "HOST" }?.origin == .file)
      #expect(settings.report.first { $0.name == "PORT" }?.origin == .environment)
    }
  }

  @Test("quotes, export, comments and equal signs are read as shells read them")
  func syntax() throws {
    try withTemporaryFolder { folder in
      let file = #"""
        # a comment
        ENVIRONMENT=development
        export A = plain text # comment
        B="two\nlines # no comment \" quoted"
        C='as $it is \n'
        D=a=b=c
        E=#hash
        not a variable
        """#
      try file.write(toFile: folder + "/.env", atomically: true, encoding: .utf8)
      let settings = try Settings.load(variables: [:], directory: folder)
      #expect(try settings.value("A", as: String.self) == "plain text")
      #expect(try settings.value("B", as: String.self) == "two\nlines # no comment \" quoted")
      #expect(try settings.value("C", as: String.self) == #"as $it is \n"#)
      #expect(try settings.value("D", as: String.self) == "a=b=c")
      #expect(try settings.value("E", as: String.self) == "#hash")
    }
  }

  @Test("a file that cannot be read is an error that names it")
  func unreadable() throws {
    try withTemporaryFolder { folder in
      try FileManager.default.createDirectory(atPath: folder + "/.env", withIntermediateDirectories: true)
      let error = #expect(throws: SettingsError.self) { try Settings.load(variables: [:], directory: folder) }
      #expect(error?.kind == .unreadableFile)
      #expect(error?.description.contains("/.env") == true)
    }
  }

  @Test("development keeps one random key per project, readable by its owner only")
  func developmentKey() throws {
    try withTemporaryFolder { folder in
      let first = try Settings.load(variables: ["ENVIRONMENT": "development"], directory: folder).secretKey
      #expect(try Settings.load(variables: ["ENVIRONMENT": "development"], directory: folder).secretKey == first)
      let attributes = try FileManager.default.attributesOfItem(atPath: folder + "/" + DevelopmentSecret.path)
      #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
      #expect(try withTemporaryFolder { DevelopmentSecret.key(in: $0) } != first)
    }
  }

  @Test("a key from the environment is used in development too, and no file is written")
  func ownKey() throws {
    try withTemporaryFolder { folder in
      let key = DevelopmentSecret.make()
      let settings = try Settings.load(variables: ["ENVIRONMENT": "development", "SECRET_KEY": key], directory: folder)
      #expect(settings.secretKey == key)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }
  }
}
