import NIOCore

/// The head of a response as it goes out.
struct ResponseHead {
  var status: HTTPStatus
  var fields: HeaderFields
  /// HTTP/1.0, whose clients know neither chunks nor connections that stay.
  var isOld = false

  /// The bytes that the head takes, or more.
  private var size: Int {
    var size = 64
    for field in fields { size += field.name.utf8.count + field.value.utf8.count + 4 }
    return size
  }

  /// Writes the head of HTTP/1.1 (RFC 9112 §4, §5), and of a body as many bytes as are given.
  ///
  /// - Throws: ``HTTPError`` where a field would end its line: what it says would be read as fields of its own.
  func write(into buffer: inout ByteBuffer, body: [UInt8] = []) throws {
    let size = size + body.count
    var isValid = true
    buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: size) { target in
      var writer = ByteWriter(target)
      writer.add(isOld ? "HTTP/1.0 " : "HTTP/1.1 ")
      writer.add(number: status.code)
      writer.add(" ")
      writer.add(status.reason)
      writer.add("\r\n")
      for field in fields {
        isValid = writer.add(checking: field.name) && isValid
        writer.add(": ")
        isValid = writer.add(checking: field.value) && isValid
        writer.add("\r\n")
      }
      writer.add("\r\n")
      writer.add(body)
      return isValid ? writer.count : 0
    }
    guard isValid else {
      throw HTTPError(.internalError, "A header field of the response holds a line break or another control character.")
    }
  }
}

/// Writes bytes one after another into memory that is large enough.
private struct ByteWriter {
  private let target: UnsafeMutableRawBufferPointer
  private(set) var count = 0

  init(_ target: UnsafeMutableRawBufferPointer) { self.target = target }

  mutating func add(_ bytes: UnsafeRawBufferPointer) {
    UnsafeMutableRawBufferPointer(rebasing: target[count...]).copyMemory(from: bytes)
    count += bytes.count
  }
  mutating func add(_ text: StaticString) {
    add(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }
  mutating func add(_ text: String) {
    var text = text
    text.withUTF8 { add(UnsafeRawBufferPointer($0)) }
  }
  mutating func add(_ bytes: [UInt8]) { bytes.withUnsafeBytes { add($0) } }
  mutating func add(number: Int) { add(String(number)) }

  /// - Returns: Whether the text holds no control character but tabs.
  mutating func add(checking text: String) -> Bool {
    var text = text
    return text.withUTF8 { bytes in
      add(UnsafeRawBufferPointer(bytes))
      var isClean = true
      for byte in bytes { isClean = isClean && (byte >= 32 || byte == 9) && byte != 127 }
      return isClean
    }
  }
}
