import ArgumentParser
import MartletAuth
import MartletCore
import MartletORM
import MartletSQL

/// `createsuperuser`: the first account of an installation.
struct CreateSuperuserCommand: BackendCommand {
  static let configuration = CommandConfiguration(
    commandName: "createsuperuser", abstract: "Create a user who may do everything.",
    discussion: """
      Asks for what the options leave out; the password is not shown. With --no-input the password comes from
      the environment variable SUPERUSER_PASSWORD; without one the user cannot log in by password.

      Examples:
        createsuperuser
        SUPERUSER_PASSWORD=… createsuperuser --no-input --username ada --email ada@example.com
      """)

  @Option(help: "The login name.") var username: String?
  @Option(help: "The e-mail address.") var email: String?
  @Flag(inversion: .prefixedNo, help: "Whether to ask for what is missing.") var input = true

  func run(in application: Application) async throws {
    guard application.models.contains(User.self) else {
      throw CommandError(.invalidInput, "the app has no users: add User.self to its models")
    }
    try await application.connect()
    let user = try await input && application.console.isInteractive ? interactive(application) : unattended(application)
    application.console.print("Superuser \(user.username) created.")
  }

  private func unattended(_ application: Application) async throws -> User {
    guard let username else {
      throw CommandError(.invalidInput, "nobody can be asked here; pass --username, and set SUPERUSER_PASSWORD")
    }
    let password = try application.settings.value("SUPERUSER_PASSWORD", as: String.self)
    do {
      let user = try await create(username, email ?? "", password, application)
      if password == nil {
        application.console.printError("SUPERUSER_PASSWORD is not set, so \(username) has no password and cannot log in by one.")
      }
      return user
    } catch let error as MartletCore.ValidationError {
      throw CommandError(.invalidInput, error.errors.map { "\($0.field): \($0.message)" }.joined(separator: "\n"))
    }
  }

  /// Asks again until every rule is kept; ends with the input.
  private func interactive(_ application: Application) async throws -> User {
    let console = application.console
    func ask(_ question: String, secret: Bool = false) throws -> String {
      guard let answer = secret ? console.askSecret(question) : console.ask(question) else {
        throw CommandError(.invalidInput, "cancelled: no user was created")
      }
      return answer
    }
    while true {
      let username = try username ?? ask("Username: "), email = try email ?? ask("E-mail address: ")
      let password = try ask("Password: ", secret: true)
      guard try ask("Password (again): ", secret: true) == password else {
        console.printError("The two passwords differ.")
        continue
      }
      do { return try await create(username, email, password, application) } catch let error as MartletCore.ValidationError {
        for finding in error.errors { console.printError("\(finding.field): \(finding.message)") }
        // What came from the command line would be wrong for ever.
        if error.errors.contains(where: {
          $0.field == "username" && self.username != nil || $0.field == "email" && self.email != nil
        }) {
          throw CommandError(.invalidInput, "no user was created")
        }
      }
    }
  }

  private func create(_ username: String, _ email: String, _ password: String?, _ application: Application) async throws -> User {
    do {
      return try await application.users.createSuperuser(
        username: username, email: email, password: password, in: application.database)
    } catch let error as DatabaseError {
      guard case .uniqueViolation = error.kind else { throw error }
      throw MartletCore.ValidationError("username", code: "unique", "The username \(username) is already taken.")
    }
  }
}
