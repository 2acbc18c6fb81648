import Testing

@testable import MartletHTTP

/// The fast comparisons and checks of header fields against what they mean, byte by byte.
@Suite("Bytes of header fields")
struct FieldBytesTests {
  private static func lower(_ byte: UInt8) -> UInt8 { (65...90).contains(byte) ? byte + 32 : byte }
  private static func sameByBytes(_ a: [UInt8], _ b: [UInt8]) -> Bool { a.map(lower) == b.map(lower) }

  @Test("names are equal without regard to the case of ASCII letters, and of nothing else, at every place")
  func equal() {
    // 1 to 17 bytes: below, at and beyond the words of eight.
    for length in [1, 3, 7, 8, 9, 15, 16, 17] {
      for place in Set([0, length / 2, length - 1]) {
        for byte in UInt8(0)..<128 {
          var a = [UInt8](repeating: UInt8(ascii: "x"), count: length), b = a
          a[place] = byte
          for other in [byte ^ 0x20, byte, byte &+ 1, byte ^ 0x40] where other < 128 {
            b[place] = other
            let expected = Self.sameByBytes(a, b)
            #expect(HeaderFields.equal(String(decoding: a, as: UTF8.self), String(decoding: b, as: UTF8.self)) == expected)
          }
        }
      }
    }
    #expect(!HeaderFields.equal("content-typé", "content-typÉ"))
    #expect(!HeaderFields.equal("ab", "abc"))
    #expect(HeaderFields.equal("", ""))
  }

  @Test("a value keeps every byte that RFC 9110 lets it have, and no other, at every place")
  func values() {
    for length in [1, 7, 8, 9, 17] {
      for place in Set([0, length / 2, length - 1]) {
        for byte in UInt8(0)..<128 {
          var bytes = [UInt8](repeating: UInt8(ascii: "v"), count: length)
          bytes[place] = byte
          let fields: HeaderFields = ["X": String(decoding: bytes, as: UTF8.self)]
          if byte == 127 || (byte < 32 && byte != 9) { bytes[place] = 32 }
          #expect(fields["x"] == String(decoding: bytes, as: UTF8.self))
        }
      }
    }
    #expect((["X": "grün\r\nSet-Cookie: a=b"] as HeaderFields)["x"] == "grün  Set-Cookie: a=b")
  }

  @Test("a name keeps the characters of a token alone")
  func names() {
    let tokens = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    for byte in UInt8(0)..<128 {
      let name = String(decoding: [UInt8(ascii: "a"), byte], as: UTF8.self)
      var fields = HeaderFields()
      fields.append(name, "1")
      #expect(Array(fields).first?.name == (tokens.utf8.contains(byte) ? name : "a-"))
    }
  }

  @Test("fields do after any series of changes what a plain list does")
  func changes() {
    var generator = SeededGenerator(seed: 7)
    let names = ["Host", "host", "ETag", "Vary", "VARY", "X-Request-ID", "Content-Length", "Accept", "Accepu", "accept"]
    for _ in 0..<300 {
      var fields = HeaderFields(), list: [(name: String, value: String)] = []
      for step in 0..<12 {
        let name = names.randomElement(using: &generator) ?? "", value = String(step)
        let place = list.firstIndex { $0.name.lowercased() == name.lowercased() }
        switch Int.random(in: 0..<4, using: &generator) {
        case 0:
          fields.append(name, value)
          list.append((name, value))
        case 1:
          fields[name] = value
          if let place {
            list[place] = (name, value)
            for index in list.indices.reversed() where index > place && list[index].name.lowercased() == name.lowercased() {
              list.remove(at: index)
            }
          } else {
            list.append((name, value))
          }
        case 2:
          fields.remove(name)
          list.removeAll { $0.name.lowercased() == name.lowercased() }
        default:
          fields.setDefaults([name: value, "Server": "s"], spare: 2)
          if place == nil { list.append((name, value)) }
          if !list.contains(where: { $0.name == "Server" }) { list.append(("Server", "s")) }
        }
        #expect(fields.map { "\($0.name)=\($0.value)" } == list.map { "\($0.name)=\($0.value)" })
        for name in names {
          let values = list.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
          #expect(fields[name] == (values.isEmpty ? nil : values.joined(separator: ", ")))
          #expect(fields.contains(name) == !values.isEmpty)
        }
      }
    }
  }

  @Test("fields are equal by what they hold, not by what they held")
  func equality() {
    var fields: HeaderFields = ["A": "1", "B": "2"]
    fields.remove("B")
    #expect(fields == ["A": "1"])
    #expect(Set([fields, ["A": "1"]]).count == 1)
  }
}

/// A generator that repeats itself: xorshift64.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }
}
