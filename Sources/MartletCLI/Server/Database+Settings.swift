import Logging
import MartletCore
import MartletSQL
import MartletSQLite

extension Database {
  /// The database of `DATABASE_URL`. Nothing is opened before the first statement.
  ///
  /// - Throws: ``SettingsError`` where the URL is of another form.
  init(settings: Settings) throws(SettingsError) {
    do { self.init(try SQLiteDriver(url: settings.databaseURL)) } catch {
      throw SettingsError([SettingKey<String>.databaseURL.problem(given: settings.databaseURL)])
    }
  }

  /// The same database, its statements in the log: all of them at `trace` and `debug`, else none.
  func logging(to logger: Logger) -> Database {
    guard logger.logLevel <= .debug else { return self }
    return observing { event in logger.debug("\(event.line)") }
  }
}

extension StatementEvent {
  /// `SELECT … [3] 0.412 ms, 1 row`
  var line: String {
    let micros = Int(duration / .microseconds(1)), fraction = String(micros % 1000)
    let time = "\(micros / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
    let end = error.map { "failed: \($0)" } ?? (rows == 1 ? "1 row" : "\(rows) rows")
    return "\(sql) [\(bindings.joined(separator: ", "))] \(time) ms, \(end)"
  }
}
