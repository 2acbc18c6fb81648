import Foundation
import MartletCore
import MartletORM
import MartletREST
import MartletSQL

enum Genre: String, Choices { case drama, comedy, horror }

@Model(table: "studio")
struct Studio {
  var id: ID
  @Field(maxLength: 40) var name: String
  var isSecret: Bool = false
  @HasMany("studio") var films: Many<Film>
  static let policy = Policy(Studio.self) { $0.allow(.read) { studio, viewer in studio.isSecret == false || viewer.isStaff } }
}

/// Nobody wrote a policy.
@Model(table: "label")
struct FilmLabel {
  var id: ID
  @Field(maxLength: 40) var name: String
}

@Model(table: "film")
struct Film {
  struct Settings: Codable, Hashable, Sendable { var theme: String }
  var id: ID
  var title: String
  var genre: Genre = .drama
  var minutes: Int32 = 0
  @Field(digits: (6, 2)) var price: Decimal = 0
  var shownAt: Date?
  var day: CalendarDate = CalendarDate(daysSince1970: 0)
  var clock: TimeOfDay?
  var length: Duration = .zero
  var words: [String] = []
  var settings: JSON<Settings>?
  @Relation(onDelete: .cascade) var studio: Ref<Studio>
  @HasMany("film") var reviews: Many<Review>
  @ManyToMany var labels: Many<FilmLabel>
  static let policy = Policy(Film.self) { $0.allowAll(.read) }
}

@Model(table: "review")
struct Review {
  var id: ID
  var stars: Int32
  var text: String = ""
  var isPublic: Bool = true
  @Relation(onDelete: .cascade) var film: Ref<Film>
  @Relation(onDelete: .setNull) var studio: Ref<Studio>?
  static let policy = Policy(Review.self) { $0.allow(.read) { review, viewer in review.isPublic || viewer.isStaff } }
}

extension API {
  static let filmModels: [any Model.Type] = [Studio.self, FilmLabel.self, Film.self, Review.self]

  /// Films with every kind of filter, five to a page.
  static func films() async throws -> API {
    let api = try await API(
      REST {
        Resource(Film.self)
          .filters {
            $0.id
            $0.title
            $0.genre
            $0.minutes
            $0.price
            $0.shownAt
            $0.day
            $0.clock
            $0.length
            $0.words
            $0.studio
            $0.studio.name
            $0.labels
            $0.labels.each { $0.name }
            $0.reviews.each {
              $0.stars
              $0.studio.name
            }
          }
          .search {
            $0.title
            $0.studio.name
            $0.labels.each { $0.name }
          }
          .filter("theme") { $0.settings.json("theme").string }
          .filter("reviewCount", "How many reviews there are") { $0.reviews.count }
          .filter("long", "Whether it takes two hours or more") { (film, isLong: Bool) in
            isLong ? film.minutes >= 120 : film.minutes < 120
          }
          .filter("kind") { (film, genre: Genre) in film.genre == genre }
          .filter("visible") { (film, isVisible: Bool, viewer) in
            isVisible ? viewer.isStaff || film.studio.isSecret == false : Expr(value: true)
          }
          .pageSize(9)
      }, filmModels)
    try await FilmSample.insert(api.db)
    return api
  }
}

enum FilmSample {
  /// Alpha and Beta of Ann's studio, Gamma of Bo's, Delta of a secret one.
  static func insert(_ db: Database) async throws {
    let studios = try await Studio.insert(
      [Studio(name: "Ann & Co."), Studio(name: "Bo"), Studio(name: "Shy", isSecret: true)], db)
    let labels = try await FilmLabel.insert([FilmLabel(name: "Classic"), FilmLabel(name: "New, \"fresh\"")], db)
    func moment(_ text: String) -> Date { Date(timeIntervalSince1970: Double(TimestampText.parse(text) ?? 0) / 1_000_000) }
    let films = try await Film.insert(
      [
        Film(
          title: "Alpha Centauri", genre: .drama, minutes: 90, price: 9.5, shownAt: moment("2024-02-29T23:59:59Z"),
          day: CalendarDate("2024-02-29")!, clock: TimeOfDay("09:30:15"), length: .seconds(5400), words: ["star", "far"],
          settings: JSON(.init(theme: "dark")), studio: Ref(studios[0])),
        Film(
          title: "Beta_100%", genre: .comedy, minutes: 120, price: 12, shownAt: moment("2025-01-01T00:00:00Z"),
          day: CalendarDate("2025-01-01")!, clock: TimeOfDay("21:00"), length: .seconds(7200), words: ["star"],
          settings: JSON(.init(theme: "light")), studio: Ref(studios[0])),
        Film(
          title: "gamma (Ann), ÉTÉ", genre: .horror, minutes: 150, price: 12.25, shownAt: moment("2026-11-22T12:30:45.5Z"),
          day: CalendarDate("2026-11-22")!, length: .seconds(9000), words: [], studio: Ref(studios[1])),
        Film(title: "Delta", genre: .drama, minutes: 60, day: CalendarDate("2025-12-31")!, studio: Ref(studios[2])),
      ], db)
    try await films[0].add([labels[0]], to: { $0.labels }, db)
    try await films[1].add(labels, to: { $0.labels }, db)
    try await Review.insert(
      [
        Review(stars: 5, text: "Good", film: Ref(films[0]), studio: Ref(studios[1])),
        Review(stars: 1, film: Ref(films[0]), studio: Ref(studios[2])), Review(stars: 3, film: Ref(films[1])),
        Review(stars: 2, isPublic: false, film: Ref(films[2])),
      ], db)
  }
}
