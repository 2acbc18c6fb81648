import Foundation
import Synchronization

/// The text of the Date header, made once a second.
enum HTTPDateClock {
  private static let now = Mutex((second: 0, text: ""))

  static func current() -> String {
    let second = time(nil)
    return now.withLock { now in
      if now.second != second { now = (second, text(second)) }
      return now.text
    }
  }

  private static func text(_ second: Int) -> String {
    var second = second, parts = tm()
    gmtime_r(&second, &parts)
    var bytes = [CChar](repeating: 0, count: 40)
    // The process runs in the C locale.
    let count = strftime(&bytes, bytes.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
    return String(decoding: bytes.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
