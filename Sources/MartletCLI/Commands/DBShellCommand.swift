import ArgumentParser
import Foundation
import MartletSQL

/// `dbshell`: hands the terminal to the database's own client.
struct DBShellCommand: BackendCommand {
  static let configuration = CommandConfiguration(
    commandName: "dbshell", abstract: "Open the database's own client.",
    discussion: """
      Examples:
        dbshell
        dbshell -- -header -column "SELECT * FROM auth_user"     SQLite
        dbshell -- -c "SELECT * FROM auth_user"                  PostgreSQL
        dbshell -- -e "SELECT * FROM auth_user"                  MySQL, MariaDB
      """)

  @Argument(help: "Arguments for the client, behind --.") var arguments: [String] = []

  func run(in application: Application) async throws {
    let client = try DatabaseClient(application.database.driver, arguments)
    await application.close()
    for (name, value) in client.environment { setenv(name, value, 1) }
    var reason = ""
    for program in client.programs {
      // exec replaces the process, so that the client owns the terminal and its signals.
      var pointers: [UnsafeMutablePointer<CChar>?] = ([program] + client.arguments).map { strdup($0) }
      pointers.append(nil)
      execvp(program, pointers)
      reason = String(cString: strerror(errno))
      for pointer in pointers { free(pointer) }
    }
    throw CommandError(
      .unavailable, "cannot run \(client.programs[0]): \(reason). Install it (apt-get install \(client.package)).")
  }
}
