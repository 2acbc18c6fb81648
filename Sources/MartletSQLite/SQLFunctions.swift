import CSQLite3
import Foundation
import MartletCore
import MartletSQL

/// The functions that Martlet's SQL needs and SQLite lacks, registered on each connection.
enum SQLFunctions {
  static func register(_ database: OpaquePointer) {
    // Innocuous: usable in indexes, generated columns and views also where the schema is not trusted.
    let pure = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS
    sqlite3_create_function_v2(database, "martlet_lower", 1, pure, nil, lower, nil, nil, nil)
    sqlite3_create_function_v2(database, "martlet_uuid4", 0, SQLITE_UTF8 | SQLITE_INNOCUOUS, nil, uuid4, nil, nil, nil)
    QueryFunctions.register(database)
  }
}

/// `martlet_lower(text)`: Unicode's lower case, as Swift's `lowercased()`; SQLite's own `lower` knows ASCII alone.
private let lower: @convention(c) (OpaquePointer?, Int32, UnsafeMutablePointer<OpaquePointer?>?) -> Void = { context, _, values in
  guard let value = values?[0], sqlite3_value_type(value) != SQLITE_NULL, let start = sqlite3_value_text(value) else {
    return sqlite3_result_null(context)
  }
  let utf8 = UnsafeBufferPointer(start: start, count: Int(sqlite3_value_bytes(value)))
  resultText(context, String(decoding: utf8, as: UTF8.self).lowercased())
}

/// `martlet_uuid4()`: 32 hexadecimal digits, as Django stores a UUID.
private let uuid4: @convention(c) (OpaquePointer?, Int32, UnsafeMutablePointer<OpaquePointer?>?) -> Void = { context, _, _ in
  resultText(context, UUID().hex)
}

func resultText(_ context: OpaquePointer?, _ text: String) {
  var text = text
  text.withUTF8 { utf8 in
    guard let start = utf8.baseAddress else { return sqlite3_result_text(context, "", 0, nil) }
    start.withMemoryRebound(to: CChar.self, capacity: utf8.count) {
      sqlite3_result_text64(context, $0, UInt64(utf8.count), transient, UInt8(SQLITE_UTF8))
    }
  }
}
