import CLibPQ
import Foundation
import MartletSQL

/// libpq, the oracle: what it reads in a URL, and what a server says to it.
enum LibPQ {
  /// The keywords and values of a URL; the error's text where libpq refuses it.
  static func parse(_ url: String) -> Result<[String: String], Refusal> {
    var message: UnsafeMutablePointer<CChar>?
    guard let options = PQconninfoParse(url, &message) else {
      defer { PQfreemem(message) }
      return .failure(Refusal(text: message.map { String(cString: $0) } ?? ""))
    }
    defer { PQconninfoFree(options) }
    var values: [String: String] = [:], option = options
    while let keyword = option.pointee.keyword {
      if let value = option.pointee.val { values[String(cString: keyword)] = String(cString: value) }
      option += 1
    }
    return .success(values)
  }
  struct Refusal: Error { var text: String }

  /// All keywords, with their environment variables.
  static var keywords: [String: String?] {
    guard let options = PQconndefaults() else { return [:] }
    defer { PQconninfoFree(options) }
    var result: [String: String?] = [:], option = options
    while let keyword = option.pointee.keyword {
      result[String(cString: keyword)] = .some(option.pointee.envvar.map { String(cString: $0) })
      option += 1
    }
    return result
  }
}

/// A connection of libpq's. Confined to the test that made it.
final class LibPQConnection {
  private let connection: OpaquePointer

  init(_ url: String) throws {
    connection = PQconnectdb(url)
    // What fails after the connection is stored is deinitialised, which closes it.
    guard PQstatus(connection) == CONNECTION_OK else {
      throw LibPQ.Refusal(text: String(cString: PQerrorMessage(connection)))
    }
  }
  deinit { PQfinish(connection) }

  /// All that a server says to a statement.
  struct Answer {
    /// Cells as ``cellText(_:)`` writes those of the driver.
    var rows: [[String]] = []
    var rowsAffected = 0
    var code: String?
    var message = ""
    /// The character of the text that the error is about, from 1.
    var position: Int?
  }

  /// Runs a statement with values as text, and the types that they have.
  func answer(_ sql: String, _ values: [(text: String?, type: UInt32)]) -> Answer {
    var pointers: [UnsafePointer<CChar>?] = values.map { $0.text.map { UnsafePointer(strdup($0)) } }
    defer { for pointer in pointers { free(UnsafeMutableRawPointer(mutating: pointer)) } }
    let result = PQexecParams(connection, sql, Int32(values.count), values.map(\.type), &pointers, nil, nil, 0)
    defer { PQclear(result) }
    func field(_ code: Unicode.Scalar) -> String? {
      PQresultErrorField(result, Int32(UInt8(ascii: code))).map { String(cString: $0) }
    }
    var answer = Answer()
    switch PQresultStatus(result) {
    case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: break
    default:
      answer.code = field("C") ?? ""
      answer.message = field("M") ?? ""
      answer.position = field("P").flatMap { Int($0) }
      return answer
    }
    let tag = String(cString: PQcmdStatus(result))
    if ["INSERT", "UPDATE", "DELETE", "MERGE"].contains(where: tag.hasPrefix) {
      answer.rowsAffected = Int(String(cString: PQcmdTuples(result))) ?? 0
    }
    answer.rows = (0..<PQntuples(result)).map { row in
      (0..<PQnfields(result)).map { column in
        if PQgetisnull(result, row, column) == 1 { return "null" }
        let text = String(cString: PQgetvalue(result, row, column))
        return switch PQftype(result, column) {
        case 16: text == "t" ? "int 1" : "int 0"
        case 20, 21, 23, 26: "int \(text)"
        case 701: "double \(Double(text).map { "\($0)" } ?? text)"
        default: "text \(text)"
        }
      }
    }
    return answer
  }

  /// What the server has remarked since the last call: SQLSTATE and message.
  func takeNotices() -> [String] {
    defer { notices.list = [] }
    return notices.list
  }
  private final class Notices { var list: [String] = [] }
  private let notices = Notices()

  /// Begins to collect notices, which otherwise libpq prints.
  func collectNotices() {
    PQsetNoticeReceiver(
      connection,
      { target, result in
        guard let target else { return }
        let notices = Unmanaged<Notices>.fromOpaque(target).takeUnretainedValue()
        let parts = (["C", "M"] as [Unicode.Scalar]).map {
          PQresultErrorField(result, Int32(UInt8(ascii: $0))).map { String(cString: $0) } ?? ""
        }
        notices.list.append(parts.joined(separator: " "))
      }, Unmanaged.passUnretained(notices).toOpaque())
  }

  /// What a statement gave: rows of texts, or the SQLSTATE of its error.
  enum Outcome: Equatable { case rows([[String?]]), error(String) }

  /// Runs a statement with values as text, and the types of PostgreSQL that they have (0 for none).
  func run(_ sql: String, _ values: [String?] = [], types: [UInt32] = []) -> Outcome {
    var pointers: [UnsafePointer<CChar>?] = values.map { $0.map { UnsafePointer(strdup($0)) } }
    defer { for pointer in pointers { free(UnsafeMutableRawPointer(mutating: pointer)) } }
    let result = PQexecParams(connection, sql, Int32(values.count), types.isEmpty ? nil : types, &pointers, nil, nil, 0)
    defer { PQclear(result) }
    switch PQresultStatus(result) {
    case PGRES_TUPLES_OK, PGRES_COMMAND_OK: break
    default: return .error(PQresultErrorField(result, Int32(UInt8(ascii: "C"))).map { String(cString: $0) } ?? "")
    }
    return .rows(
      (0..<PQntuples(result)).map { row in
        (0..<PQnfields(result)).map { column in
          PQgetisnull(result, row, column) == 1 ? nil : String(cString: PQgetvalue(result, row, column))
        }
      })
  }
}
