import MartletSQL
import Testing

@testable import MartletORM

@Model(app: "test", table: "test_edge")
private struct Edge {
  var id: ID
  var source: Ref<Edge>
  var target: Ref<Edge>
  var weight: Int

  static let constraints = MartletORM.constraints(Edge.self) {
    check("no_loop", $0.source.id != $0.target.id)
    check("weight", $0.weight > 0)
    check("foreign", $0.source.weight > 0)
  }
}

@Suite("Conditions of constraints")
struct ConstraintConditionTests {
  @Test("a check names its table's columns, foreign keys too, without an alias")
  func names() throws {
    let dialect = SQLiteDialect()
    #expect(try Edge.constraints[0].conditionSQL(dialect) == #""source_id" <> "target_id""#)
    #expect(try Edge.constraints[1].conditionSQL(dialect) == #""weight" > 0"#)
    #expect(throws: ORMError.self) { try Edge.constraints[2].conditionSQL(dialect) }
  }
}
