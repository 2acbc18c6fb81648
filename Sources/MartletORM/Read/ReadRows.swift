import MartletCore
import MartletSQL

/// The rows of one level as JSON texts in one buffer, with gaps where the rows of lists belong.
struct ReadRows: Sendable {
  private struct Gap: Sendable {
    var place: Int
    var list: Int
    /// The owner's place among the list's owners; `nil` where there is none.
    var owner: Int?
  }
  /// The owners of one list, each once, and their rows as chains of places.
  struct Children: Sendable {
    var owners: [[SQLValue]] = []
    private var places: [[SQLValue]: Int] = [:]
    var rows = ReadRows(lists: 0)
    var first: [Int32] = []
    private var last: [Int32] = []
    var next: [Int32] = []

    mutating func place(of owner: [SQLValue]) -> Int {
      if let place = places[owner] { return place }
      places[owner] = owners.count
      owners.append(owner)
      first.append(-1)
      last.append(-1)
      return owners.count - 1
    }
    /// Says that the row that was added last belongs to an owner.
    mutating func link(to owner: [SQLValue]) {
      let row = Int32(next.count)
      next.append(-1)
      guard let place = places[owner] else { return }
      if first[place] < 0 { first[place] = row } else { next[Int(last[place])] = row }
      last[place] = row
    }
  }
  private var json: JSONWriter
  private var starts: [Int] = []
  private var gaps: [Gap] = []
  private var gapStarts: [Int] = []
  var children: [Children]
  /// What each row's cells behind its JSON hold, where the plan asks for it.
  var captured: [[SQLValue]] = []

  init(lists: Int) {
    json = JSONWriter(capacity: 512)
    children = (0..<lists).map { _ in Children() }
  }

  var count: Int { starts.count }

  // MARK: Reading

  mutating func add(_ row: inout Row, _ level: ReadLevel) throws {
    json.beginText()
    starts.append(json.count)
    gapStarts.append(gaps.count)
    // Objects of joined rows stand inside of others.
    var models: [any Model] = [], index = 0
    while index < level.steps.count {
      let (piece, step) = level.steps[index]
      json.piece(level.text, piece)
      switch step {
      case .cell(let form?, let place): if !row.writePlain(form, to: &json) { try level.cells[place](&row, &json) }
      case .cell(nil, let place): try level.cells[place](&row, &json)
      case .presence(let hasKey, let hasCondition, let cells, let steps):
        if try !isPresent(&row, hasKey, hasCondition) {
          json.null()
          row.skip(cells)
          index += steps
        }
      case .list(let list):
        let key = try level.lists[list].owner.map { try $0.read(&row) }
        let place = key.contains(where: \.isNull) ? nil : children[list].place(of: key)
        gaps.append(Gap(place: json.gap(), list: list, owner: place))
      case .model(let place): models.append(try level.models[place](&row))
      case .endModel: models.removeLast()
      case .written(let place): if let model = models.last { try level.written[place](model, &json) }
      case .end: break
      }
      index += 1
    }
  }

  private func isPresent(_ row: inout Row, _ hasKey: Bool, _ hasCondition: Bool) throws -> Bool {
    var isThere = true
    if hasKey {
      isThere = !row.nextIsNull
      row.skip(1)
    }
    guard hasCondition else { return isThere }
    if row.skipNull() { return false }
    let holds = try row.bool()
    return isThere && holds
  }

  // MARK: Size

  /// How many rows the text of each row holds, itself and those of its lists, however often they stand there.
  func weights() -> [Int] {
    let lists = children.map { $0.weights() }
    return (0..<count).map { row in
      gaps[gapStarts[row]..<(row + 1 < count ? gapStarts[row + 1] : gaps.count)].reduce(1) { sum, gap in
        let inside = gap.owner.map { lists[gap.list][$0] } ?? 0
        return sum.addingReportingOverflow(inside).overflow ? .max : sum + inside
      }
    }
  }

  // MARK: Writing

  /// The bytes of all rows' own JSON: at least so many are written.
  var byteCount: Int { json.count }

  /// Hands out the bytes of one row, its lists included, a piece after the other.
  func write(_ row: Int, _ append: (UnsafeRawBufferPointer) -> Void) {
    json.withBytes { bytes in
      var place = starts[row]
      let end = row + 1 < count ? starts[row + 1] : bytes.count
      for gap in gaps[gapStarts[row]..<(row + 1 < count ? gapStarts[row + 1] : gaps.count)] {
        append(UnsafeRawBufferPointer(rebasing: bytes[place..<gap.place]))
        place = gap.place
        children[gap.list].write(gap.owner, append)
      }
      append(UnsafeRawBufferPointer(rebasing: bytes[place..<end]))
    }
  }
}

extension ReadRows.Children {
  /// The same for the rows of each owner.
  fileprivate func weights() -> [Int] {
    let each = rows.weights()
    return first.map { start in
      var sum = 0, row = start
      while row >= 0 {
        let (next, overflow) = sum.addingReportingOverflow(each[Int(row)])
        sum = overflow ? .max : next
        row = self.next[Int(row)]
      }
      return sum
    }
  }

  fileprivate func write(_ owner: Int?, _ append: (UnsafeRawBufferPointer) -> Void) {
    Self.brackets.withUnsafeBytes { brackets in
      append(UnsafeRawBufferPointer(rebasing: brackets[..<1]))
      var row = owner.map { first[$0] } ?? -1, isFirst = true
      while row >= 0 {
        if !isFirst { append(UnsafeRawBufferPointer(rebasing: brackets[2...])) }
        isFirst = false
        rows.write(Int(row), append)
        row = next[Int(row)]
      }
      append(UnsafeRawBufferPointer(rebasing: brackets[1..<2]))
    }
  }
  private static let brackets: [UInt8] = [UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: ",")]
}
