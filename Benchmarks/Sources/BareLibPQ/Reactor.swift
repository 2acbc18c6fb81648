import CLibPQ
import Foundation
import Synchronization

/// What a statement gave; freed with the value.
final class Answer: @unchecked Sendable {
  // Written nowhere after it was made: libpq's results are read-only.
  let result: OpaquePointer

  init(_ result: OpaquePointer) { self.result = result }
  deinit { PQclear(result) }

  var isGood: Bool { PQresultStatus(result) == PGRES_TUPLES_OK }
  var count: Int32 { PQntuples(result) }

  func bytes(_ row: Int32, _ column: Int32) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: PQgetvalue(result, row, column), count: Int(PQgetlength(result, row, column)))
  }
  func int32(_ row: Int32, _ column: Int32) -> Int64 { Int64(Int32(bigEndian: bytes(row, column).loadUnaligned(as: Int32.self))) }
  func int64(_ row: Int32, _ column: Int32) -> Int64 { Int64(bigEndian: bytes(row, column).loadUnaligned(as: Int64.self)) }
}

struct ReactorError: Error, CustomStringConvertible {
  var description: String
}

/// One thread that waits for all connections with poll(2). Statements that arrive while it works go out together, in libpq's
/// pipeline mode, with one Sync.
final class Reactor: Sendable {
  /// Statements with the same fate: they are sent together, and all have to be answered.
  struct Work {
    var name: String
    var keys: [Int32?]
    var done: @Sendable ([Answer]) -> Void
  }

  private struct Inbox {
    var work: [Work] = []
    var isAwake = false
  }

  private let inbox = Mutex(Inbox())
  private let wakeup: (read: Int32, write: Int32)

  init(_ url: String, connections: Int, statements: [(name: String, text: String)]) throws {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw ReactorError(description: "no pipe") }
    wakeup = (ends[0], ends[1])
    // The thread has the connections to itself from here on.
    let links = Handover(try (0..<connections).map { _ in try Link(url, statements) })
    Thread { self.run(links.value) }.start()
  }

  func submit(_ work: Work) {
    let mustWake = inbox.withLock { inbox in
      inbox.work.append(work)
      defer { inbox.isAwake = true }
      return !inbox.isAwake
    }
    guard mustWake else { return }
    var byte: UInt8 = 0
    _ = write(wakeup.write, &byte, 1)
  }

  private func run(_ links: [Link]) -> Never {
    var waits = [pollfd(fd: wakeup.read, events: Int16(POLLIN), revents: 0)]
    waits += links.map { pollfd(fd: PQsocket($0.connection), events: Int16(POLLIN), revents: 0) }
    while true {
      for (place, link) in links.enumerated() {
        waits[place + 1].events = Int16(link.isFlushed ? POLLIN : POLLIN | POLLOUT)
      }
      poll(&waits, nfds_t(waits.count), -1)
      for (place, link) in links.enumerated() where waits[place + 1].revents != 0 { link.receive() }
      if waits[0].revents != 0 { accept(links) }
    }
  }

  /// The whole inbox goes to the connection that has least to do.
  private func accept(_ links: [Link]) {
    var byte: UInt8 = 0
    _ = read(wakeup.read, &byte, 1)
    let work = inbox.withLock { inbox in
      defer { inbox = Inbox() }
      return inbox.work
    }
    guard let link = links.min(by: { $0.waiting < $1.waiting }) else { return }
    link.send(work)
  }
}

/// Hands something to another thread, for good.
private struct Handover<Value>: @unchecked Sendable {
  // Confined to the thread that takes it.
  let value: Value

  init(_ value: Value) { self.value = value }
}
