import NIOCore

/// Writes the client's messages.
struct MessageWriter {
  var buffer: ByteBuffer

  init(_ buffer: ByteBuffer = ByteBuffer()) { self.buffer = buffer }

  private mutating func message(_ kind: Unicode.Scalar?, _ body: (inout ByteBuffer) -> Void) {
    if let kind { buffer.writeInteger(UInt8(ascii: kind)) }
    let start = buffer.writerIndex
    buffer.writeInteger(UInt32(0))
    body(&buffer)
    buffer.setInteger(UInt32(truncatingIfNeeded: buffer.writerIndex - start), at: start)
  }

  // MARK: Before the session

  mutating func sslRequest() { message(nil) { $0.writeInteger(Int32(80_877_103)) } }

  mutating func cancelRequest(processID: Int32, secret: Int32) {
    message(nil) { $0.writeMultipleIntegers(Int32(80_877_102), processID, secret) }
  }

  mutating func startup(_ parameters: [(String, String)]) {
    message(nil) { buffer in
      buffer.writeInteger(Int32(196_608))
      for (name, value) in parameters {
        buffer.writeNullTerminatedString(name)
        buffer.writeNullTerminatedString(value)
      }
      buffer.writeInteger(UInt8(0))
    }
  }

  mutating func password(_ text: String) { message("p") { $0.writeNullTerminatedString(text) } }

  mutating func saslInitial(mechanism: String, _ response: [UInt8]) {
    message("p") { buffer in
      buffer.writeNullTerminatedString(mechanism)
      buffer.writeInteger(Int32(response.count))
      buffer.writeBytes(response)
    }
  }

  mutating func saslResponse(_ response: [UInt8]) { message("p") { $0.writeBytes(response) } }

  // MARK: Statements

  mutating func parse(name: String, text: String, types: [UInt32]) {
    message("P") { buffer in
      buffer.writeNullTerminatedString(name)
      buffer.writeNullTerminatedString(text)
      buffer.writeInteger(UInt16(truncatingIfNeeded: types.count))
      for type in types { buffer.writeInteger(type) }
    }
  }

  mutating func describeStatement(_ name: String) {
    message("D") { buffer in
      buffer.writeInteger(UInt8(ascii: "S"))
      buffer.writeNullTerminatedString(name)
    }
  }

  /// - Parameter parameters: From ``ParameterEncoder``: their formats and their values.
  mutating func bind(portal: String, statement: String, parameters: ByteBuffer, resultFormats: [UInt16]) {
    message("B") { buffer in
      buffer.writeNullTerminatedString(portal)
      buffer.writeNullTerminatedString(statement)
      buffer.writeImmutableBuffer(parameters)
      buffer.writeInteger(UInt16(truncatingIfNeeded: resultFormats.count))
      for format in resultFormats { buffer.writeInteger(format) }
    }
  }

  /// A Bind whose constant parts are at hand, and an Execute of all rows of it: the same bytes as ``bind`` and ``execute`` write
  /// for the unnamed portal.
  mutating func run(bindStart: [UInt8], parameters: ByteBuffer, bindRest: [UInt8]) {
    let start = buffer.writerIndex
    buffer.writeBytes(bindStart)
    buffer.writeImmutableBuffer(parameters)
    buffer.writeBytes(bindRest)
    // The length counts itself, but not the letter before it.
    buffer.setInteger(UInt32(truncatingIfNeeded: buffer.writerIndex - start - 1), at: start + 1)
    buffer.writeBytes(Self.executeAll)
  }
  /// Execute: nine bytes behind the letter, the unnamed portal, no limit.
  private static let executeAll: [UInt8] = [UInt8(ascii: "E"), 0, 0, 0, 9, 0, 0, 0, 0, 0]

  /// - Parameter limit: The most rows to send; 0 for all.
  mutating func execute(portal: String, limit: Int32) {
    message("E") { buffer in
      buffer.writeNullTerminatedString(portal)
      buffer.writeInteger(limit)
    }
  }

  mutating func closeStatement(_ name: String) { close("S", name) }
  mutating func closePortal(_ name: String) { close("P", name) }
  private mutating func close(_ what: Unicode.Scalar, _ name: String) {
    message("C") { buffer in
      buffer.writeInteger(UInt8(ascii: what))
      buffer.writeNullTerminatedString(name)
    }
  }

  mutating func sync() { buffer.writeBytes(Self.syncMessage) }
  private static let syncMessage: [UInt8] = [UInt8(ascii: "S"), 0, 0, 0, 4]
  mutating func flush() { message("H") { _ in } }
  mutating func terminate() { message("X") { _ in } }

  // MARK: Copy

  mutating func copyData(_ bytes: some Sequence<UInt8>) { message("d") { $0.writeBytes(bytes) } }
  mutating func copyDone() { message("c") { _ in } }
  mutating func copyFail(_ reason: String) { message("f") { $0.writeNullTerminatedString(reason) } }
}
