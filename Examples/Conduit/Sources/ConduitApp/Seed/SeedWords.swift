// The words that example data is made of. Nothing here but lists.

/// A subject that people write about, with the words that go with it.
struct SeedTopic: Sendable {
  var tags: [String]
  var things: [String]
  var deeds: [String]
}

enum SeedWords {
  static let firstNames = [
    "ada", "amara", "ben", "bruna", "chen", "clara", "dalia", "dmitri", "elif", "emeka", "farah", "finn", "grace", "hana",
    "hugo", "ines", "ivan", "jonas", "kaia", "karim", "lena", "luca", "mei", "mila", "nadia", "noor", "olu", "oskar",
    "paulo", "priya", "quinn", "rafael", "rosa", "sami", "sofia", "tariq", "una", "viktor", "yara", "zeynep",
  ]
  static let lastNames = [
    "abebe", "acosta", "bauer", "berg", "castro", "cohen", "dahl", "diaz", "eriksen", "farouk", "fischer", "garcia", "haddad",
    "hoang", "ito", "jansen", "kaur", "kim", "kowalski", "larsen", "lopez", "marino", "meyer", "mensah", "novak", "okafor",
    "oliveira", "park", "petrov", "quist", "rossi", "sato", "silva", "singh", "tanaka", "ueda", "vargas", "weber", "yilmaz",
    "zhou",
  ]
  static let bios = [
    "Writes about %@ before breakfast.", "Spent ten years with %@, still learning.", "%@, coffee, long walks.",
    "I break things so that you need not. Mostly %@.", "Teacher of %@. Opinions are borrowed.",
    "Notes to my future self on %@.", "Curious about %@ and everything next to it.", "",
  ]
  static let topics = [
    SeedTopic(
      tags: ["databases", "performance"], things: ["an index", "a slow query", "a migration", "a transaction", "a join"],
      deeds: ["measuring", "rewriting", "explaining", "untangling"]),
    SeedTopic(
      tags: ["swift", "backend"], things: ["a value type", "an actor", "a macro", "a result builder", "a protocol"],
      deeds: ["designing", "testing", "documenting", "taming"]),
    SeedTopic(
      tags: ["gardening", "balcony"], things: ["a tomato plant", "a compost heap", "basil", "a rain barrel", "a raised bed"],
      deeds: ["growing", "rescuing", "planning", "neglecting"]),
    SeedTopic(
      tags: ["cooking", "bread"], things: ["a sourdough starter", "a rye loaf", "miso soup", "a weeknight dinner", "focaccia"],
      deeds: ["baking", "improving", "ruining", "simplifying"]),
    SeedTopic(
      tags: ["cycling", "travel"], things: ["a night train", "a mountain pass", "a cargo bike", "a flat tyre", "a coast road"],
      deeds: ["crossing", "packing for", "repairing", "remembering"]),
    SeedTopic(
      tags: ["music", "practice"], things: ["a fugue", "an old piano", "a bass line", "a village choir", "a metronome"],
      deeds: ["learning", "hearing", "recording", "tuning"]),
    SeedTopic(
      tags: ["design", "typography"], things: ["a type scale", "an empty state", "a colour palette", "a form", "a table"],
      deeds: ["sketching", "redoing", "questioning", "shipping"]),
    SeedTopic(
      tags: ["astronomy", "science"],
      things: ["a lunar eclipse", "a home telescope", "the Perseids", "a dark sky", "a star chart"],
      deeds: ["watching", "photographing", "missing", "explaining"]),
    SeedTopic(
      tags: ["teams", "writing"], things: ["a design review", "a postmortem", "a handover", "a meeting", "a roadmap"],
      deeds: ["writing", "shortening", "surviving", "preparing"]),
  ]
  static let moreTags = ["beginners", "essay", "howto", "opinion", "tools", "history", "weekend", "mistakes"]
  static let titles = [
    "What %d %t taught me", "A short guide to %d %t", "On %d %t, again", "%D %t without regret", "Why I stopped %d %t",
    "%D %t: a field report", "Seven mistakes in %d %t", "The quiet joy of %d %t", "%D %t on a small budget",
  ]
  static let descriptions = [
    "Notes from a month of %d %t.", "What nobody told me about %d %t.", "The long version, with pictures in words.",
    "It is simpler than it looks, and harder than it sounds.", "For everyone who is about to start %d %t.",
  ]
  static let sentences = [
    "The first attempt at %d %t took a whole weekend and proved nothing.",
    "Most advice on %d %t is about tools; most trouble is about habits.",
    "I kept a log, and the log was kinder than my memory.",
    "A friend looked at it for one minute and saw what I had missed for a week.",
    "There is a rule of thumb, and there are the days on which it fails.", "Start with the smallest thing that can go wrong.",
    "What helped was writing down the question before looking for an answer.",
    "The second time it took an hour, and I knew why.", "If you only remember one thing about %t, let it be patience.",
    "None of this is new, but it was new to me.", "Measure first; the guess was wrong three times out of four.",
    "When in doubt, leave it out and see who complains.",
  ]
  static let headings = ["How it began", "What went wrong", "What I would do today", "Numbers", "A list, because lists are read"]
  static let comments = [
    "This is exactly what I needed today, thank you.", "I disagree about the second part, but well said.",
    "Did you try it without the last step?", "Saved for the weekend.", "We had the same experience at work.",
    "Could you write more about the numbers?", "The part about habits rings true.", "I laughed, then I checked my own.",
    "Small correction: it depends on the season.", "Following for the next one!", "Beautifully put.",
    "I have been doing it wrong for years, it seems.", "Is there a version of this for beginners?",
  ]
}
