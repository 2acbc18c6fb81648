/// Takes a `multipart/form-data` body apart as it arrives: RFC 7578 and RFC 2046 §5.1. Pure: bytes in,
/// events out, and never more kept than a delimiter's length of a part's content.
struct MultipartParser {
  enum Event: Equatable {
    case part(HeaderFields)
    case data(ArraySlice<UInt8>)
    case endOfPart
  }
  private enum State {
    case preamble, delimiter, headers, content, done
  }
  private var state = State.preamble
  /// What came and is not consumed. A line break stands before it at first, so that the first delimiter
  /// looks like every other.
  private var pending: [UInt8] = [13, 10]
  private let delimiter: [UInt8]
  private static let headerLimit = 16_384
  private static let paddingLimit = 1024

  init(boundary: String) { delimiter = Array("\r\n--\(boundary)".utf8) }

  /// Whether the closing delimiter has come.
  var isComplete: Bool { state == .done }

  /// Takes the next bytes.
  ///
  /// - Throws: ``HTTPError`` (`malformed-form`).
  mutating func feed(_ bytes: [UInt8]) throws -> [Event] {
    pending += bytes
    var events: [Event] = [], position = 0
    while try step(&position, &events) {}
    pending.removeFirst(position)
    return events
  }

  /// - Returns: Whether there may be more to do with what is there.
  private mutating func step(_ position: inout Int, _ events: inout [Event]) throws -> Bool {
    switch state {
    case .preamble, .content:
      let end = find(delimiter, from: position)
      // What could be the beginning of a delimiter stays.
      let safe = end ?? max(position, pending.count - delimiter.count + 1)
      if state == .content, safe > position { events.append(.data(pending[position..<safe])) }
      position = safe
      guard end != nil else { return false }
      if state == .content { events.append(.endOfPart) }
      position += delimiter.count
      state = .delimiter
      return true
    case .delimiter:
      // White space, then a line break or the two dashes of the end.
      var index = position
      while index < pending.count, pending[index] == 32 || pending[index] == 9 { index += 1 }
      guard index - position <= Self.paddingLimit else { throw fault("Too much white space follows a boundary.") }
      guard index + 1 < pending.count else { return false }
      if pending[index] == 45, pending[index + 1] == 45 {
        position = pending.count
        state = .done
        return false
      }
      guard pending[index] == 13, pending[index + 1] == 10 else { throw fault("A boundary is followed by other text.") }
      position = index + 2
      state = .headers
      return true
    case .headers:
      guard let end = headerEnd(from: position) else {
        if pending.count - position > Self.headerLimit { throw fault("The header of a part is too long.") }
        return false
      }
      events.append(.part(try headers(pending[position..<end.fields])))
      position = end.content
      state = .content
      return true
    case .done:
      position = pending.count
      return false
    }
  }

  /// Where the fields end and the content begins.
  private func headerEnd(from start: Int) -> (fields: Int, content: Int)? {
    if pending.count >= start + 2, pending[start] == 13, pending[start + 1] == 10 {
      // No fields at all. The content's own delimiter begins with a line break, which may be this one.
      return (start, start + 2)
    }
    return find([13, 10, 13, 10], from: start).map { ($0, $0 + 4) }
  }
  private func headers(_ bytes: ArraySlice<UInt8>) throws -> HeaderFields {
    guard let text = String(validating: bytes, as: UTF8.self) else { throw fault("The header of a part is not UTF-8.") }
    var fields = HeaderFields()
    for line in text.split(separator: "\r\n") {
      guard let colon = line.firstIndex(of: ":") else { throw fault("A line of a part's header has no colon.") }
      fields.append(line[..<colon].trimmed, line[line.index(after: colon)...].trimmed)
    }
    return fields
  }
  private func find(_ needle: [UInt8], from start: Int) -> Int? {
    let last = pending.count - needle.count
    guard start <= last else { return nil }
    return pending.withUnsafeBufferPointer { bytes in
      var index = start
      outer: while index <= last {
        if bytes[index] != needle[0] {
          index += 1
          continue
        }
        for offset in 1..<needle.count where bytes[index + offset] != needle[offset] {
          index += 1
          continue outer
        }
        return index
      }
      return nil
    }
  }
  private func fault(_ message: String) -> HTTPError { HTTPError(.malformedForm, message) }
}
