import Martlet

@Model(table: "fortune")
struct Fortune {
  var id: ID
  @Field(maxLength: 2048) var message: String

  /// All of them and one more, by their texts, escaped.
  static func page(_ db: Database) async throws -> HTML {
    var fortunes = try await Fortune.query.all(db)
    fortunes.append(Fortune(id: 0, message: "Additional fortune added at request time."))
    fortunes.sort { $0.message < $1.message }
    let rows: [HTML] = fortunes.map { "<tr><td>\($0.id)</td><td>\($0.message)</td></tr>" }
    return """
      <!DOCTYPE html><html><head><title>Fortunes</title></head><body><table><tr><th>id</th><th>message</th></tr>\(rows)</table>\
      </body></html>
      """
  }
}

@Model(table: "item")
struct Item {
  var id: ID
  var title: String
  var quantity: Int
  var price: Double
  var active: Bool
  var created: Date

  /// The first rows, by their keys. The JSON is written from the cells: no model is made.
  static func list(_ count: Int, _ db: Database) async throws -> Response {
    let items = try await Item.query.order { $0.id.asc }.limit(count).json(db) { item, json in
      json.value("id", item.id)
      json.value("title", item.title)
      json.value("quantity", item.quantity)
      json.value("price", item.price)
      json.value("active", item.active)
      json.value("created", item.created)
    }
    return .json(bytes: items.bytes)
  }
}
