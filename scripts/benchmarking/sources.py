"""The Swift that is compiled for the measurement: a wide model with long filters, and many models."""

from __future__ import annotations

IMPORTS = "import Foundation\nimport MartletCore\nimport MartletORM\nimport MartletSQL\n\n"

WIDE_MODEL = """
enum Stage: String, Choices { case draft, review, published, archived }

@Model
struct Owner {
  var id: ID
  @Field(maxLength: 100) var name: String
  var isStaff: Bool = false
  var score: Double = 0
}

@Model
struct Wide {
  var id: ID
  @Field(maxLength: 200) var title: String
  @Field(maxLength: 200) var slug: String
  var body: String = ""
  var summary: String?
  var stage: Stage = .draft
  var views: Int = 0
  var likes: Int = 0
  var shares: Int = 0
  var rank: Int?
  var score: Double = 0
  var weight: Double = 1
  var ratio: Double?
  var isPinned: Bool = false
  var isHidden: Bool = false
  var isReviewed: Bool?
  var createdAt: Date
  var publishedAt: Date?
  @Relation(onDelete: .cascade) var owner: Ref<Owner>
  @Relation(onDelete: .setNull) var editor: Ref<Owner>?
}

"""

# Five filters of eight terms each: over numbers, texts, optionals, relations, and a mix with variables.
FILTERS = {
    "numbers": """$0.views > 10 && $0.likes >= 2 && $0.shares < 100 && $0.score > 0.5
      && $0.weight <= 2 && $0.views != 13 && $0.likes + $0.shares > 5 && $0.score * 2 < 100""",
    "texts": """$0.title == "Hello" || $0.title.contains("swift") || $0.slug.hasPrefix("a-") || $0.slug.hasSuffix("-z")
      || $0.body.contains("martlet") || $0.body != "" || $0.slug != "draft" || $0.title > "M\"""",
    "optionals": """$0.summary == nil && $0.rank != nil && $0.rank != 3 && $0.ratio != nil
      && $0.isReviewed == true && $0.publishedAt != nil && $0.summary != "x" && $0.isReviewed != false""",
    "relations": """$0.owner.isStaff && $0.owner.name == "Ann" && $0.owner.score > 1 && $0.editor.name != "Zed"
      && $0.owner.id == 1 && ($0.editor.isStaff == true || $0.owner.name.contains("b")) && !$0.owner.isStaff""",
    "mixed": """($0.stage == .published || $0.stage == .review) && $0.views > least && !$0.isHidden
      && $0.publishedAt <= now && $0.title.contains(text) && ($0.owner.isStaff || $0.isPinned)""",
}


def wide() -> tuple[str, dict[str, int]]:
    """The source, and the line at which each filter begins."""
    source, lines = IMPORTS + WIDE_MODEL, {}
    # The first expression of a file pays for loading the modules; it is not what is measured.
    source += "func warmUp() -> Query<Wide> {\n  Wide.filter { $0.views == 1 && $0.title == \"x\" }\n}\n\n"
    for name, filter in FILTERS.items():
        source += f"func {name}(least: Int, text: String, now: Date) -> Query<Wide> {{\n"
        lines[name] = source.count("\n") + 1
        source += f"  Wide.filter {{\n    {filter}\n  }}\n}}\n\n"
    return source, lines


def models(count: int) -> dict[str, str]:
    """Files of one model each, with twelve fields, a relation among them."""
    files = {}
    for number in range(count):
        other = f"Entity{(number + 1) % count}"
        files[f"Entity{number}.swift"] = IMPORTS + f"""@Model
struct Entity{number} {{
  var id: ID
  @Field(maxLength: 200) var title: String
  @Field(maxLength: 50, unique: true) var code: String
  var body: String = ""
  var note: String?
  var count: Int = 0
  var rank: Int?
  var score: Double = 0
  var isActive: Bool = true
  var createdAt: Date
  @Field(index: true) var seenAt: Date?
  @Relation(onDelete: .cascade) var other: Ref<{other}>
}}
"""
    return files
