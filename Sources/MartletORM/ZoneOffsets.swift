import Foundation
import Synchronization

/// The offsets of a time zone from 1900 to 2100, for databases without tables of zones.
struct ZoneOffsets: Sendable {
  /// Seconds since 1970 at which the offset changes.
  let changes: [Int]
  /// The offset before the first change, and from each on.
  let offsets: [Int]

  var isUTC: Bool { offsets == [0] }

  /// The offset in seconds at a moment that is given as SQL.
  func sql(at moment: String) -> String {
    guard !changes.isEmpty else { return String(offsets[0]) }
    return "(ELT(INTERVAL(TIMESTAMPDIFF(SECOND, '1970-01-01', \(moment)), " + changes.map(String.init).joined(separator: ",")
      + ") + 1, " + offsets.map(String.init).joined(separator: ",") + ") + 0)"
  }

  private static let known = Mutex<[String: ZoneOffsets]>([:])
  static func of(_ zone: TimeZone) -> ZoneOffsets {
    known.withLock { known in
      if let offsets = known[zone.identifier] { return offsets }
      let offsets = ZoneOffsets(zone)
      known[zone.identifier] = offsets
      return offsets
    }
  }

  init(_ zone: TimeZone) {
    let start = -2_208_988_800, end = 4_102_444_800, step = 7 * 86_400
    func offset(_ second: Int) -> Int { zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(second))) }
    var changes: [Int] = [], offsets = [offset(start)]
    for second in stride(from: start + step, through: end, by: step) {
      let now = offset(second)
      guard now != offsets[offsets.count - 1] else { continue }
      var low = second - step, high = second
      while high - low > 1 {
        let middle = (low + high) / 2
        if offset(middle) == now { high = middle } else { low = middle }
      }
      changes.append(high)
      offsets.append(now)
    }
    self.changes = changes
    self.offsets = offsets
  }
}
