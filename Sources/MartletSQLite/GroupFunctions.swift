import CSQLite3
import Foundation
import MartletCore
import MartletSQL

/// Aggregates: deviations, and lists of values in an order of their own. They work as window functions too.
enum GroupFunctions {
  static func register(_ database: OpaquePointer) {
    define("martlet_stddev_pop", 1, database) { $0.statistic(isSample: false, isDeviation: true, $1) }
    define("martlet_stddev_samp", 1, database) { $0.statistic(isSample: true, isDeviation: true, $1) }
    define("martlet_var_pop", 1, database) { $0.statistic(isSample: false, isDeviation: false, $1) }
    define("martlet_var_samp", 1, database) { $0.statistic(isSample: true, isDeviation: false, $1) }
    define("martlet_group", -1, database) { $0.list($1) }
  }

  private static func define(
    _ name: String, _ count: Int32, _ database: OpaquePointer, _ finish: @escaping @Sendable (Group, OpaquePointer?) -> Void
  ) {
    let box = Unmanaged.passRetained(Finish(body: finish))
    sqlite3_create_window_function(
      database, name, count, SQLITE_UTF8 | SQLITE_INNOCUOUS | SQLITE_DETERMINISTIC, box.toOpaque(),
      { context, count, values in
        guard let group = Group.current(context, creating: true) else { return sqlite3_result_error_nomem(context) }
        group.add(FunctionValues(count: Int(count), values: values))
      },
      { context in
        let group = Group.current(context, creating: false)
        Finish.of(context)?.body(group ?? Group(), context)
        group?.release(context)
      },
      { context in Finish.of(context)?.body(Group.current(context, creating: false) ?? Group(), context) },
      { context, _, _ in Group.current(context, creating: false)?.removeFirst() }
    ) { data in if let data { Unmanaged<Finish>.fromOpaque(data).release() } }
  }
}

/// How an aggregate makes its result.
private final class Finish: Sendable {
  let body: @Sendable (Group, OpaquePointer?) -> Void
  init(body: @escaping @Sendable (Group, OpaquePointer?) -> Void) { self.body = body }
  static func of(_ context: OpaquePointer?) -> Finish? {
    sqlite3_user_data(context).map { Unmanaged<Finish>.fromOpaque($0).takeUnretainedValue() }
  }
}

/// The rows of a group so far. Confined to the connection's thread, on which SQLite calls.
final class Group {
  private struct Entry {
    var value: GroupValue
    var keys: [GroupValue]
  }
  private var entries: [Entry] = []
  private var separator: String?
  private var isDistinct = false
  private var directions: [(isDescending: Bool, nullsFirst: Bool)] = []

  /// The group of an aggregate's context, where SQLite keeps one pointer for us.
  static func current(_ context: OpaquePointer?, creating: Bool) -> Group? {
    guard let memory = sqlite3_aggregate_context(context, creating ? Int32(MemoryLayout<UnsafeRawPointer?>.size) : 0) else {
      return nil
    }
    let slot = memory.assumingMemoryBound(to: UnsafeRawPointer?.self)
    if let pointer = slot.pointee { return Unmanaged<Group>.fromOpaque(pointer).takeUnretainedValue() }
    guard creating else { return nil }
    let group = Group()
    slot.pointee = UnsafeRawPointer(Unmanaged.passRetained(group).toOpaque())
    return group
  }
  func release(_ context: OpaquePointer?) {
    guard let memory = sqlite3_aggregate_context(context, 0) else { return }
    memory.assumingMemoryBound(to: UnsafeRawPointer?.self).pointee = nil
    Unmanaged.passUnretained(self).release()
  }

  func add(_ values: FunctionValues) {
    guard values.count > 1 else { return entries.append(Entry(value: GroupValue(values[0]), keys: [])) }
    if entries.isEmpty {
      separator = values.text(0)
      isDistinct = values.int(1) == 1
      let flags = Array((values.text(2) ?? "").utf8)
      directions = stride(from: 0, to: flags.count - 1, by: 2).map {
        (flags[$0] == UInt8(ascii: "d"), flags[$0 + 1] == UInt8(ascii: "f"))
      }
    }
    entries.append(Entry(value: GroupValue(values[3]), keys: (4..<max(4, values.count)).map { GroupValue(values[$0]) }))
  }
  func removeFirst() { if !entries.isEmpty { entries.removeFirst() } }

  /// In two passes, which lose no digits where the values are large and close together.
  func statistic(isSample: Bool, isDeviation: Bool, _ context: OpaquePointer?) {
    let numbers = entries.compactMap(\.value.number)
    guard numbers.count > (isSample ? 1 : 0) else { return sqlite3_result_null(context) }
    let mean = numbers.reduce(0, +) / Double(numbers.count)
    let variance = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(numbers.count - (isSample ? 1 : 0))
    sqlite3_result_double(context, isDeviation ? variance.squareRoot() : variance)
  }

  /// Texts with a separator, or a JSON list where there is none.
  func list(_ context: OpaquePointer?) {
    var rows = separator == nil ? entries : entries.filter { !$0.value.isNull }
    guard !rows.isEmpty else { return sqlite3_result_null(context) }
    let directions = directions
    if !directions.isEmpty {
      rows = rows.enumerated().sorted { l, r in
        for (index, direction) in directions.enumerated() where index < l.element.keys.count {
          let a = l.element.keys[index], b = r.element.keys[index]
          if a.isNull || b.isNull {
            if a.isNull == b.isNull { continue }
            return a.isNull == direction.nullsFirst
          }
          let order = a.order(b)
          if order != 0 { return (order < 0) != direction.isDescending }
        }
        return l.offset < r.offset
      }.map(\.element)
    }
    var values = rows.map(\.value)
    if isDistinct {
      var seen: Set<String> = []
      values = values.filter { seen.insert($0.text).inserted }
    }
    guard let separator else { return QueryFunctions.answer(context, "[" + values.map(\.json).joined(separator: ",") + "]") }
    QueryFunctions.answer(context, values.map(\.text).joined(separator: separator))
  }
}

/// A value that outlives the call.
enum GroupValue {
  case null
  case int(Int64)
  case double(Double)
  case text(String)
  case blob([UInt8])

  init(_ value: OpaquePointer?) {
    guard let value else {
      self = .null
      return
    }
    switch sqlite3_value_type(value) {
    case SQLITE_INTEGER: self = .int(sqlite3_value_int64(value))
    case SQLITE_FLOAT: self = .double(sqlite3_value_double(value))
    case SQLITE_TEXT: self = .text(FunctionValues.text(value) ?? "")
    case SQLITE_BLOB:
      let count = Int(sqlite3_value_bytes(value))
      self = .blob(sqlite3_value_blob(value).map { Array(UnsafeRawBufferPointer(start: $0, count: count)) } ?? [])
    default: self = .null
    }
  }

  var isNull: Bool { if case .null = self { true } else { false } }
  var number: Double? {
    switch self {
    case .int(let value): Double(value)
    case .double(let value): value
    case .text(let text): Double(text)
    default: nil
    }
  }
  var text: String {
    switch self {
    case .null: ""
    case .int(let value): String(value)
    case .double(let value): value.description
    case .text(let text): text
    case .blob(let bytes): String(decoding: bytes, as: UTF8.self)
    }
  }
  var json: String {
    switch self {
    case .null: return "null"
    case .int(let value): return String(value)
    case .double(let value): return value.isFinite ? value.description : "null"
    case .text, .blob:
      var writer = JSONWriter()
      writer.string(text)
      return writer.text
    }
  }
  /// As SQLite orders: numbers, then texts by bytes, then blobs.
  func order(_ other: GroupValue) -> Int {
    func rank(_ value: GroupValue) -> Int {
      switch value {
      case .null: 0
      case .int, .double: 1
      case .text: 2
      case .blob: 3
      }
    }
    switch (self, other) {
    case (.int(let l), .int(let r)): return l < r ? -1 : l > r ? 1 : 0
    case (.text(let l), .text(let r)):
      return l.utf8.lexicographicallyPrecedes(r.utf8) ? -1 : r.utf8.lexicographicallyPrecedes(l.utf8) ? 1 : 0
    case (.blob(let l), .blob(let r)): return l.lexicographicallyPrecedes(r) ? -1 : r.lexicographicallyPrecedes(l) ? 1 : 0
    default:
      if let l = number, let r = other.number, rank(self) == 1, rank(other) == 1 { return l < r ? -1 : l > r ? 1 : 0 }
      return rank(self) - rank(other)
    }
  }
}

extension FunctionValues {
  static func text(_ value: OpaquePointer) -> String? {
    var pointer: OpaquePointer? = value
    return withUnsafeMutablePointer(to: &pointer) { FunctionValues(count: 1, values: $0).text(0) }
  }
}
