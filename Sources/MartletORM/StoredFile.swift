public import MartletSQL

/// A file that a row has, as a column: its path within the app's file storage. Django's `FileField`, whose columns it reads.
///
/// ```swift
/// var cover: StoredFile?
/// ```
/// The row holds the path alone; who reads or writes the bytes is the business of the storage, and through an API that of a
/// resource's `.file { $0.cover }`. A path is never taken from a client.
public struct StoredFile: ColumnValue, CustomStringConvertible {
  /// The path within the storage, with slashes.
  public let path: String

  /// A file by its path.
  public init(path: String) { self.path = path }

  /// 100 characters, as Django's.
  public static var columnType: ColumnType { .varchar(100) }
  /// The path.
  public var sqlValue: SQLValue { .text(path) }
  /// The file with the path that the row holds.
  /// - Throws: ``RowError`` where the cell is no text.
  public static func read(_ row: inout Row) throws -> StoredFile { StoredFile(path: try row.text()) }
  /// Whether there is a file: Django writes an empty text for none.
  public var exists: Bool { !path.isEmpty }
  /// The path.
  public var description: String { path }
}
