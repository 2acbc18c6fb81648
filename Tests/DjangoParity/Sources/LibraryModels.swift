import Martlet

// The tables of library/models.py, as a Django project would have made them.

@Model(app: "library")
struct Country {
  var id: ID
  @Field(maxLength: 2, unique: true) var code: String
  @Field(maxLength: 100) var name: String
  var population: Int?
  @HasMany var authors: Many<Author>
  @HasMany var publishers: Many<Publisher>
}

@Model(app: "library")
struct Author {
  var id: ID
  @Field(maxLength: 100) var name: String
  @Field(maxLength: 100, unique: true) var email: String
  var age: Int32?
  var rating: Double?
  var isActive: Bool = true
  var born: CalendarDate?
  var joined: Date
  var country: Ref<Country>
  @HasMany var books: Many<Book>
}

@Model(app: "library")
struct Publisher {
  var id: ID
  @Field(maxLength: 100) var name: String
  var founded: Int16?
  @Relation(onDelete: .setNull) var country: Ref<Country>?
  @HasMany var books: Many<Book>
}

@Model(app: "library")
struct Tag {
  var id: ID
  @Field(maxLength: 50, unique: true) var name: String
  @ManyToMany(inverse: "tags") var books: Many<Book>
}

@Model(app: "library")
struct Book {
  var id: ID
  @Field(maxLength: 200) var title: String
  @Field(maxLength: 20, unique: true) var isbn: String
  @Field(digits: (12, 2)) var price: Decimal
  var pages: Int16
  var published: CalendarDate?
  var inPrint: Bool?
  var blurb: String?
  var key: UUID
  var author: Ref<Author>
  @Relation(onDelete: .setNull) var publisher: Ref<Publisher>?
  @ManyToMany var tags: Many<Tag>
  @HasMany var reviews: Many<Review>
  @HasMany("book") var orderLines: Many<OrderLine>
}

@Model(app: "library")
struct Review {
  var id: ID
  var book: Ref<Book>
  @Field(maxLength: 100) var reviewer: String
  var stars: Int16
  var text: String
  var created: Date
}

@Model(app: "library")
struct Order {
  var id: ID
  @Field(maxLength: 100) var customer: String
  var placedAt: Date?
  @Field(digits: (14, 2)) var total: Decimal?
  @Field(maxLength: 10) var status: String
  @HasMany var lines: Many<OrderLine>
}

@Model(app: "library", table: "library_orderline")
struct OrderLine {
  var id: ID
  var order: Ref<Order>
  var book: Ref<Book>
  var quantity: Int32
  @Field(digits: (12, 2)) var unitPrice: Decimal
}

@Model(app: "library")
struct Employee {
  var id: ID
  @Field(maxLength: 100) var name: String
  var salary: Int
  var hired: CalendarDate
  var shift: TimeOfDay?
  var leave: Duration?
  @Relation(onDelete: .setNull) var manager: Ref<Employee>?
  @HasMany("manager") var reports: Many<Employee>
}
