import MartletCore
import MartletSQL

/// A ``RowShape`` made ready for rows: what to select, and the steps that turn one row's cells into JSON from left to right.
///
/// Brackets, names and commas between values are the same in every row: they are rendered here, once. Steps hold places in
/// lists instead of what stands there, so that to take one costs no counting of references.
struct ReadLevel: Sendable {
  typealias Write = @Sendable (inout Row, inout JSONWriter) throws -> Void
  enum Step: Sendable {
    /// Writes a cell: as a plain one, or by a place in ``cells``.
    case cell(PlainForm?, Int)
    /// Writes `null` and passes over `cells` and `steps` where the joined row is not there, or may not be seen.
    case presence(hasKey: Bool, hasCondition: Bool, cells: Int, steps: Int)
    /// A gap for the rows of a list, whose owner's key is in the next cells.
    case list(Int)
    /// Reads the row of the object that follows, by a place in ``models``; what the app writes in it is written from this row.
    case model(Int)
    case endModel
    /// Written by the app, by a place in ``written``.
    case written(Int)
    /// Nothing but the piece.
    case end
  }
  struct List: Sendable {
    var rows: ChildRows
    var level: ReadLevel
    /// Reads the owner's key from a child's first cells.
    var owner: [CellCodec]
  }
  private(set) var nodes: [Node] = []
  /// What to do, and which part of ``text`` to put before.
  private(set) var steps: [(piece: Range<Int>, step: Step)] = []
  private(set) var cells: [Write] = []
  private(set) var models: [@Sendable (inout Row) throws -> any Model] = []
  private(set) var written: [@Sendable (any Model, inout JSONWriter) throws -> Void] = []
  private(set) var lists: [List] = []
  /// All pieces.
  private(set) var text: [UInt8] = []
  private var pieceStart = 0
  private var needsComma = false

  /// The rows are objects.
  init(_ shape: RowShape) {
    add(shape)
    add(.end)
  }
  /// The rows are values.
  init(_ node: Node, _ codec: CellCodec) { addCell(node, codec) }

  private mutating func add(_ step: Step) {
    steps.append((pieceStart..<text.count, step))
    pieceStart = text.count
  }

  private mutating func add(_ shape: RowShape) {
    if let model = shape.model {
      nodes += model.columns
      models.append(model.read)
      add(.model(models.count - 1))
    }
    text.append(UInt8(ascii: "{"))
    needsComma = false
    for member in shape.members {
      // The comma is its first byte.
      text += member.key.rendered.dropFirst(needsComma ? 0 : 1)
      switch member.content {
      case .value(let node, let codec): addCell(node, codec)
      case .object(let inner, let presence): add(inner, presence)
      case .list(let list): add(list)
      case .written(let write):
        written.append(write)
        add(.written(written.count - 1))
      }
      needsComma = true
    }
    text.append(UInt8(ascii: "}"))
    if shape.model != nil { add(.endModel) }
  }

  private mutating func addCell(_ node: Node, _ codec: CellCodec) {
    nodes.append(node)
    cells.append(codec.write)
    add(.cell(codec.plain, cells.count - 1))
  }

  private mutating func add(_ shape: RowShape, _ presence: RowShape.Presence?) {
    guard let presence, presence.key != nil || presence.condition != nil else { return add(shape) }
    if let key = presence.key { nodes.append(key) }
    if let condition = presence.condition { nodes.append(condition) }
    let place = steps.count
    add(.end)  // Replaced below, when it is known how much it passes over.
    let before = nodes.count
    add(shape)
    add(.end)
    steps[place].step = .presence(
      hasKey: presence.key != nil, hasCondition: presence.condition != nil, cells: nodes.count - before,
      steps: steps.count - place - 1)
  }

  private mutating func add(_ list: ListShape) {
    let owner = list.parent.schema.primaryKeyColumns.map { $0.cell ?? .untyped }
    let level =
      switch list.element {
      case .object(let shape): ReadLevel(shape)
      case .value(let node, let codec): ReadLevel(node, codec)
      }
    nodes += Node.keyColumns(of: list.parent)
    add(.list(lists.count))
    lists.append(List(rows: list.rows, level: level, owner: owner))
  }
}
