import Foundation
import MartletCore
import MartletSQL

extension SQLiteConfiguration {
  /// A configuration from a URL: `sqlite:///relative.db`, `sqlite:////absolute.db` or `sqlite::memory:`, with parameters:
  ///
  /// ```
  /// sqlite:///app.db?synchronous=full&busy_timeout=5s&readers=8
  /// ```
  /// `mode` (`rw`, `ro`), `readers`, `busy_timeout` and `acquire_timeout` (`5s`, `500ms`), `journal_mode` (`wal`, `delete`,
  /// `truncate`), `synchronous` (`normal`, `full`), `foreign_keys` (`on`, `off`), `cache_size` and `mmap_size` (`64MB`),
  /// `wal_autocheckpoint` (pages), `statement_cache` (statements). Percent escapes in the path are decoded.
  /// - Throws: ``DatabaseError`` of kind `connection` where the URL has another form or a parameter is not known.
  public init(url: String) throws {
    func refuse(_ problem: String) -> DatabaseError {
      DatabaseError(
        .connection, "the database URL '\(url)' \(problem)",
        hint: "write sqlite:///app.db for a file beside the process, sqlite:////var/lib/app.db for an absolute path, "
          + "or sqlite::memory:")
    }
    let parts = url.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    let address = String(parts.first ?? "")
    guard !url.contains("#") else { throw refuse("has a fragment, which SQLite URLs do not take") }
    if address == "sqlite::memory:" {
      self.init(path: ":memory:")
    } else {
      guard address.hasPrefix("sqlite:") else { throw refuse("does not begin with 'sqlite:'") }
      guard address.hasPrefix("sqlite://") else { throw refuse("lacks the slashes after 'sqlite:'") }
      guard address.hasPrefix("sqlite:///") else {
        throw refuse("names a host: SQLite has none, the path follows the third slash")
      }
      let rest = address.dropFirst("sqlite:///".count)
      guard !rest.isEmpty else { throw refuse("names no file") }
      guard let path = String(rest).removingPercentEncoding, !path.contains("\0") else {
        throw refuse("has a broken percent escape")
      }
      guard !path.hasSuffix("/") else { throw refuse("names a directory") }
      self.init(path: path)
    }
    guard parts.count == 2 else { return }
    for parameter in parts[1].split(separator: "&") {
      let pair = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      let name = pair[0], value = pair.count == 2 ? pair[1] : ""
      guard let form = try set(name, value, refuse) else { continue }
      throw refuse("has the value '\(value)' for '\(name)', which takes \(form)")
    }
  }

  /// Sets what a parameter names; says what it takes where the value is something else.
  private mutating func set(_ name: String, _ value: String, _ refuse: (String) -> DatabaseError) throws -> String? {
    func assign<Value>(_ place: WritableKeyPath<Self, Value>, _ value: Value?, or form: String) -> String? {
      guard let value else { return form }
      self[keyPath: place] = value
      return nil
    }
    switch name {
    case "mode": return assign(\.isReadOnly, ["ro": true, "rw": false][value], or: "rw or ro")
    case "readers": return assign(\.readers, Self.count(value, from: 1), or: "a number from 1 to 1000")
    case "busy_timeout": return assign(\.busyTimeout, Self.duration(value), or: "a time as 5s or 500ms")
    case "acquire_timeout": return assign(\.acquireTimeout, Self.duration(value), or: "a time as 5s or 500ms")
    case "journal_mode": return assign(\.journalMode, JournalMode(rawValue: value), or: "wal, delete or truncate")
    case "synchronous": return assign(\.synchronous, Synchronous(rawValue: value), or: "normal or full")
    case "foreign_keys": return assign(\.foreignKeys, ["on": true, "off": false][value], or: "on or off")
    case "cache_size": return assign(\.cacheBytes, ByteSize(value).map { .some($0.bytes) }, or: "a size as 64MB")
    case "mmap_size": return assign(\.mapBytes, ByteSize(value).map { .some($0.bytes) }, or: "a size as 256MB")
    case "wal_autocheckpoint":
      return assign(
        \.checkpointPages, Int(value).flatMap { (0...1_000_000_000).contains($0) ? .some(.some($0)) : nil },
        or: "a number of pages")
    case "statement_cache": return assign(\.statementCacheSize, Self.count(value, from: 1), or: "a number from 1 to 1000")
    default:
      throw refuse(
        "has the parameter '\(name)', which is none of mode, readers, busy_timeout, acquire_timeout, journal_mode, "
          + "synchronous, foreign_keys, cache_size, mmap_size, wal_autocheckpoint and statement_cache")
    }
  }

  private static func count(_ text: String, from lowest: Int) -> Int? {
    Int(text).flatMap { (lowest...1000).contains($0) ? $0 : nil }
  }
  /// `5s`, `500ms`, `2min`; a number alone means seconds.
  private static func duration(_ text: String) -> Duration? {
    let digits = text.prefix { $0.isNumber }, unit = text.dropFirst(digits.count)
    guard let number = Int64(digits), (0...1_000_000_000).contains(number) else { return nil }
    switch unit {
    case "ms": return .milliseconds(number)
    case "s", "": return .seconds(number)
    case "min": return .seconds(number * 60)
    default: return nil
    }
  }
}
