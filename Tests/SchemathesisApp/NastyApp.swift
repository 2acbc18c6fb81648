import Martlet
import MartletMigrations

// Twelve models behind one API that uses every feature of resources: what Tests/Schemathesis/run.py asks.

@main
struct NastyApp: Backend {
  static let version = "1.0.0"
  static let name = "schemathesis-app"

  var models: Models {
    Person.self
    Country.self
    Company.self
    Passport.self
    Project.self
    Label.self
    Task.self
    Membership.self
    Audit.self
    Everything.self
    Required.self
    Optionals.self
    RESTModels.all
  }

  /// The tables are made of the models: there is no history to keep.
  var migrations: [Migration] {
    let all: [any Model.Type] = [
      Person.self, Country.self, Company.self, Passport.self, Project.self, Label.self, Task.self, Membership.self, Audit.self,
      Everything.self, Required.self, Optionals.self,
    ]
    let models = all + RESTModels.all
    return [
      Migration("0001_initial", operations: (try? MigrationPlanner.pendingOperations(models: models, migrations: [])) ?? [])
    ]
  }

  var routes: some Routes {
    NastyApp.resources.middleware(Callers())
    APIDocs("docs", info: OpenAPIInfo(title: "Twelve models", version: NastyApp.version, security: [.bearer(format: nil)]))
  }

  static var resources: REST {
    REST("api") {
      Resource(Person.self).path("people").fields {
        $0.id
        $0.name
        $0.email
        $0.isAdmin
      }.actions(.list, .create, .retrieve, .update, .replace)
      Resource(Country.self)
      Resource(Company.self).filters {
        $0.name
        $0.country.name
        $0.parent
        $0.parent.name
        $0.branches
      }.ordering {
        $0.name
        $0.parent.name
      }.pagination(.cursor).pageSize(2, max: 5).sparseFields().expand {
        $0.country
        $0.parent
        $0.branches.order { $0.name.asc }.limit(2)
      }
      Resource(Passport.self).count(.none).expand { $0.person }
      Resource(Project.self)
        .filters {
          $0.stage
          $0.budget
          $0.owner
          $0.owner.name
          $0.createdAt
          $0.labels
          $0.labels.each { $0.name }
          $0.tasks.each {
            $0.urgency
            $0.dueAt
          }
        }
        .search {
          $0.title
          $0.owner.name
          $0.labels.each { $0.name }
        }
        .filter("taskCount", "How many tasks there are") { $0.tasks.count }
        .filter("rich", "Whether the budget is large") { (project, isRich: Bool) in
          isRich ? project.budget >= 1000 : project.budget < 1000
        }
        .filter("mine", "Whether it is the caller's own") { (project, isMine: Bool, viewer) in
          isMine ? project.owner.id == viewer.id : project.owner.id != viewer.id
        }
        .ordering {
          $0.title
          $0.budget
          $0.owner.name
        }
        .order { $0.createdAt.desc }.pageSize(3, max: 10)
        .expand {
          $0.owner
          $0.company
          $0.labels
          $0.tasks.order { $0.id.desc }.limit(3)
        }
        .computed("task_count") { project, _ in project.tasks.count }
        .computed("is_mine") { project, viewer in project.owner.id == viewer.id }
        .computed("shout", from: { $0.title.uppercased() })
        .nested {
          $0.tasks
          $0.labels
        }
        .action("publish") { project, _ in project.stage = .open }
        .idempotent()
      Resource(Label.self).bulk(max: 20).exportable().pagination(.cursor)
      Resource(Task.self).readOnly { $0.isDone }.pagination(.limitOffset).count(.estimated).expand {
        $0.project
        $0.children
      }
      Resource(Membership.self).actions(.list, .retrieve, .create, .delete)
      Resource(Audit.self).readOnly()
      Resource(Everything.self).path("everything").exportable().filters {
        $0.small
        $0.huge
        $0.flag
        $0.ratio
        $0.price
        $0.code
        $0.token
        $0.day
        $0.clock
        $0.length
        $0.words
        $0.numbers
      }
      Resource(Required.self).path("required")
      Resource(Optionals.self).path("optionals").filters {
        $0.huge
        $0.text
        $0.moment
        $0.clock
        $0.stage
        $0.words
        $0.owner.name
      }
    }
  }
}

/// Who asks: `Bearer 1` is the person with the key 1, `Bearer staff` is staff. For tests alone.
struct Callers: Middleware {
  func handle(_ request: Request, next: RequestHandler) async throws -> Response {
    var request = request
    if let header = request.headers["Authorization"] {
      let token = header.split(separator: " ").dropFirst().joined()
      switch Int64(token) {
      case let key? where key > 0 && key < 10: request.viewer = Viewer(id: .int(key), name: "person \(key)")
      case nil where token == "staff": request.viewer = Viewer(id: .int(100), name: "staff", isStaff: true)
      default: throw HTTPError.unauthorized("There is no such token.", challenge: "Bearer")
      }
    }
    return try await next(request)
  }
}
