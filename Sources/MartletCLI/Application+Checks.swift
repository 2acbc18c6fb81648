public import MartletCore
import MartletHTTP
import MartletORM
import MartletREST

extension Application {
  /// What the framework's checks and the app's own find, worst first.
  ///
  /// - Parameter forDeployment: Whether to check what matters in production, too.
  public func findings(forDeployment: Bool = false) async -> [CheckMessage] {
    var all = checks
    let application = self
    all.add { Router.check(application.routes) }
    all.add {
      REST.check(
        application.routes, models: application.models.types, hasFileStorage: application.settings.mediaRoot != nil)
    }
    all.add { application.modelFindings() }
    if forDeployment { all.add { application.deploymentFindings() } }
    return await all.run()
  }

  /// Fails where a check finds an error; prints what it found.
  func requireCleanChecks() async throws {
    let findings = await findings()
    for finding in findings where finding.level >= .warning { console.printError(text(of: finding)) }
    let errors = findings.count { $0.level == .error }
    guard errors == 0 else {
      throw CommandError(.failedChecks, "the system checks found \(errors) error\(errors == 1 ? "" : "s"); see above.")
    }
  }

  /// Two models must not share a table, and a foreign key needs its target among the models.
  private func modelFindings() -> [CheckMessage] {
    var found: [CheckMessage] = [], owners: [String: String] = [:]
    let schemas = models.schemas
    let tables = Set(schemas.map(\.table))
    for schema in schemas {
      let name = "\(schema.app).\(schema.name)"
      if let other = owners.updateValue(name, forKey: schema.table) {
        found.append(
          CheckMessage(
            "models.E028", .error, "The table \(schema.table) belongs to \(other), too.",
            hint: "Give one of the models another table: @Model(table: …).", object: name))
      }
      for column in schema.columns {
        for mistake in column.ruleMistakes {
          found.append(
            CheckMessage(
              "models.E310", .error, "\(mistake) It refuses every value.", hint: "Change @Field(validate:) of the property.",
              object: "\(name).\(column.property)"))
        }
        guard let target = column.foreignKey?.target(), !tables.contains(target.table) else { continue }
        found.append(
          CheckMessage(
            "models.E300", .error, "The field refers to \(target.name), which is not among the app's models.",
            hint: "Add \(target.name).self to `models`.", object: "\(name).\(column.property)"))
      }
    }
    return found
  }

  /// Django's `security` checks that apply here, under their Django ids.
  private func deploymentFindings() -> [CheckMessage] {
    var found: [CheckMessage] = []
    func warn(_ id: String, _ message: String, _ hint: String, _ setting: String) {
      found.append(CheckMessage(id, .warning, message, hint: hint, object: setting))
    }
    if settings.isDevelopment {
      warn(
        "security.W018", "The app runs in development: errors show their insides to everyone.", "Set ENVIRONMENT=production.",
        "ENVIRONMENT")
    }
    if settings.hstsMaxAge == nil {
      warn(
        "security.W004", "Browsers are not told to insist on HTTPS.",
        "If the whole site is served over HTTPS, set HSTS_MAX_AGE=365d.", "HSTS_MAX_AGE")
    }
    if settings.allowedHosts.contains("*") {
      warn("security.W020", "Every Host header is accepted.", "Name the hosts in ALLOWED_HOSTS.", "ALLOWED_HOSTS")
    }
    if settings.corsOrigins.contains("*") {
      warn("security.W101", "Pages of every site may call this one.", "Name the origins in CORS_ORIGINS.", "CORS_ORIGINS")
    }
    if settings.databaseURL == "sqlite::memory:" {
      warn("security.W102", "The database is in memory and ends with the process.", "Set DATABASE_URL to a file.", "DATABASE_URL")
    }
    return found
  }
}
