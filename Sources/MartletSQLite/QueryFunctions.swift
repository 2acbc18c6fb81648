import CSQLite3
import Foundation
import MartletCore
import MartletSQL

/// The functions of the query language that SQLite lacks, registered on each connection.
enum QueryFunctions {
  static func register(_ database: OpaquePointer) {
    text("martlet_upper", 1, database) { context, values in answer(context, values.text(0)?.uppercased()) }
    text("martlet_reverse", 1, database) { context, values in
      answer(context, values.text(0).map { String(String.UnicodeScalarView($0.unicodeScalars.reversed())) })
    }
    text("martlet_repeat", 2, database) { context, values in
      guard let text = values.text(0), let count = values.int(1) else { return sqlite3_result_null(context) }
      guard text.utf8.count * Int(min(max(count, 0), 1_000_000)) <= 100_000_000 else {
        return sqlite3_result_error_toobig(context)
      }
      answer(context, String(repeating: text, count: Int(max(count, 0))))
    }
    text("martlet_lpad", 3, database) { context, values in answer(context, values.padded(atStart: true)) }
    text("martlet_rpad", 3, database) { context, values in answer(context, values.padded(atStart: false)) }
    text("martlet_part", 3, database) { context, values in
      guard let text = values.text(0), let separator = values.text(1), let place = values.int(2) else {
        return sqlite3_result_null(context)
      }
      let parts = text.components(separatedBy: separator)
      answer(context, place >= 1 && place <= Int64(parts.count) ? parts[Int(place) - 1] : "")
    }
    text("martlet_concat_ws", -1, database) { context, values in
      guard let separator = values.text(0) else { return sqlite3_result_null(context) }
      answer(context, (1..<max(1, values.count)).compactMap { values.text($0) }.joined(separator: separator))
    }
    text("martlet_regexp", 3, database) { context, values in
      guard let pattern = values.text(0), let text = values.text(1) else { return sqlite3_result_null(context) }
      guard let expression = ExpressionCache.shared.expression(pattern, ignoringCase: values.int(2) == 1) else {
        return sqlite3_result_error(context, "not a regular expression", -1)
      }
      let range = NSRange(text.startIndex..., in: text)
      sqlite3_result_int(context, expression.firstMatch(in: text, range: range) == nil ? 0 : 1)
    }
    DateFunctions.register(database)
    GroupFunctions.register(database)
    JSONFunctions.register(database)
    HashFunctions.register(database)
  }

  typealias Body = @Sendable (OpaquePointer?, FunctionValues) -> Void

  /// Registers a function whose result depends on its arguments alone.
  static func text(
    _ name: String, _ count: Int32, _ database: OpaquePointer, isPure: Bool = true, _ body: @escaping Body
  ) {
    // Innocuous: usable in indexes, generated columns and views also where the schema is not trusted.
    let flags = SQLITE_UTF8 | SQLITE_INNOCUOUS | (isPure ? SQLITE_DETERMINISTIC : 0)
    install(name, count, flags, database, body)
  }

  /// Registers a function; SQLite keeps the closure, and lets it go also where it fails.
  @discardableResult
  static func install(
    _ name: String, _ count: Int32, _ flags: Int32, _ database: OpaquePointer, _ body: @escaping Body
  ) -> Int32 {
    let call: @convention(c) (OpaquePointer?, Int32, UnsafeMutablePointer<OpaquePointer?>?) -> Void = { context, count, values in
      guard let data = sqlite3_user_data(context) else { return }
      Unmanaged<FunctionBox>.fromOpaque(data).takeUnretainedValue().body(
        context, FunctionValues(count: Int(count), values: values))
    }
    let box = Unmanaged.passRetained(FunctionBox(body))
    return sqlite3_create_function_v2(database, name, count, flags, box.toOpaque(), call, nil, nil) { data in
      if let data { Unmanaged<FunctionBox>.fromOpaque(data).release() }
    }
  }

  static func answer(_ context: OpaquePointer?, _ text: String?) {
    guard var text else { return sqlite3_result_null(context) }
    text.withUTF8 { utf8 in
      guard let start = utf8.baseAddress, !utf8.isEmpty else { return sqlite3_result_text(context, "", 0, nil) }
      start.withMemoryRebound(to: CChar.self, capacity: utf8.count) {
        sqlite3_result_text64(context, $0, UInt64(utf8.count), transient, UInt8(SQLITE_UTF8))
      }
    }
  }
}

/// What SQLite keeps of a function.
private final class FunctionBox: Sendable {
  let body: QueryFunctions.Body
  init(_ body: @escaping QueryFunctions.Body) { self.body = body }
}

/// The arguments of a call.
struct FunctionValues {
  let count: Int
  let values: UnsafeMutablePointer<OpaquePointer?>?

  subscript(index: Int) -> OpaquePointer? { index < count ? values?[index] : nil }
  func isNull(_ index: Int) -> Bool { self[index].map { sqlite3_value_type($0) == SQLITE_NULL } ?? true }
  func text(_ index: Int) -> String? {
    guard let value = self[index], sqlite3_value_type(value) != SQLITE_NULL, let start = sqlite3_value_text(value) else {
      return nil
    }
    return String(decoding: UnsafeBufferPointer(start: start, count: Int(sqlite3_value_bytes(value))), as: UTF8.self)
  }
  func int(_ index: Int) -> Int64? { isNull(index) ? nil : self[index].map { sqlite3_value_int64($0) } }

  func padded(atStart: Bool) -> String? {
    guard let text = text(0), let length = int(1), let filling = text2, length <= 1_000_000 else { return nil }
    let scalars = Array(text.unicodeScalars), missing = Int(max(0, length)) - scalars.count
    var view = String.UnicodeScalarView()
    if missing <= 0 {
      view.append(contentsOf: scalars.prefix(Int(max(0, length))))
      return String(view)
    }
    let source = Array(filling.unicodeScalars)
    guard !source.isEmpty else { return text }
    let fill = (0..<missing).map { source[$0 % source.count] }
    view.append(contentsOf: atStart ? fill + scalars : scalars + fill)
    return String(view)
  }
  private var text2: String? { text(2) }
}
