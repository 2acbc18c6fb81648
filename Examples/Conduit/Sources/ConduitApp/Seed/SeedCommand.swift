import Martlet

// A command of the app's own: `conduit seed`. The options, their help and shell completion come from argument-parser; the
// progress bar and the database from the framework.

/// Fills the database with example data.
struct SeedCommand: BackendCommand {
  static let configuration = CommandConfiguration(
    commandName: "seed", abstract: "Fill the database with example data, the same for the same --seed.",
    discussion: """
      Everyone gets the password “\(SeedCommand.password)”, hashed once for all of them: hashing is slow on purpose.

      Examples:
        conduit seed
        conduit seed --users 1000 --articles 20000 --comments 100000
        conduit seed --append --seed 2
      """)

  /// Everyone's password.
  static let password = "conduit-demo"

  @Option(help: "How many users.") var users = 50
  @Option(help: "How many articles.") var articles = 500
  @Option(help: "How many comments.") var comments = 3000
  @Option(help: "What the data is drawn from: the same number gives the same data.") var seed: UInt64 = 1
  @Flag(help: "Add to the data that is there; without it, seed refuses to run twice.") var append = false

  func validate() throws {
    guard users > 0, articles >= 0, comments >= 0 else {
      throw CommandError(.invalidInput, "--users must be 1 or more, --articles and --comments 0 or more.")
    }
    guard comments == 0 || articles > 0 else {
      throw CommandError(.invalidInput, "Comments need articles: give --articles, or --comments 0.")
    }
  }

  mutating func run(in app: Application) async throws {
    let db = app.database, console = app.console
    let isFilled = try await Article.query.exists(db)
    guard append || !isFilled else {
      throw CommandError(.invalidInput, "There are articles already. Add to them with: conduit seed --append --seed 2")
    }
    var seeding = Seeding(db: db, console: console, random: SeedRandom(seed: seed))
    let people = try await seeding.addUsers(users, passwordHash: Conduit.users.hashers.encode(Self.password))
    try await seeding.addFollows(among: people)
    let written = try await seeding.addArticles(articles, by: people)
    try await seeding.addComments(comments, by: people, on: written)
    try await seeding.addFavorites(of: written, by: people)
    if let someone = people.first {
      console.print("Log in as \(someone.email) with the password “\(Self.password)”.")
    }
  }
}
