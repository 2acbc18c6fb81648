/// What the server said: one message, checked and taken apart. Pointers are valid while its bytes are.
enum BackendEvent {
  case authentication(AuthenticationRequest)
  case parameterStatus(name: String, value: String)
  case keyData(processID: Int32, secret: Int32)
  /// The server speaks an older minor version of the protocol, or does not know an option.
  case protocolVersion(newestMinor: Int32, unknownOptions: [String])
  case ready(TransactionStatus)
  case parseComplete
  case bindComplete
  case closeComplete
  case parameterTypes([UInt32])
  case columns([PostgresColumn])
  case noData
  /// The body of a DataRow, which ``RowDecoder`` takes apart.
  case row(UnsafeRawBufferPointer)
  case completed(CommandTag)
  case emptyQuery
  case portalSuspended
  case copyIn(isBinary: Bool)
  case copyOut(isBinary: Bool)
  case copyData(UnsafeRawBufferPointer)
  case copyDone
  // Indirect: an event is moved for every row, and should be small.
  indirect case failure(ServerReport)
  indirect case notice(ServerReport)
  indirect case notification(processID: Int32, channel: String, payload: String)
}

/// Where the session stands between statements.
enum TransactionStatus: UInt8, Sendable {
  case idle = 0x49  // I
  case inTransaction = 0x54  // T
  case failed = 0x45  // E
}

/// How the server asks for proof.
enum AuthenticationRequest: Equatable {
  case ok
  case cleartext
  case md5(salt: [UInt8])
  case sasl(mechanisms: [String])
  case saslContinue([UInt8])
  case saslFinal([UInt8])
  /// A method that is not built.
  case other(String)
}

/// A column of a result.
struct PostgresColumn: Sendable, Equatable {
  var name: String
  var type: UInt32
}

/// `INSERT 0 3`: what ran, and how many rows it was about.
struct CommandTag: Equatable {
  var text: String
  /// The number at the end.
  var count: Int
  /// Rows written: 0 for reads, as ``StatementResult/rowsAffected`` has it.
  var rowsAffected: Int

  /// From the message's text. By bytes: every statement ends in one.
  init(_ bytes: UnsafeRawBufferPointer) {
    text = String(decoding: bytes, as: UTF8.self)
    count = Self.lastNumber(bytes)
    rowsAffected = Self.writes.contains { bytes.starts(with: $0.utf8) } ? count : 0
  }

  private static let writes: [String] = ["INSERT ", "UPDATE ", "DELETE ", "MERGE ", "COPY "]

  /// The digits behind the last space; 0 where there are none, or more than fit.
  private static func lastNumber(_ bytes: UnsafeRawBufferPointer) -> Int {
    var start = bytes.count
    while start > 0, (0x30...0x39).contains(bytes[start - 1]) { start -= 1 }
    guard start > 0, bytes[start - 1] == 0x20 else { return 0 }
    var number = 0
    for byte in bytes[start...] {
      let (tens, isTooLarge) = number.multipliedReportingOverflow(by: 10)
      let (sum, overflows) = tens.addingReportingOverflow(Int(byte - 0x30))
      if isTooLarge || overflows { return 0 }
      number = sum
    }
    return number
  }
}

/// Bytes that are not the protocol, or come where the protocol has no place for them. Ends the connection.
struct ProtocolViolation: Error, Equatable {
  var message: String
  init(_ message: String) { self.message = message }
}
