import MartletSQL

/// A function that needs a window: ``over(partition:order:frame:)`` makes it an expression.
public struct WindowFunction<V>: Sendable {
  let call: WindowCall

  /// The function over the rows of the same partition, in an order.
  ///
  /// ```swift
  /// Post.query.select { ($0.title, rank().over(partition: $0.author.id, order: $0.views.desc)) }
  /// ```
  public func over<each P>(partition: repeat Expr<each P>, order: Ordering..., frame: WindowFrame? = nil) -> Expr<V> {
    var keys: [Node] = []
    for key in repeat each partition { keys.append(key.node) }
    return .init(.custom(WindowNode(function: .call(call), partition: keys, orders: order, frame: frame)))
  }
}

extension Expr {
  /// An aggregate over the rows around each row, which stay apart: `$0.views.sum.over(partition: $0.author.id)`.
  ///
  /// With an order and no frame, the rows up to the current one and its peers: a running total.
  public func over<each P>(partition: repeat Expr<each P>, order: Ordering..., frame: WindowFrame? = nil) -> Expr<V> {
    guard node.isPlainAggregate else {
      return .init(
        .invalid(
          ORMError(.invalidExpression, "over(…) goes on an aggregate such as $0.views.sum, or on rowNumber() and its kin")))
    }
    var keys: [Node] = []
    for key in repeat each partition { keys.append(key.node) }
    return .init(.custom(WindowNode(function: .aggregate(node), partition: keys, orders: order, frame: frame)))
  }
}

extension Node {
  /// Whether it is an aggregate itself, not something computed from one.
  var isPlainAggregate: Bool {
    switch self {
    case .aggregate: true
    case .custom(let node): node is AggregateNode
    default: false
    }
  }
}

/// A window function's name and arguments.
struct WindowCall: Sendable {
  var name: String
  var arguments: [Node] = []
  /// What stands in the place of a row that is not there (`LAG`, `LEAD`).
  var absent: Node?
  var type: ColumnType?
  var isNullable = false
  /// Whether the function looks at a frame.
  var hasFrame = false
}

/// `function OVER (PARTITION BY … ORDER BY … frame)`.
struct WindowNode: ExpressionNode {
  enum Function: Sendable {
    case call(WindowCall)
    case aggregate(Node)
  }
  let function: Function
  let partition: [Node]
  let orders: [Ordering]
  let frame: WindowFrame?

  /// The operands of the function itself.
  private var own: [Node] {
    switch function {
    case .call(let call): call.arguments + (call.absent.map { [$0] } ?? [])
    case .aggregate(let node): node.children
    }
  }
  var children: [Node] { own + partition + orders.map(\.node) }
  func with(children: [Node]) -> any ExpressionNode {
    let mine = Array(children.prefix(own.count)), keys = children.dropFirst(own.count)
    var copy = function
    switch function {
    case .call(var call):
      if call.absent != nil { call.absent = mine.last }
      call.arguments = Array(mine.prefix(call.arguments.count))
      copy = .call(call)
    case .aggregate(.aggregate(let aggregate, let arguments, let distinct, let filter)):
      copy = .aggregate(
        .aggregate(aggregate, Array(mine.prefix(arguments.count)), distinct: distinct, filter: filter == nil ? nil : mine.last))
    case .aggregate(.custom(let node)): copy = .aggregate(.custom(node.with(children: mine)))
    case .aggregate: break
    }
    return WindowNode(
      function: copy, partition: Array(keys.prefix(partition.count)),
      orders: zip(orders, keys.dropFirst(partition.count)).map { $0.on($1) }, frame: frame)
  }
  var type: ColumnType? {
    switch function {
    case .call(let call): call.type
    case .aggregate(let node): Scope.type(of: node)
    }
  }
  var isNullable: Bool {
    switch function {
    case .call(let call): call.isNullable
    case .aggregate(let node): Scope.isNullable(node)
    }
  }

  func write(in scope: Scope) throws {
    let builder = scope.builder
    let window = try builder.capture { try writeWindow(scope) }
    switch function {
    case .aggregate(let node):
      scope.over = window
      try scope.writeExpression(node)
      guard scope.takeOver() == nil else {
        throw ORMError(.invalidExpression, "this aggregate cannot have a window")
      }
    case .call(let call):
      guard let absent = call.absent else { return try write(call.name, call.arguments, window, scope) }
      guard builder.dialect.name == "mariadb" else { return try write(call.name, call.arguments + [absent], window, scope) }
      // LAG and LEAD have no third argument there: whether the row is there, is asked by a constant.
      builder.write("CASE WHEN ")
      try write(call.name, [.raw([.sql("1")], .int)] + call.arguments.dropFirst(), window, scope)
      builder.write(" IS NULL THEN ")
      try scope.writeExpression(absent)
      builder.write(" ELSE ")
      try write(call.name, call.arguments, window, scope)
      builder.write(" END")
    }
  }

  private func write(_ name: String, _ arguments: [Node], _ window: String, _ scope: Scope) throws {
    try scope.writeCall(name, arguments)
    scope.builder.write(" OVER (" + window + ")")
  }

  private func writeWindow(_ scope: Scope) throws {
    let builder = scope.builder
    if !partition.isEmpty {
      builder.write("PARTITION BY ")
      try builder.list(partition) { try scope.writeExpression($0) }
    }
    let order = try builder.capture { try builder.writeOrder(orders, scope) }
    builder.write(partition.isEmpty ? String(order.drop { $0 == " " }) : order)
    if let frame { builder.write(" " + (try frame.sql(builder))) }
  }
}
