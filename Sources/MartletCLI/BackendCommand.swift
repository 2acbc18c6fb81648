public import ArgumentParser

/// A command of the app's tool: an argument-parser command that is handed the app it works on.
///
/// ```swift
/// struct Seed: BackendCommand {
///   static let configuration = CommandConfiguration(abstract: "Fill the database with example data.")
///   @Option(help: "How many users.") var users = 50
///
///   func run(in app: Application) async throws {
///     try await app.database.transaction { tx in … }
///     app.console.print("\(users) users")
///   }
/// }
/// ```
/// An app lists its own in `Backend.commands`. The settings have been checked before it runs; the database
/// is closed behind it.
public protocol BackendCommand: ParsableCommand {
  /// Does the work.
  /// - Throws: Anything; the message goes to standard error and the process ends with 1, or with the code of
  ///   a thrown `ExitCode`.
  mutating func run(in application: Application) async throws
}

extension BackendCommand {
  /// Commands run with an ``Application``; the tool never calls this.
  public mutating func run() throws {
    throw CommandError(.notRunnable, "\(Self.self) runs inside of a CommandLineTool: it needs the app it works on.")
  }
}

/// A command that could not do its work.
public struct CommandError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What failed, for programs.
  public enum Kind: String, Sendable, Hashable {
    /// An input that the command cannot use.
    case invalidInput
    /// Checks found errors.
    case failedChecks
    /// Models and migrations differ, or migrations are not applied.
    case pendingMigrations
    /// Something outside, a program or a file, is missing or refuses.
    case unavailable
    /// The database cannot be reached, or refuses the login.
    case unreachableDatabase
    /// A command was run without the tool.
    case notRunnable
  }

  /// What failed.
  public var kind: Kind
  /// What failed, where, and what to do next.
  public var message: String

  /// A failure.
  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }
  /// The message.
  public var description: String { message }
}
