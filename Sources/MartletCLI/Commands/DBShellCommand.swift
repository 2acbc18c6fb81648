import ArgumentParser
import Foundation
import MartletSQL
import MartletSQLite

/// `dbshell`: hands the terminal to the database's own client.
struct DBShellCommand: BackendCommand {
  static let configuration = CommandConfiguration(
    commandName: "dbshell", abstract: "Open the database's own client.",
    discussion: """
      Examples:
        dbshell
        dbshell -- -header -column "SELECT * FROM auth_user"
      """)

  @Argument(help: "Arguments for the client, behind --.") var arguments: [String] = []

  func run(in application: Application) async throws {
    guard let driver = application.database.driver as? SQLiteDriver else {
      throw CommandError(.unavailable, "dbshell knows no client for \(application.database.driver.displayName)")
    }
    guard !driver.configuration.isInMemory else {
      throw CommandError(.unavailable, "the database is in memory: no other program can open it. Set DATABASE_URL to a file.")
    }
    await application.close()
    // exec replaces the process, so that the client owns the terminal and its signals.
    let words = ["sqlite3"] + options + [driver.configuration.path] + statements
    var pointers: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
    pointers.append(nil)
    execvp("sqlite3", pointers)
    let reason = String(cString: strerror(errno))
    for pointer in pointers { free(pointer) }
    throw CommandError(.unavailable, "cannot run sqlite3: \(reason). Install it (apt-get install sqlite3).")
  }

  /// sqlite3 takes its options before the file and its statements behind it.
  private var options: [String] { arguments.filter { $0.hasPrefix("-") } }
  private var statements: [String] { arguments.filter { !$0.hasPrefix("-") } }
}
