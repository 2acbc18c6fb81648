import ArgumentParser
public import MartletCore

/// The tool that an app's binary is: it reads the arguments, checks the settings, builds the app and runs
/// one command.
///
/// ```swift
/// let tool = CommandLineTool(name: "blog", commands: [Seed.self]) { settings in try Application(…) }
/// exit(await tool.run(Array(CommandLine.arguments.dropFirst())))
/// ```
public struct CommandLineTool: Sendable {
  /// What the binary is called in help texts.
  public var name: String
  /// What `--version` prints.
  public var version: String
  /// The app's own commands.
  public var commands: [any BackendCommand.Type]
  /// The app's own settings.
  public var settings: [any DeclaredSetting]
  /// Where output goes.
  public var console: Console
  private let build: @Sendable (Settings, Console) async throws -> Application

  /// The exit code of wrong settings: `EX_CONFIG` of sysexits.h.
  public static let configurationExitCode: Int32 = 78

  /// The exit code where the database cannot be reached: `EX_UNAVAILABLE` of sysexits.h.
  public static let unreachableExitCode: Int32 = 69

  /// The exit code of a command that was cancelled: 128 and SIGINT, as shells have it.
  public static let cancelledExitCode: Int32 = 130

  /// A tool.
  ///
  /// - Parameter build: Builds the app once the settings are known to be right.
  public init(
    name: String, version: String = "", commands: [any BackendCommand.Type] = [], settings: [any DeclaredSetting] = [],
    console: Console = .standard, build: @escaping @Sendable (Settings, Console) async throws -> Application
  ) {
    self.name = name
    self.version = version
    self.commands = commands
    self.settings = settings
    self.console = console
    self.build = build
  }

  /// Runs one command line.
  ///
  /// - Parameters:
  ///   - arguments: The arguments without the name of the program.
  ///   - load: Reads the settings: the process's own unless a test says otherwise.
  /// - Returns: The exit code: 0, 64 for wrong arguments, 69 for a database that cannot be reached, 78 for wrong settings, 130 where the task was
  ///   cancelled, 1 for any other failure.
  public func run(
    _ arguments: [String],
    load: @Sendable ([any DeclaredSetting]) throws -> Settings = { try Settings.load(declared: $0) }
  ) async -> Int32 {
    let shape = ToolShape(name: name, version: version, commands: commands)
    do {
      let parsed = try ToolShape.$current.withValue(shape) {
        try RootCommand.checkName(in: arguments)
        var parsed = try RootCommand.parseAsRoot(arguments)
        // What is not ours is argument-parser's own `help`, which throws the text it wants printed.
        if !(parsed is any BackendCommand) { try parsed.run() }
        return parsed
      }
      guard var command = parsed as? any BackendCommand else { return 0 }
      let settings = try load(settings)
      let application = try await build(settings, console)
      do {
        try await command.run(in: application)
      } catch {
        await application.close()
        throw error
      }
      await application.close()
      return Task.isCancelled ? CommandLineTool.cancelledExitCode : 0
    } catch let code as ExitCode {
      return code.rawValue
    } catch {
      return report(error, shape)
    }
  }

  /// Says what went wrong and picks the exit code.
  private func report(_ error: any Error, _ shape: ToolShape) -> Int32 {
    // However a service words the end that it was told to come to.
    if error is CancellationError || Task.isCancelled { return CommandLineTool.cancelledExitCode }
    if let error = error as? SettingsError {
      console.printError(console.styled("error: ", .red) + error.description)
      return CommandLineTool.configurationExitCode
    }
    if let error = error as? CommandError, error.kind == .unreachableDatabase {
      console.printError(console.styled("error: ", .red) + error.description)
      return CommandLineTool.unreachableExitCode
    }
    return ToolShape.$current.withValue(shape) {
      let code = RootCommand.exitCode(for: error), text = RootCommand.fullMessage(for: error)
      if code == .success {
        if !text.isEmpty { console.print(text) }
      } else if code == .failure {
        // Argument-parser wraps what a command's `validate()` throws.
        let isWrapped = String(reflecting: type(of: error)).hasPrefix("ArgumentParser.")
        console.printError(
          console.styled("error: ", .red) + (isWrapped ? RootCommand.message(for: error) : String(describing: error)))
      } else if !text.isEmpty {
        console.printError(text)
      }
      return code.rawValue
    }
  }
}

/// What the root command looks like in this process, as long as arguments are parsed: argument-parser asks a
/// static property for it, and a task-local value, unlike a global one, belongs to one parse.
struct ToolShape: Sendable {
  var name: String
  var version: String
  var commands: [any BackendCommand.Type]

  @TaskLocal static var current = ToolShape(name: "app", version: "", commands: [])
}

/// The root of all commands; without one it serves.
struct RootCommand: ParsableCommand {
  static var configuration: CommandConfiguration {
    let shape = ToolShape.current
    let own: [any ParsableCommand.Type] = shape.commands.map { $0 }
    return CommandConfiguration(
      commandName: shape.name, abstract: "The backend \(shape.name): serve it, migrate it, look into it.",
      discussion: """
        Settings come from the environment and from a file named .env; `\(shape.name) check --settings` lists them.

        Examples:
          ENVIRONMENT=development \(shape.name) migrate
          ENVIRONMENT=development \(shape.name) serve --port 8080
          \(shape.name) --generate-completion-script zsh > _\(shape.name)
        """,
      version: shape.version, subcommands: own,
      groupedSubcommands: [
        CommandGroup(name: "Running", subcommands: [ServeCommand.self, CheckCommand.self]),
        CommandGroup(
          name: "Database",
          subcommands: [
            MigrateCommand.self, MakeMigrationsCommand.self, ShowMigrationsCommand.self, SQLMigrateCommand.self,
            CreateSuperuserCommand.self, DBShellCommand.self, BackupCommand.self,
          ]),
        CommandGroup(name: "Looking", subcommands: [RoutesCommand.self, OpenAPICommand.self, ClientCommand.self]),
      ], defaultSubcommand: ServeCommand.self)
  }

  /// Argument-parser hands an unknown name to the default command, which complains of an argument of its own.
  /// - Throws: `ValidationError` where the first argument is a name, and no command has it.
  static func checkName(in arguments: [String]) throws {
    let names = configuration.subcommands.flatMap { [$0._commandName] + $0.configuration.aliases } + ["help"]
    guard let name = arguments.first, !name.hasPrefix("-"), !names.contains(name) else { return }
    throw ValidationError("there is no command “\(name)”, only \(names.joined(separator: ", "))")
  }
}
