import Martlet

// Twelve models, each of which has something that an API can get wrong.

enum Stage: String, Choices { case draft, open, closed }
enum Urgency: Int, Choices { case low = 1, high = 2 }

/// The table of those who ask: the viewer's key is one of these.
@Model(app: "nasty")
struct Person {
  var id: ID
  @Field(maxLength: 40) var name: String
  @Field(maxLength: 80, unique: true) var email: String
  @Field(secret: true) var password: String = "hash"
  @Field(hidden: true) var score: Int = 0
  @Field(editable: false) var isAdmin: Bool = false
  @HasMany("owner") var projects: Many<Project>
  @HasOne var passport: One<Passport>

  static let policy = Policy(Person.self) {
    $0.allow(.read) { person, viewer in person.isAdmin == false || viewer.isStaff }
    $0.allow(.create) { _, viewer in viewer.isStaff }
    $0.allow(.update) { person, viewer in person.id == viewer.id }
  }
}

/// Text keys, given by the client.
@Model(app: "nasty", key: .text)
struct Country {
  @Field(maxLength: 4) var id: ID
  @Field(maxLength: 60, unique: true) var name: String
  static let policy = Policy(Country.self) { $0.allowAll(.read, .create, .update, .delete) }
}

/// UUID keys, and a reference to itself.
@Model(app: "nasty", key: .uuidV7)
struct Company {
  var id: ID
  @Field(maxLength: 60, index: true) var name: String
  @Relation(onDelete: .restrict) var country: Ref<Country>?
  @Relation(onDelete: .setNull) var parent: Ref<Company>?
  @HasMany("parent") var branches: Many<Company>
  static let policy = Policy(Company.self) { $0.allowAll(.read, .create, .update, .delete) }
}

/// One for each person.
@Model(app: "nasty")
struct Passport {
  var id: ID
  @OneToOne(onDelete: .cascade) var person: Ref<Person>
  @Field(maxLength: 20, unique: true) var number: String
  var validUntil: CalendarDate
  static let policy = Policy(Passport.self) {
    $0.allow(.read, .create, .update, .delete) { passport, viewer in passport.person.id == viewer.id || viewer.isStaff }
  }
}

/// Rows that some may see and others change, unique together.
@Model(app: "nasty")
struct Project {
  var id: ID
  @Field(maxLength: 60, help: "What people call it") var title: String
  var stage: Stage = .draft
  @Field(digits: (8, 2)) var budget: Decimal = 0
  @Relation(onDelete: .cascade) var owner: Ref<Person>
  @Relation(onDelete: .setNull) var company: Ref<Company>?
  @Field(autoNowAdd: true) var createdAt: Date
  @Field(autoNow: true) var changedAt: Date
  @ManyToMany var labels: Many<Label>
  @HasMany var tasks: Many<Task>

  static let constraints = Martlet.constraints(Project.self) {
    unique($0.owner.id, $0.title)
    check("budget_not_negative", $0.budget >= 0)
  }
  static let policy = Policy(Project.self) {
    $0.allow(.read) { project, viewer in project.stage != .draft || project.owner.id == viewer.id || viewer.isStaff }
    $0.allow(.create) { project, viewer in project.owner.id == viewer.id }
    $0.allow(.update, .delete) { project, viewer in project.owner.id == viewer.id && project.stage != .closed }
  }
}

/// The far side of a many-to-many relation.
@Model(app: "nasty")
struct Label {
  var id: ID
  @Field(maxLength: 20, unique: true) var name: String
  @ManyToMany(inverse: "labels") var projects: Many<Project>
  static let policy = Policy(Label.self) {
    $0.allowAll(.read)
    $0.allow(.create, .update, .delete) { _, viewer in viewer.isAuthenticated }
  }
}

/// A policy that needs rows of the database, and a tree.
@Model(app: "nasty")
struct Task {
  var id: ID
  var text: String
  var urgency: Urgency = .low
  var isDone: Bool = false
  @Field(index: true) var dueAt: Date?
  @Relation(onDelete: .cascade) var project: Ref<Project>
  @Relation(onDelete: .setNull) var parent: Ref<Task>?
  @HasMany("parent") var children: Many<Task>
  static let policy = Policy(Task.self) {
    $0.allow(.read) { task, viewer in task.project.stage != .draft || task.project.owner.id == viewer.id }
    $0.allow(.create, .update, .delete) { task, viewer in task.project.owner.id == viewer.id }
  }
}

/// A model in between, with a UUID key, that is made and deleted but never changed.
@Model(app: "nasty", key: .uuidV4)
struct Membership {
  var id: ID
  @Relation(onDelete: .cascade) var company: Ref<Company>
  @Relation(onDelete: .cascade) var person: Ref<Person>
  @Field(autoNowAdd: true) var since: Date
  static let constraints = Martlet.constraints(Membership.self) { unique($0.company.id, $0.person.id) }
  static let policy = Policy(Membership.self) {
    $0.allow(.read) { _, viewer in viewer.isAuthenticated }
    $0.allow(.create, .delete) { membership, viewer in membership.person.id == viewer.id }
  }
}

/// Nobody wrote a policy.
@Model(app: "nasty")
struct Audit {
  var id: ID
  var what: String
  var weight: Int32 = 0
}
