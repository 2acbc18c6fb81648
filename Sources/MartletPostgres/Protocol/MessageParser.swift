/// Takes the bodies of the server's messages apart.
enum MessageParser {
  static func malformed(_ name: String) -> ProtocolViolation {
    ProtocolViolation("the server sent a \(name) message that is not well formed")
  }

  static func authentication(_ reader: inout ByteReader) throws(ProtocolViolation) -> AuthenticationRequest {
    guard let code = reader.integer(Int32.self) else { throw malformed("Authentication") }
    switch code {
    case 0:
      guard reader.isAtEnd else { throw malformed("AuthenticationOk") }
      return .ok
    case 3: return .cleartext
    case 5:
      guard let salt = reader.take(4), reader.isAtEnd else { throw malformed("AuthenticationMD5Password") }
      return .md5(salt: Array(salt))
    case 10:
      var mechanisms: [String] = []
      while let name = reader.cString(), !name.isEmpty { mechanisms.append(name) }
      guard reader.isAtEnd, !mechanisms.isEmpty else { throw malformed("AuthenticationSASL") }
      return .sasl(mechanisms: mechanisms)
    case 11: return .saslContinue(Array(reader.rest()))
    case 12: return .saslFinal(Array(reader.rest()))
    case 2: return .other("Kerberos V5")
    case 7: return .other("GSSAPI")
    case 9: return .other("SSPI")
    default: return .other("method number \(code)")
    }
  }

  static func protocolVersion(_ reader: inout ByteReader) throws(ProtocolViolation) -> BackendEvent {
    guard let minor = reader.integer(Int32.self), let count = reader.integer(Int32.self), count >= 0 else {
      throw malformed("NegotiateProtocolVersion")
    }
    var options: [String] = []
    for _ in 0..<count {
      guard let option = reader.cString() else { throw malformed("NegotiateProtocolVersion") }
      options.append(option)
    }
    return .protocolVersion(newestMinor: minor, unknownOptions: options)
  }

  static func keyData(_ reader: inout ByteReader) throws(ProtocolViolation) -> BackendEvent {
    guard let process = reader.integer(Int32.self), let secret = reader.integer(Int32.self), reader.isAtEnd else {
      throw malformed("BackendKeyData")
    }
    return .keyData(processID: process, secret: secret)
  }

  static func ready(_ reader: inout ByteReader) throws(ProtocolViolation) -> TransactionStatus {
    guard let byte = reader.byte(), let status = TransactionStatus(rawValue: byte), reader.isAtEnd else {
      throw malformed("ReadyForQuery")
    }
    return status
  }

  static func parameterTypes(_ reader: inout ByteReader) throws(ProtocolViolation) -> BackendEvent {
    guard let count = reader.integer(UInt16.self), reader.remaining == Int(count) * 4 else {
      throw malformed("ParameterDescription")
    }
    var types: [UInt32] = []
    types.reserveCapacity(Int(count))
    while let type = reader.integer(UInt32.self) { types.append(type) }
    return .parameterTypes(types)
  }

  static func columns(_ reader: inout ByteReader) throws(ProtocolViolation) -> BackendEvent {
    guard let count = reader.integer(UInt16.self) else { throw malformed("RowDescription") }
    var columns: [PostgresColumn] = []
    for _ in 0..<count {
      // Name; table, attribute; type, its size, its modifier; format.
      guard let name = reader.cString(), reader.take(6) != nil, let type = reader.integer(UInt32.self), reader.take(8) != nil
      else { throw malformed("RowDescription") }
      columns.append(PostgresColumn(name: name, type: type))
    }
    return .columns(columns)
  }

  static func copyFormat(_ reader: inout ByteReader) throws(ProtocolViolation) -> Bool {
    guard let format = reader.byte(), format <= 1, let count = reader.integer(UInt16.self),
      reader.remaining == Int(count) * 2
    else { throw malformed("CopyResponse") }
    return format == 1
  }

  static func report(_ reader: inout ByteReader) throws(ProtocolViolation) -> ServerReport {
    var report = ServerReport()
    while let field = reader.byte(), field != 0 {
      guard let value = reader.cString() else { throw malformed("ErrorResponse") }
      report.set(field, value)
    }
    return report
  }
}
