import MartletCore
import MartletSQL

/// A ``RowShape`` made ready for rows: what to select, and the steps that turn one row's cells into JSON from left to right.
struct ReadLevel: Sendable {
  enum Step: Sendable {
    case beginObject
    case endObject
    case key(JSONKey)
    case cell(@Sendable (inout Row, inout JSONWriter) throws -> Void)
    /// Writes `null` and passes over `cells` and `steps` where the joined row is not there, or may not be seen.
    case presence(hasKey: Bool, hasCondition: Bool, cells: Int, steps: Int)
    /// A gap for the rows of a list, whose owner's key is in the next cells.
    case list(Int, owner: [CellCodec])
    /// Reads the row of the object that follows; what the app writes in it is written from this row.
    case model(@Sendable (inout Row) throws -> any Model)
    case endModel
    case written(@Sendable (any Model, inout JSONWriter) throws -> Void)
  }
  struct List: Sendable {
    var rows: ChildRows
    var level: ReadLevel
    /// Reads the owner's key from a child's first cells.
    var owner: [CellCodec]
  }
  private(set) var nodes: [Node] = []
  private(set) var steps: [Step] = []
  private(set) var lists: [List] = []

  /// The rows are objects.
  init(_ shape: RowShape) { add(shape) }
  /// The rows are values.
  init(_ node: Node, _ codec: CellCodec) { addCell(node, codec) }

  private mutating func add(_ shape: RowShape) {
    if let model = shape.model {
      nodes += model.columns
      steps.append(.model(model.read))
    }
    steps.append(.beginObject)
    for member in shape.members {
      steps.append(.key(member.key))
      switch member.content {
      case .value(let node, let codec): addCell(node, codec)
      case .object(let inner, let presence): add(inner, presence)
      case .list(let list): add(list)
      case .written(let write): steps.append(.written(write))
      }
    }
    steps.append(.endObject)
    if shape.model != nil { steps.append(.endModel) }
  }

  private mutating func addCell(_ node: Node, _ codec: CellCodec) {
    nodes.append(node)
    steps.append(.cell(codec.write))
  }

  private mutating func add(_ shape: RowShape, _ presence: RowShape.Presence?) {
    guard let presence, presence.key != nil || presence.condition != nil else { return add(shape) }
    if let key = presence.key { nodes.append(key) }
    if let condition = presence.condition { nodes.append(condition) }
    let place = steps.count
    steps.append(.endObject)  // Replaced below, when it is known how much it passes over.
    let cells = nodes.count
    add(shape)
    steps[place] = .presence(
      hasKey: presence.key != nil, hasCondition: presence.condition != nil, cells: nodes.count - cells,
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
    steps.append(.list(lists.count, owner: owner))
    lists.append(List(rows: list.rows, level: level, owner: owner))
  }
}
