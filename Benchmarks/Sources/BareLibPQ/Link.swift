import CLibPQ
import Foundation

/// A connection in pipeline mode. Confined to the reactor's thread.
final class Link {
  let connection: OpaquePointer
  private var queue: [Reactor.Work] = []
  private var first = 0
  private var answers: [Answer] = []
  private(set) var isFlushed = true

  /// How many requests wait for it.
  var waiting: Int { queue.count - first }

  init(_ url: String, _ statements: [(name: String, text: String)]) throws {
    guard let connection = PQconnectdb(url), PQstatus(connection) == CONNECTION_OK else {
      throw ReactorError(description: "libpq cannot connect")
    }
    self.connection = connection
    for statement in statements {
      let result = PQprepare(connection, statement.name, statement.text, 0, nil)
      defer { PQclear(result) }
      guard PQresultStatus(result) == PGRES_COMMAND_OK else { throw ReactorError(description: failure) }
    }
    guard PQsetnonblocking(connection, 1) == 0, PQenterPipelineMode(connection) == 1 else {
      throw ReactorError(description: failure)
    }
  }

  private var failure: String { String(cString: PQerrorMessage(connection)) }

  /// Everything in one packet where it fits.
  func send(_ work: [Reactor.Work]) {
    for one in work {
      for key in one.keys {
        guard send(one.name, key) else { stop() }
      }
      queue.append(one)
    }
    // This flushes, too.
    guard PQpipelineSync(connection) == 1 else { stop() }
    flush()
  }

  /// Numbers go as binary, and so comes the answer.
  private func send(_ name: String, _ key: Int32?) -> Bool {
    guard let key else { return PQsendQueryPrepared(connection, name, 0, nil, nil, nil, 1) == 1 }
    var value = key.bigEndian, length: Int32 = 4, format: Int32 = 1
    return withUnsafeBytes(of: &value) { bytes in
      var pointer = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
      return PQsendQueryPrepared(connection, name, 1, &pointer, &length, &format, 1) == 1
    }
  }

  private func flush() {
    let state = PQflush(connection)
    guard state >= 0 else { stop() }
    isFlushed = state == 0
  }

  /// Takes what has come and answers those who have all of theirs.
  func receive() {
    guard PQconsumeInput(connection) == 1 else { stop() }
    if !isFlushed { flush() }
    while waiting > 0 || !answers.isEmpty, PQisBusy(connection) == 0 {
      // NULL stands between the results of two statements.
      guard let result = PQgetResult(connection) else { continue }
      if PQresultStatus(result) == PGRES_PIPELINE_SYNC {
        PQclear(result)
        continue
      }
      answers.append(Answer(result))
      guard answers.count == queue[first].keys.count else { continue }
      queue[first].done(answers)
      answers = []
      first += 1
      if first > 256 {
        queue.removeFirst(first)
        first = 0
      }
    }
  }

  /// A limit need not survive its database.
  private func stop() -> Never {
    FileHandle.standardError.write(Data("bare-libpq: \(failure)\n".utf8))
    exit(1)
  }
}
